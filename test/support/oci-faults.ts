import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";

const JSON_TYPE = "application/json";
const BOMB = 64 * 1024 * 1024;

/** What the test registry does wrong. */
export type OciFault =
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** Answers rightly, but later. */
  | { readonly kind: "delay"; readonly milliseconds: number }
  /** Takes the request and says nothing, ever. */
  | { readonly kind: "stall" }
  /** Sends headers and the first bytes, then nothing more. */
  | { readonly kind: "stall-body" }
  /** Sends data without end. */
  | { readonly kind: "endless" }
  /** Sends these bytes in place of the right ones. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array | string; readonly mediaType?: string }
  /** Announces 1000 bytes, sends 10 and hangs up. */
  | { readonly kind: "truncated" }
  | { readonly kind: "redirect"; readonly to: string; readonly status?: 301 | 302 | 307 | 308 }
  /** 64 MiB of zeros, gzip-coded whether the client accepts that or not. */
  | { readonly kind: "gzip-bomb" }
  /** Closes the socket without an answer. */
  | { readonly kind: "hang-up" }
  /** Answers rightly, with these headers added. */
  | { readonly kind: "headers"; readonly headers: Readonly<Record<string, string>> };

type Reply = Extract<OciFault, { kind: "status" | "bytes" | "redirect" | "gzip-bomb" }>;
const REPLIES: readonly string[] = ["status", "bytes", "redirect", "gzip-bomb"];

/** Which requests a fault meets. */
export interface FaultMatch {
  /** Text that the path contains, or a pattern of it. */
  readonly path: string | RegExp;
  readonly method?: string;
  /** Whether requests for `/v2/` itself are meant, and no others. */
  readonly ping?: true;
  /** How often; without end where absent. */
  readonly times?: number;
}

/** The faults of one registry. */
export interface OciFaults {
  readonly add: (match: FaultMatch, fault: OciFault) => void;
  readonly clear: () => void;
  /** Applies the first fault that matches; true where the request has had its answer. */
  readonly apply: (request: IncomingMessage, response: ServerResponse) => Promise<boolean>;
}

interface Rule {
  readonly match: FaultMatch;
  readonly fault: OciFault;
  left: number;
}

/** No faults yet. */
export function createOciFaults(): OciFaults {
  const rules: Rule[] = [];

  function take(request: IncomingMessage): OciFault | undefined {
    const rule = rules.find(({ match, left }) => left > 0 && matches(match, request));
    if (rule !== undefined) rule.left -= 1;
    return rule?.fault;
  }

  return {
    add: (match, fault) => void rules.push({ match, fault, left: match.times ?? Number.POSITIVE_INFINITY }),
    clear: () => void rules.splice(0),
    async apply(request, response) {
      const fault = take(request);
      return fault === undefined ? false : await misbehave(fault, response);
    },
  };
}

function matches({ path, method, ping }: FaultMatch, request: IncomingMessage): boolean {
  const url = request.url ?? "";
  if ((url === "/v2/") !== (ping === true)) return false;
  if (method !== undefined && method !== request.method) return false;
  return typeof path === "string" ? url.includes(path) : path.test(url);
}

async function misbehave(fault: OciFault, response: ServerResponse): Promise<boolean> {
  if (fault.kind === "delay") await new Promise((resolve) => setTimeout(resolve, fault.milliseconds));
  else if (fault.kind === "headers") setHeaders(fault.headers, response);
  else answer(fault, response);
  return fault.kind !== "delay" && fault.kind !== "headers";
}

function setHeaders(headers: Readonly<Record<string, string>>, response: ServerResponse): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function answer(fault: Exclude<OciFault, { kind: "delay" | "headers" }>, response: ServerResponse): void {
  if (isReply(fault)) reply(fault, response);
  else breakOff(fault.kind, response);
}

function isReply(fault: OciFault): fault is Reply {
  return REPLIES.includes(fault.kind);
}

function reply(fault: Reply, response: ServerResponse): void {
  switch (fault.kind) {
    case "status":
      response.writeHead(fault.status, fault.headers).end(fault.body);
      break;
    case "bytes":
      response.writeHead(200, { "content-type": fault.mediaType ?? JSON_TYPE }).end(fault.bytes);
      break;
    case "redirect":
      response.writeHead(fault.status ?? 307, { location: fault.to }).end();
      break;
    case "gzip-bomb":
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(Buffer.alloc(BOMB)));
      break;
  }
}

function breakOff(
  kind: "endless" | "truncated" | "stall" | "stall-body" | "hang-up",
  response: ServerResponse,
): void {
  if (kind === "endless") stream(response);
  if (kind === "hang-up") response.destroy();
  if (kind === "stall-body" || kind === "truncated") response.writeHead(200, { "content-length": 1000 });
  if (kind === "stall-body") response.write("{");
  if (kind === "truncated") response.write("0123456789", () => response.destroy());
}

/** Writes as fast as the client reads, until it goes away. */
function stream(response: ServerResponse): void {
  const chunk = Buffer.alloc(64 * 1024, " ");
  response.writeHead(200, { "content-type": JSON_TYPE });
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on("drain", more);
  more();
}
