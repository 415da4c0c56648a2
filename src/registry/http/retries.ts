import { setTimeout as wait } from "node:timers/promises";

import { asFault, type Fault } from "../../core/index.ts";
import type { RegistryLimits } from "../settings.ts";
import { deadlineFault, isLostConnection } from "./failures.ts";
import type { Exchange, HttpAnswer, HttpRequest } from "./http.ts";

const RETRIED: readonly number[] = [429, 502, 503, 504];
const FIRST_WAIT = 200;

/**
 * Tries again after 429, 502, 503, 504 and lost connections, a bounded number of times, waiting as `Retry-After`
 * says (RFC 9110 §10.2.3) where that is short enough, else 200 ms and twice as long each time. The last answer
 * is. Throws Fault `deadline/exceeded` where the caller's time ends during a wait.
 */
export function retry(exchange: Exchange, limits: RegistryLimits, now: () => Date): Exchange {
  return async (request) => {
    for (let tries = 0; ; tries += 1) {
      const outcome = await attempt(exchange, request);
      const pause = tries < limits.retries ? pauseAfter(outcome, tries, now()) : undefined;
      if (pause === undefined || pause > limits.retryWaitMilliseconds) return settle(outcome);
      await rest(pause, request);
    }
  };
}

type Outcome = { readonly answer: HttpAnswer } | { readonly fault: Fault };

async function attempt(exchange: Exchange, request: HttpRequest): Promise<Outcome> {
  try {
    return { answer: await exchange(request) };
  } catch (error) {
    return { fault: asFault(error) };
  }
}

function settle(outcome: Outcome): HttpAnswer {
  if ("fault" in outcome) throw outcome.fault;
  return outcome.answer;
}

/** Milliseconds to wait before the next try, or undefined where there is no point in one. */
function pauseAfter(outcome: Outcome, tries: number, now: Date): number | undefined {
  // A kept connection may have been closed just now: the first new one is made at once.
  if ("fault" in outcome) return isLostConnection(outcome.fault) ? FIRST_WAIT * tries : undefined;
  const usual = FIRST_WAIT * 2 ** tries;
  if (!RETRIED.includes(outcome.answer.status)) return undefined;
  return retryAfter(outcome.answer.headers["retry-after"], now) ?? usual;
}

/** Milliseconds that a `Retry-After` header asks for: seconds or an HTTP date. */
function retryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const until = Date.parse(header);
  return Number.isNaN(until) ? undefined : Math.max(0, until - now.getTime());
}

async function rest(milliseconds: number, { signal, url }: HttpRequest): Promise<void> {
  try {
    await wait(milliseconds, undefined, { signal });
  } catch (error) {
    throw deadlineFault(url.host, error);
  }
}
