const DEFAULT_MS = 10_000;
const MIN_MARGIN_MS = 300;
const MARGIN = 0.1;

/**
 * How long the gate may think, ms: what the API server says it will wait (`?timeout=10s`), less a tenth and at least
 * 300 ms, so that the answer is the gate's own sentence. Anything else than 1 to 30 whole seconds reads as 10.
 * Source: Kubernetes, "Dynamic Admission Control", timeouts.
 */
export function decisionBudgetMs(timeout: unknown): number {
  const seconds = typeof timeout === "string" ? /^([1-9]|[12]\d|30)s$/.exec(timeout)?.[1] : undefined;
  const total = seconds === undefined ? DEFAULT_MS : Number(seconds) * 1000;
  return total - Math.max(MIN_MARGIN_MS, total * MARGIN);
}

/** When a review began to arrive, as performance.now() counts, and what the API server says of how long it waits. */
export interface Due {
  readonly arrivedMs: number;
  readonly timeout: unknown;
}

/** What `work` gives, whose signal aborts when the answer to its review is due. */
export async function untilDue<T>(
  { arrivedMs, timeout }: Due,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  // Not AbortSignal.timeout: that one lives on for seconds after a warm answer, thousands of them under load.
  const due = new AbortController();
  const leftMs = decisionBudgetMs(timeout) - (performance.now() - arrivedMs);
  const timer = setTimeout(() => due.abort(), Math.max(0, leftMs)).unref();
  try {
    return await work(due.signal);
  } finally {
    clearTimeout(timer);
  }
}
