/**
 * A map that forgets its oldest entry past `max`, for keys that come from outside. Unlike an LRU cache it reserves nothing for
 * entries that it may never have, and reading does not keep an entry alive.
 */
export interface BoundedMap<V> {
  readonly get: (key: string) => V | undefined;
  /** An entry that is set again is the newest. */
  readonly set: (key: string, value: V) => void;
  readonly delete: (key: string) => void;
}

/** An empty map of at most `max` entries. */
export function createBoundedMap<V>(max: number): BoundedMap<V> {
  const entries = new Map<string, V>();
  return {
    get: (key) => entries.get(key),
    delete: (key) => void entries.delete(key),
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      const [oldest] = entries.keys();
      if (entries.size > max && oldest !== undefined) entries.delete(oldest);
    },
  };
}
