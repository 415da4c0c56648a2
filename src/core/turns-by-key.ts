/** Runs work of one key one after the other, in the order of the calls; a failure does not stop the next. */
export type TurnsByKey = <T>(key: string, work: () => Promise<T>) => Promise<T>;

/** Empty turns. Nothing is kept for a key whose work is done. */
export function createTurnsByKey(): TurnsByKey {
  const last = new Map<string, Promise<unknown>>();
  return async (key, work) => {
    const own = (last.get(key) ?? Promise.resolve()).then(work, work);
    last.set(key, own);
    try {
      return await own;
    } finally {
      if (last.get(key) === own) last.delete(key);
    }
  };
}
