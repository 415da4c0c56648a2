import type { Reply } from "./reply.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What GitHub allows. Source: docs.github.com, "Rate limits for the REST API". */
const PRIMARY = 15_000;
const POINTS = 900;
const CONTENT_A_MINUTE = 80;
const CONTENT_AN_HOUR = 500;

/** Requests that a client made, on the fake's clock. */
export interface Limits {
  /** The refusal of a request that is one too many. */
  readonly take: (isContent: boolean, now: number) => Reply | undefined;
  /** How often a limit was met. */
  readonly met: () => number;
}

export function createLimits(): Limits {
  let requests: { at: number; points: number; content: boolean }[] = [];
  let primary = { from: 0, used: 0 };
  let met = 0;
  const since = (now: number, ms: number) => requests.filter(({ at }) => at > now - ms);
  return {
    met: () => met,
    take(content, now) {
      if (now - primary.from >= HOUR) primary = { from: now, used: 0 };
      primary.used += 1;
      if (primary.used > PRIMARY) {
        met += 1;
        const reset = Math.ceil((primary.from + HOUR) / 1000);
        return refusal("API rate limit exceeded", {
          "x-ratelimit-remaining": "0",
          "x-ratelimit-reset": String(reset),
        });
      }
      const points = content ? 5 : 1;
      const spent = since(now, MINUTE).reduce((sum, each) => sum + each.points, points);
      const made = (ms: number) => since(now, ms).filter((each) => each.content).length + (content ? 1 : 0);
      if (spent > POINTS || made(MINUTE) > CONTENT_A_MINUTE || made(HOUR) > CONTENT_AN_HOUR) {
        met += 1;
        return refusal("You have exceeded a secondary rate limit", { "retry-after": "60" });
      }
      requests = since(now, HOUR).filter((each) => each.content || each.at > now - MINUTE);
      requests.push({ at: now, points, content });
      return undefined;
    },
  };
}

function refusal(message: string, headers: Record<string, string>): Reply {
  return { status: 403, body: { message }, headers };
}
