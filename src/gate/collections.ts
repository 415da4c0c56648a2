import { type Evidence, type Fault } from "../core/index.ts";
import { collect, type Collection, recall } from "./collect.ts";
import type { GateDeps } from "./ports.ts";
import { Room } from "./room.ts";
import { createSingleFlight } from "./single-flight.ts";
import { createTroubles } from "./troubles.ts";
import { Turns } from "./turns.ts";

/** Evidence, and why it is older than it should be where it is. */
export interface Found {
  readonly evidence: Evidence;
  readonly staleBecause?: Fault;
}

/** Collections under way, and what failed lately. */
export interface Collections {
  /**
   * Joins the one under way, or begins one. Where a registry gives nothing and nothing older is known, what was kept
   * over a restart has to do. Throws faults; with something older at once that of the last one, where it failed lately.
   */
  readonly collect: (collection: Collection, options: { readonly hasOlder: boolean }) => Promise<Found>;
  /** Begins one that nobody waits for, unless there is much to do or the last one failed lately. */
  readonly collectBehind: (collection: Collection) => void;
  /** Whether there is so much to do at a registry that nothing is begun for which nobody waits. */
  readonly isBusy: (collection: Collection) => boolean;
  /** Remembers that one gave nothing, or nothing in time. */
  readonly failed: (key: string, error: unknown) => Fault;
}

/** Collections with a bound on how many run and wait at once; `keep` takes what they bring. */
export function createCollections(
  deps: GateDeps,
  keep: (key: string, evidence: Evidence) => void,
): Collections {
  const troubles = createTroubles(deps);
  const flights = createSingleFlight<Found>();
  const turns = new Turns(deps.limits.collections, deps.observer.waiting);
  const room = new Room(deps.limits.room);
  const isBusy = ({ query }: Collection): boolean => turns.isBusy(query.image.registry);

  function run(collection: Collection, hasOlder: boolean): Promise<Found> {
    const { key, query } = collection;
    return flights.run(flightKey(collection), async () => {
      try {
        const evidence = await turns.run(query.image.registry, () => collect(deps, collection, room));
        troubles.forget(key);
        keep(key, evidence);
        return { evidence };
      } catch (error) {
        const evidence = hasOlder ? undefined : await recall(deps, collection);
        if (evidence === undefined) throw error;
        keep(key, evidence);
        return { evidence, staleBecause: troubles.remember(key, error) };
      }
    });
  }

  return {
    collect: (collection, { hasOlder }) => {
      const known = hasOlder ? troubles.lately(collection.key) : undefined;
      return known === undefined ? run(collection, hasOlder) : Promise.reject(known);
    },
    collectBehind: (collection) => {
      if (isBusy(collection) || troubles.lately(collection.key) !== undefined) return;
      run(collection, true).catch((error: unknown) => troubles.remember(collection.key, error));
    },
    isBusy,
    failed: troubles.remember,
  };
}

/** Who needs all must not be given a part, and one workload's missing pull secret must not fail another's collection. */
function flightKey({ key, query: { takesPart, access } }: Collection): string {
  const { namespace, serviceAccount, pullSecrets } = access;
  return JSON.stringify([key, takesPart, namespace, serviceAccount, pullSecrets]);
}
