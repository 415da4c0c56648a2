import { createBoundedMap } from "./bounded-map.ts";

const REST_MILLISECONDS = 30_000;

/** Which mirrors have failed lately, so that a dead one does not cost each image its time. */
export interface MirrorHealth {
  readonly isUsable: (mirror: string) => boolean;
  /** Leaves the mirror alone for 30 seconds. */
  readonly failed: (mirror: string) => void;
}

/** All mirrors are usable. */
export function createMirrorHealth(now: () => Date): MirrorHealth {
  const resting = createBoundedMap<number>(256);
  return {
    isUsable: (mirror) => (resting.get(mirror) ?? 0) <= now().getTime(),
    failed: (mirror) => resting.set(mirror, now().getTime() + REST_MILLISECONDS),
  };
}
