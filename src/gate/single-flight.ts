import { Fault } from "../core/index.ts";

/** Shares one run of a task among all who ask for the same key while it is under way. */
export interface SingleFlight<T> {
  /** Joins the run under `key`, or starts `task`. Throws Fault deadline/exceeded where `most` runs are under way. */
  readonly run: (key: string, task: () => Promise<T>) => Promise<T>;
  /** Whether half of what is allowed is under way: then nothing is begun that nobody waits for. */
  readonly isBusy: () => boolean;
}

/** A single flight that allows `most` runs at once: what is above is told to come again rather than queued without end. */
export function createSingleFlight<T>(most: number): SingleFlight<T> {
  const flights = new Map<string, Promise<T>>();
  return {
    run: (key, task) => {
      const joined = flights.get(key);
      if (joined !== undefined) return joined;
      if (flights.size >= most) {
        return Promise.reject(new Fault("deadline/exceeded", `the gate is busy with ${most} other images`));
      }
      const flight = task().finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
    isBusy: () => flights.size * 2 >= most,
  };
}

/** `promise`, or a fault deadline/exceeded as soon as `signal` aborts; the promise itself goes on. */
export async function before<T>(signal: AbortSignal, promise: Promise<T>, doing: string): Promise<T> {
  const late = (): Fault => new Fault("deadline/exceeded", `still ${doing} when the answer was due`);
  if (signal.aborted) {
    promise.catch(() => undefined); // its failure has no reader left
    throw late();
  }
  const due = Promise.withResolvers<never>();
  const onAbort = (): void => due.reject(late());
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, due.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
