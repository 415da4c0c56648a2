import { asFault, Fault } from "../../core/index.ts";
import type { GateDeps } from "../ports.ts";

/** What went wrong lately, by key: faults are no evidence, and are only kept from being looked for again at once. */
export interface RecentFailures {
  /** The fault under a key, while it is younger than limits.retryAfterMs. */
  readonly lately: (key: string) => Fault | undefined;
  /** Remembers a failure, unless one stands there already: it would never be tried again. */
  readonly remember: (key: string, error: unknown) => Fault;
  readonly forget: (key: string) => void;
}

/** Not the fault itself: its cause and stack hold several KiB, and a registry that is down makes one for every image. */
type Trouble = Pick<Fault, "code" | "message"> & { readonly at: Date };

/** Remembers troubles as long as they are recent, and at most as many as there may be evidence. */
export function createTroubles({ limits, now }: Pick<GateDeps, "limits" | "now">): RecentFailures {
  /** In the order in which they came. */
  const known = new Map<string, Trouble>();
  // A clock that was set back must not make a trouble last.
  const isRecent = ({ at }: Trouble): boolean =>
    Math.abs(now().getTime() - at.getTime()) < limits.retryAfterMs;
  const lately = (key: string): Fault | undefined => {
    const trouble = known.get(key);
    return trouble !== undefined && isRecent(trouble) ? new Fault(trouble.code, trouble.message) : undefined;
  };
  const forgetOld = (): void => {
    for (const [key, trouble] of known) {
      if (isRecent(trouble) && known.size < limits.cacheEntries) return;
      known.delete(key);
    }
  };
  return {
    lately,
    remember: (key, error) => {
      const fault = asFault(error);
      if (lately(key) !== undefined) return fault;
      known.delete(key);
      forgetOld();
      known.set(key, { code: fault.code, message: fault.message, at: now() });
      return fault;
    },
    forget: (key) => void known.delete(key),
  };
}
