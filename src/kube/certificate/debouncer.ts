/** Wakes one sleeper. */
export interface Debouncer {
  readonly ring: () => void;
  /** Ends after `ms`, or a moment after it was rung (before or while it waits), or at once when it is over. */
  readonly wait: (ms: number) => Promise<void>;
}

/** A debouncer that gathers what is rung within `gatheringMs`; `over` ends every wait. */
export function createDebouncer(gatheringMs: number, over: AbortSignal): Debouncer {
  let isRung = false;
  let wake: (() => void) | undefined;
  const ring = (): void => {
    isRung = true;
    wake?.();
  };
  const until = (ms: number): Promise<void> => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    wake = () => {
      clearTimeout(timer);
      resolve();
    };
    if (over.aborted) wake();
    return promise;
  };
  over.addEventListener("abort", () => wake?.(), { once: true });
  return {
    ring,
    async wait(ms) {
      if (!isRung) await until(ms);
      if (isRung && !over.aborted) {
        isRung = false;
        await new Promise((resolve) => setTimeout(resolve, gatheringMs));
      }
      isRung = false;
    },
  };
}
