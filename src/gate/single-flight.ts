import { Fault } from "../core/index.ts";

/** Shares one run of a task among all who ask for the same key while it is under way. */
export interface SingleFlight<T> {
  /** Joins the run under `key`, or starts `task`. */
  readonly run: (key: string, task: () => Promise<T>) => Promise<T>;
}

/** A single flight; how many run at once is the tasks' own affair. */
export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Promise<T>>();
  return {
    run: (key, task) => {
      const joined = flights.get(key);
      if (joined !== undefined) return joined;
      const flight = task().finally(() => flights.delete(key));
      flights.set(key, flight);
      return flight;
    },
  };
}

/** The fault of what was not done when the answer was due. */
export function lateFault(doing: string): Fault {
  return new Fault("deadline/exceeded", `still ${doing} when the answer was due`);
}

/** `promise`, or a fault deadline/exceeded as soon as `signal` aborts; the promise itself goes on. */
export async function before<T>(signal: AbortSignal, promise: Promise<T>, doing: string): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined); // its failure has no reader left
    throw lateFault(doing);
  }
  const due = Promise.withResolvers<never>();
  const onAbort = (): void => due.reject(lateFault(doing));
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([promise, due.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
