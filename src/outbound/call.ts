import { Agent, type Dispatcher, request } from "undici";

import { boundedBytes } from "../core/index.ts";
import { failureKind } from "./failure-kind.ts";
import { NO_FORWARD_PROXY, type ProxyFor } from "./forward-proxy.ts";
import { createForwarding } from "./forwarding.ts";

const LIMIT_MS = 15_000;
const MAX_BYTES = 8 * 1024 * 1024;

/** A call to a service of other people that came to nothing. Its message holds neither token nor address. */
export class OutboundError extends Error {
  override readonly name = "OutboundError";
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** HTTP status; absent where there was no answer. */
  readonly status?: number;

  /** `message` is one clause. */
  constructor(message: string, retryable: boolean, status?: number) {
    super(message);
    this.retryable = retryable;
    if (status !== undefined) this.status = status;
  }
}

/** One call. */
export interface Call {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Completes "could not …", without anything secret. */
  readonly doing: string;
}

/** Sends calls. */
export interface Outbound {
  /** The answer's text; every status but 2xx is an OutboundError. */
  readonly send: (call: Call) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** Sends bounded calls, each within 15 seconds, and follows no redirect: a token must not travel. */
export function createOutbound(proxyFor: ProxyFor = NO_FORWARD_PROXY): Outbound {
  const pool = { allowH2: false };
  const direct = new Agent({ ...pool, connect: { timeout: LIMIT_MS } });
  const { dispatcherFor, destroy } = createForwarding(direct, { proxyFor, pool, timeoutMs: LIMIT_MS });
  return {
    send: async ({ method, url, headers, body, doing }) => {
      try {
        const answer = await request(url, {
          dispatcher: dispatcherFor(new URL(url)),
          method,
          headers: { "user-agent": "mc-gate", "content-type": "application/json", ...headers },
          body: body === undefined ? null : JSON.stringify(body),
          signal: AbortSignal.timeout(LIMIT_MS),
        });
        const text = await textOf(answer);
        if (answer.statusCode >= 200 && answer.statusCode < 300) return text;
        throw refusal(answer, doing);
      } catch (error) {
        throw error instanceof OutboundError
          ? error
          : new OutboundError(`could not ${doing}: ${failureKind(error)}`, true);
      }
    },
    close: destroy,
  };
}

/** HTTPS, or plain HTTP to this machine. Throws OutboundError, without the address. */
export function checkedUrl(text: string, what: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isLocal = url?.protocol === "http:" && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url === undefined || (url.protocol !== "https:" && !isLocal))
    throw new OutboundError(`${what} is not an https address`, false);
  return text.replace(/\/$/, "");
}

/** GitHub says 403 where too much was asked, too. Source: docs.github.com, "Rate limits for the REST API". */
function refusal({ statusCode, headers }: Dispatcher.ResponseData, doing: string): OutboundError {
  const isLimited = headers["x-ratelimit-remaining"] === "0" || headers["retry-after"] !== undefined;
  const retryable = statusCode >= 500 || statusCode === 429 || (statusCode === 403 && isLimited);
  return new OutboundError(`could not ${doing}: HTTP ${statusCode}`, retryable, statusCode);
}

async function textOf({ body }: Dispatcher.ResponseData): Promise<string> {
  const bytes = await boundedBytes(body, MAX_BYTES);
  if (bytes === undefined) throw new OutboundError(`the answer is larger than ${MAX_BYTES} bytes`, false);
  return bytes.toString("utf8");
}
