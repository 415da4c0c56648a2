import { Fault } from "../../core/index.ts";
import { Patience } from "./patience.ts";

/** A look-up under way, and whether it waits for its registry or for the gate. */
export interface Flight<T> {
  readonly result: Promise<T>;
  readonly patience: Patience;
}

/** Shares one run of a task among all who ask for the same key while it is under way. */
export interface SingleFlight<T> {
  /** Joins the run under `key`, or starts `task`. */
  readonly run: (key: string, task: (patience: Patience) => Promise<T>) => Flight<T>;
}

/** A single flight; how many run at once is the tasks' own affair. */
export function createSingleFlight<T>(): SingleFlight<T> {
  const flights = new Map<string, Flight<T>>();
  return {
    run: (key, task) => {
      const joined = flights.get(key);
      if (joined !== undefined) return joined;
      const patience = new Patience();
      const flight = { patience, result: task(patience).finally(() => flights.delete(key)) };
      flights.set(key, flight);
      return flight;
    },
  };
}

/** What is being done while evidence is looked up, for faults. */
export const COLLECTING = "collecting signatures and attestations";

/** The fault of what was not done when the answer was due: an overload where a limit of the gate is what it waited for. */
export function lateFault(doing: string, patience?: Patience): Fault {
  const own = patience?.waitsFor;
  if (own !== undefined) return new Fault("limits/overloaded", `still waiting for ${own} at the deadline`);
  return new Fault("deadline/exceeded", `still ${doing} at the deadline`);
}
