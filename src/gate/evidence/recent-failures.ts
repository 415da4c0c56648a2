import { asFault, Fault } from "../../core/index.ts";
import type { GateDeps } from "../ports.ts";

/** What went wrong lately, by key: faults are not evidence, and are only kept from being looked for again at once. */
export interface RecentFailures {
  /** The fault under a key, while it is younger than limits.retryAfterMs. */
  readonly lately: (key: string) => Fault | undefined;
  /** Remembers a failure, unless one is there already: it would never be tried again. */
  readonly remember: (key: string, error: unknown) => Fault;
  readonly forget: (key: string) => void;
}

/** Not the fault itself: its cause and stack hold several KiB, and a registry that is down makes one for every image. */
type Failure = Pick<Fault, "code" | "message"> & { readonly at: Date };

/** Remembers failures as long as they are recent, and at most as many as there may be evidence. */
export function createRecentFailures({ limits, now }: Pick<GateDeps, "limits" | "now">): RecentFailures {
  /** In the order in which they came. */
  const known = new Map<string, Failure>();
  // A clock that was set back must not make a failure last.
  const isRecent = ({ at }: Failure): boolean =>
    Math.abs(now().getTime() - at.getTime()) < limits.retryAfterMs;
  const lately = (key: string): Fault | undefined => {
    const failure = known.get(key);
    return failure !== undefined && isRecent(failure) ? new Fault(failure.code, failure.message) : undefined;
  };
  const forgetOld = (): void => {
    for (const [key, failure] of known) {
      if (isRecent(failure) && known.size < limits.cacheEntries) return;
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
