import type { Evidence, Fault, ImageRef, PullAccess } from "../core/index.ts";
import { ageOf } from "./age.ts";
import { collect, type Collection, recall } from "./collect.ts";
import type { Claimant, FairScheduler } from "./fair-scheduler.ts";
import type { GateDeps } from "./ports.ts";
import { type Completed, withNewer } from "./registry-gaps.ts";
import { Room } from "./room.ts";
import { createSingleFlight } from "./single-flight.ts";
import { createTroubles } from "./troubles.ts";

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
  readonly failed: (collection: Collection, error: unknown) => Fault;
}

/** What collections work with. */
export interface CollectionsOptions {
  /** What is known under a key, and takes what they bring. */
  readonly kept: {
    readonly get: (key: string) => Evidence | undefined;
    readonly set: (key: string, evidence: Evidence) => unknown;
  };
  /** Gives each its turn. */
  readonly scheduler: FairScheduler;
}

/** No collections are under way. */
export function createCollections(deps: GateDeps, { kept, scheduler }: CollectionsOptions): Collections {
  const troubles = createTroubles(deps);
  const flights = createSingleFlight<Found>();
  const room = new Room(deps.limits.room);
  const failed = (about: Collection, error: unknown): Fault => troubles.remember(troubleKey(about), error);
  const isBusy = ({ query }: Collection): boolean => scheduler.isBusy({ host: query.image.registry });

  function run(collection: Collection, hasOlder: boolean): Promise<Found> {
    const { key, query } = collection;
    return flights.run(flightKey(collection), async () => {
      try {
        const newer = await scheduler.run(claimantOf(query), (onFetched) =>
          collect(deps, collection, { room, onFetched }),
        );
        const { evidence, gap } = await completed(newer, collection, { deps, kept });
        kept.set(key, evidence);
        if (gap === undefined) troubles.forget(troubleKey(collection));
        return { evidence, ...(gap && { staleBecause: failed(collection, gap) }) };
      } catch (error) {
        const evidence = hasOlder ? undefined : await recall(deps, collection);
        if (evidence === undefined) throw error;
        kept.set(key, evidence);
        return { evidence, staleBecause: failed(collection, error) };
      }
    });
  }

  return {
    collect: (collection, { hasOlder }) => {
      const known = hasOlder ? troubles.lately(troubleKey(collection)) : undefined;
      return known === undefined ? run(collection, hasOlder) : Promise.reject(known);
    },
    collectBehind: (collection) => {
      if (isBusy(collection) || troubles.lately(troubleKey(collection)) !== undefined) return;
      run(collection, true).catch((error: unknown) => failed(collection, error));
    },
    isBusy,
    failed,
  };
}

/** Whose share a look-up takes: that of the namespace that asks, whose credentials it uses, too. */
export function claimantOf({
  image,
  access,
}: {
  readonly image: Pick<ImageRef, "registry">;
  readonly access: PullAccess;
}): Claimant {
  return { namespace: access.namespace ?? "", host: image.registry };
}

/** What failed with one workload's credentials must not keep another's from being tried. */
function troubleKey({ key, query: { access } }: Collection): string {
  const { namespace, serviceAccount, pullSecrets } = access;
  return JSON.stringify([key, namespace, serviceAccount, pullSecrets]);
}

/** Where a registry gave less than before, older evidence completes it. */
async function completed(
  newer: Evidence,
  collection: Collection,
  { deps, kept }: { readonly deps: GateDeps; readonly kept: CollectionsOptions["kept"] },
): Promise<Completed | { readonly evidence: Evidence; readonly gap?: undefined }> {
  if (newer.gaps.every(({ code }) => code === "limits/exceeded")) return { evidence: newer };
  const older = kept.get(collection.key) ?? (await recall(deps, collection));
  const isUsable = older !== undefined && ageOf(older, deps.now()) <= deps.limits.staleLimitMs;
  const completedOne = isUsable && older.isPartial !== true ? withNewer(older, newer) : undefined;
  return completedOne ?? { evidence: newer };
}

/** Who needs all must not be given a part, and one workload's missing pull secret must not fail another's collection. */
function flightKey({ key, query: { takesPart, access } }: Collection): string {
  const { namespace, serviceAccount, pullSecrets } = access;
  return JSON.stringify([key, takesPart, namespace, serviceAccount, pullSecrets]);
}
