const KEPT_MS = 60_000;
const FAILURE_KEPT_MS = 10_000;
const MAX_ENTRIES = 256;

/** Answers that are kept for a minute; whoever asks meanwhile shares the one question. */
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
  const entries = new Map<string, Entry<T>>();
  return {
    get(key, task) {
      const kept = entries.get(key);
      const at = now().getTime();
      if (kept !== undefined && at < kept.until) return kept.answer;
      const entry: Entry<T> = { answer: task(), until: at + KEPT_MS };
      entry.answer.catch(() => (entry.until = at + FAILURE_KEPT_MS));
      entries.delete(key);
      entries.set(key, entry);
      const [oldest] = entries.keys();
      if (entries.size > MAX_ENTRIES && oldest !== undefined) entries.delete(oldest);
      return entry.answer;
    },
  };
}
