/** Runs work, unless too much of it is under way: then undefined, at once. */
export type Door = <T>(work: () => Promise<T>) => Promise<T | undefined>;

/** A door through which at most `most` may be at once. */
export function createDoor(most: number): Door {
  let inside = 0;
  return async (work) => {
    if (inside >= most) return undefined;
    inside += 1;
    try {
      return await work();
    } finally {
      inside -= 1;
    }
  };
}
