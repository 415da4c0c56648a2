import { createBoundedMap } from "../core/index.ts";

const KEPT_MS = 60_000;
const FAILURE_KEPT_MS = 10_000;
const MAX_ENTRIES = 256;

/** Answers that are kept for a minute; anyone who asks meanwhile shares the one question. */
export interface ShortCache<T> {
  /** The kept answer, or that of `task`. A failure is kept too, for ten seconds, and rejects for all who ask. */
  readonly get: (key: string, task: () => Promise<T>) => Promise<T>;
}

interface Entry<T> {
  readonly answer: Promise<T>;
  until: number;
}

/** An empty cache of at most 256 answers; past that the oldest goes. */
export function createShortCache<T>(now: () => Date): ShortCache<T> {
  const entries = createBoundedMap<Entry<T>>(MAX_ENTRIES);
  return {
    get(key, task) {
      const kept = entries.get(key);
      const at = now().getTime();
      if (kept !== undefined && at < kept.until) return kept.answer;
      const entry: Entry<T> = { answer: task(), until: at + KEPT_MS };
      entry.answer.catch(() => (entry.until = at + FAILURE_KEPT_MS));
      entries.set(key, entry);
      return entry.answer;
    },
  };
}
