import { FairShare } from "../core/index.ts";

/** Runs someone's work, unless too much of it is under way: then undefined, at once. */
export type ConcurrencyLimit = <T>(who: string, work: () => Promise<T>) => Promise<T | undefined>;

/** A limit of `most` at once; no one takes the share of others. */
export function createConcurrencyLimit(most: number): ConcurrencyLimit {
  const inside = new FairShare(most);
  return async (who, work) => {
    if (!inside.take(who)) return undefined;
    try {
      return await work();
    } finally {
      inside.give(who);
    }
  };
}
