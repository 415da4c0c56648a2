import { createBoundedMap, type Fault } from "../core/index.ts";

const REST_MILLISECONDS = 30_000;
const MAX = 4096;

/** Which mirrors have failed lately for one share, so that a dead one does not cost each image its time. */
export interface MirrorHealth {
  readonly isUsable: (mirror: string) => boolean;
  /** Leaves the mirror alone for 30 seconds, unless it has only refused to show something. */
  readonly failed: (mirror: string, fault: Fault) => void;
}

/**
 * All mirrors are usable. Each share finds out by itself: anyone who names images that a mirror fails over must not
 * take it from others, whose registry may be out of reach.
 */
export function createMirrorHealth(now: () => Date): (share: string) => MirrorHealth {
  const resting = createBoundedMap<number>(MAX);
  return (share) => {
    const keyOf = (mirror: string): string => JSON.stringify([share, mirror]);
    return {
      isUsable: (mirror) => (resting.get(keyOf(mirror)) ?? 0) <= now().getTime(),
      failed: (mirror, { code }) => {
        if (code !== "registry/forbidden") resting.set(keyOf(mirror), now().getTime() + REST_MILLISECONDS);
      },
    };
  };
}
