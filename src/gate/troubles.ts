import { LRUCache } from "lru-cache";

import { asFault, type Fault } from "../core/index.ts";
import type { GateDeps } from "./ports.ts";

/** What went wrong lately, by key: faults are no evidence, and are only kept from being looked for again at once. */
export interface Troubles {
  /** The fault under a key, while it is younger than limits.retryAfterMs. */
  readonly lately: (key: string) => Fault | undefined;
  /** Remembers a failure, unless one stands there already: it would never be tried again. */
  readonly remember: (key: string, error: unknown) => Fault;
  readonly forget: (key: string) => void;
}

/** Remembers as many troubles as there may be evidence. */
export function createTroubles({ limits, now }: Pick<GateDeps, "limits" | "now">): Troubles {
  const known = new LRUCache<string, { readonly fault: Fault; readonly at: Date }>({
    max: limits.cacheEntries,
  });
  const lately = (key: string): Fault | undefined => {
    const { fault, at } = known.get(key) ?? {};
    // A clock that was set back must not make a trouble last.
    const isRecent = at !== undefined && Math.abs(now().getTime() - at.getTime()) < limits.retryAfterMs;
    return isRecent ? fault : undefined;
  };
  return {
    lately,
    remember: (key, error) => {
      const fault = asFault(error);
      if (lately(key) === undefined) known.set(key, { fault, at: now() });
      return fault;
    },
    forget: (key) => void known.delete(key),
  };
}
