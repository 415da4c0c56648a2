/** An abort of one's own that follows someone else's. */
export interface LinkedAbort {
  readonly signal: AbortSignal;
  readonly abort: (reason: Error) => void;
  /** Aborts as a TimeoutError so long after this call; only the first call counts, and none once the work is done. */
  readonly abortAfter: (milliseconds: number) => void;
  /** Follows no longer, and has no timer left; to be called when the work is done. */
  readonly release: () => void;
}

/**
 * An abort that happens with the source's, after `milliseconds` as a TimeoutError, or before. AbortSignal.any would do, but what
 * it makes of a signal with a timeout stays in memory for ever where another one is made of that (seen in Node 24.21).
 */
export function linkAbort(source: AbortSignal, milliseconds?: number): LinkedAbort {
  const own = new AbortController();
  const follow = (): void => abort(source.reason as Error);
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  const release = (): void => {
    isOver = true;
    clearTimeout(timer);
    source.removeEventListener("abort", follow);
  };
  function abort(reason: Error): void {
    release();
    own.abort(reason);
  }
  function abortAfter(most: number): void {
    if (isOver) return;
    const late = (): void => abort(new DOMException(`it took longer than ${most} ms`, "TimeoutError"));
    timer ??= setTimeout(late, most).unref();
  }
  if (source.aborted) follow();
  else source.addEventListener("abort", follow, { once: true });
  if (milliseconds !== undefined) abortAfter(milliseconds);
  return { signal: own.signal, abort, abortAfter, release };
}
