import { boundedBytes, parseJson } from "../../core/index.ts";
import type { Pace } from "./pace.ts";

const LIMIT_MS = 30_000;
const MAX_BYTES = 32 * 1024 * 1024;
const MAX_REDIRECTS = 3;

/** What a fetch is made of. */
export interface FetchOptions {
  /** The only origin that is ever asked: the token must not travel. */
  readonly origin: string;
  readonly pace: Pace;
}

/** The part of `fetch` that Octokit calls. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * A `fetch` for Octokit: paced, bounded in bytes and time, to one origin only. An answer that was cut short is a failure of
 * the connection, which is retried, and never half a list.
 */
export function createFetch({ origin, pace }: FetchOptions): Fetch {
  const once = async (url: URL, init: RequestInit): Promise<Response> => {
    if (url.origin !== origin) throw new Error("GitHub refers to another host");
    await pace.take(costOf(url, init));
    const answer = await fetch(url, {
      ...init,
      redirect: "manual",
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    return whole(answer);
  };
  return async (text, init) => {
    let url = new URL(text);
    for (let redirects = 0; ; redirects += 1) {
      const answer = await once(url, init);
      const location = answer.headers.get("location");
      const isRead = (init.method ?? "GET") === "GET";
      if (!isRead || location === null || answer.status < 300 || answer.status >= 400) return answer;
      if (redirects === MAX_REDIRECTS) throw new Error("too many redirects");
      url = new URL(location, url);
    }
  };
}

function costOf(
  { pathname }: URL,
  { method = "GET", body }: RequestInit,
): { points: number; content: number } {
  const isQuery = pathname.endsWith("/graphql") && typeof body === "string" && !body.includes("mutation");
  const isWrite = method !== "GET" && method !== "HEAD" && !isQuery;
  return isWrite ? { points: 5, content: 1 } : { points: 1, content: 0 };
}

/** Reads an answer to its end. */
async function whole(answer: Response): Promise<Response> {
  const bytes =
    answer.body === null
      ? Buffer.alloc(0)
      : await boundedBytes(answer.body as AsyncIterable<Uint8Array>, MAX_BYTES);
  if (bytes === undefined) throw new Error(`the answer is larger than ${MAX_BYTES} bytes`);
  const text = bytes.toString("utf8");
  if (answer.ok && text !== "" && answer.headers.get("content-type")?.includes("json") === true)
    parseJson(text);
  const headers = new Headers(answer.headers);
  setReset(headers);
  const isBodiless = answer.status === 204 || answer.status === 304;
  return new Response(isBodiless ? null : text, { status: answer.status, headers });
}

/** When a limit ends, on this machine's clock: GitHub says it on its own, which `date` shows. */
function setReset(headers: Headers): void {
  const reset = Number(headers.get("x-ratelimit-reset"));
  const date = Date.parse(headers.get("date") ?? "");
  if (!Number.isFinite(reset) || reset === 0 || Number.isNaN(date)) return;
  const waitMs = Math.min(Math.max(0, reset * 1000 - date), 3_600_000);
  headers.set("x-ratelimit-reset", String(Math.ceil((Date.now() + waitMs) / 1000)));
}
