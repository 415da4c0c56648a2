import { createBoundedMap } from "../core/index.ts";

const TOLD_AGAIN_AFTER_MS = 10 * 60_000;
const MAX_REMEMBERED = 256;
const BURST = 10;
const ONE_MORE_EACH_MS = 30_000;

/** How much may still be told. */
export interface EventBudget {
  /** Whether this may be told at this time, in milliseconds; a yes is counted. */
  readonly take: (key: string, at: number) => boolean;
}

/** A full budget: the same once in ten minutes, of all ten at once and one more each 30 seconds. */
export function createEventBudget(): EventBudget {
  const told = createBoundedMap<number>(MAX_REMEMBERED);
  let left = BURST;
  let filledAt = -Infinity;
  const fill = (at: number): void => {
    if (filledAt === -Infinity) filledAt = at;
    const more = Math.max(Math.floor((at - filledAt) / ONE_MORE_EACH_MS), 0);
    left = Math.min(BURST, left + more);
    filledAt += more * ONE_MORE_EACH_MS;
  };
  return {
    take(key, at) {
      fill(at);
      const before = told.get(key);
      if (left === 0 || (before !== undefined && at - before < TOLD_AGAIN_AFTER_MS)) return false;
      left -= 1;
      told.set(key, at);
      return true;
    },
  };
}
