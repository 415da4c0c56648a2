import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What a registry's front does instead of handing a request on. */
export type Fault = "429" | "500" | "garbage" | "500 after it was done";

/** A registry as `mc` sees it: everything goes through here, is counted, and now and then goes wrong. */
export interface Front {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Of a hundred requests, how many go wrong. */
  percent: number;
  /** Images whose attachments cannot be read, by the hexadecimal part of their digests. */
  readonly sick: Set<string>;
  /** Requests that change something. */
  writes: number;
  readonly faults: Record<Fault, number>;
  readonly stop: () => Promise<void>;
}

const KINDS = ["429", "500", "garbage", "500 after it was done"] as const;

/** Starts a front of a registry on loopback. */
export async function startFront(registry: string): Promise<Front> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  let count = 0;
  const server = createServer((asked, response) => {
    const isWrite = asked.method !== "GET" && asked.method !== "HEAD";
    if (isWrite) front.writes += 1;
    if (isSick(asked, front.sick)) {
      response.writeHead(500).end();
      return;
    }
    count += 1;
    const fault = faultAt(count, front, isWrite);
    if (fault === undefined || fault === "500 after it was done")
      forward({ asked, response }, { registry, agent, isKept: fault === undefined });
    else {
      asked.resume();
      fail(fault, response);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const front: Front = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    percent: 0,
    sick: new Set(),
    writes: 0,
    faults: { "429": 0, "500": 0, garbage: 0, "500 after it was done": 0 },
    stop: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
  return front;
}

/** Evenly spread, and each kind as often: the n-th request fails where n percent of them are due. */
function faultAt(count: number, { percent, faults }: Front, isWrite: boolean): Fault | undefined {
  if (Math.floor((count * percent) / 100) === Math.floor(((count - 1) * percent) / 100)) return undefined;
  const rarest = KINDS.slice(0, isWrite ? 4 : 3).toSorted((a, b) => faults[a] - faults[b])[0]!;
  faults[rarest] += 1;
  return rarest;
}

interface Exchange {
  readonly asked: IncomingMessage;
  readonly response: ServerResponse;
}

interface Onward {
  readonly registry: string;
  readonly agent: Agent;
  /** Whether the answer is handed back; else it is 500, whatever became of the request. */
  readonly isKept: boolean;
}

function forward({ asked, response }: Exchange, { registry, agent, isKept }: Onward): void {
  const [host = "", port = ""] = registry.split(":");
  const { method, url: path, headers } = asked;
  const onward = request({ agent, host, port, method, path, headers }, (answer) => {
    if (isKept) {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    } else answer.resume().on("end", () => response.writeHead(500).end());
  });
  onward.on("error", () => response.destroy());
  response.on("close", () => onward.destroy());
  asked.pipe(onward);
}

function isSick({ url = "" }: IncomingMessage, sick: ReadonlySet<string>): boolean {
  const [, hex = ""] = /\/(?:referrers\/sha256:|manifests\/sha256-)([0-9a-f]{64})/.exec(url) ?? [];
  return sick.has(hex);
}

function fail(kind: Exclude<Fault, "500 after it was done">, response: ServerResponse): void {
  if (kind === "429") response.writeHead(429, { "retry-after": "1" }).end();
  else if (kind === "500") response.writeHead(500).end();
  else response.writeHead(200, { "content-type": "application/vnd.oci.image.index.v1+json" }).end("<html>");
}
