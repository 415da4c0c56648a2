import {
  asFault,
  type Evidence,
  type Fault,
  type Gap,
  type ImageRef,
  type PullAccess,
  repositoryName,
} from "../../core/index.ts";
import type { GateDeps } from "../ports.ts";
import { ageOf } from "./age.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { collect, type Collection, type EvidenceQuery, loadStored } from "./collect.ts";
import type { Claimant, FairScheduler } from "./fair-scheduler.ts";
import { type KeptEvidence, scopeOf } from "./kept-evidence.ts";
import { Patience } from "./patience.ts";
import { createRecentFailures } from "./recent-failures.ts";
import { type Completed, isFailedPlace, isNotGiven, withNewer } from "./registry-gaps.ts";
import { createSingleFlight, type Flight } from "./single-flight.ts";

const FILES = "what was kept of it in files (evidence.folder)";

/** Evidence, and why it is older than it should be where it is. */
export interface Found {
  readonly evidence: Evidence;
  /** Whether its registry may show more to who asks than it has shown to others: then it refuses nothing. */
  readonly isOfOthers?: true;
  readonly staleBecause?: Fault;
}

/** Collections under way, and what failed lately. */
export interface Collections {
  /**
   * Joins the one under way, or begins one. Where a registry gives nothing and nothing older is known, what was kept
   * over a restart is used. Throws faults; with something older at once that of the last one, where it failed lately.
   */
  readonly collect: (collection: Collection, options: { readonly hasOlder: boolean }) => Flight<Found>;
  /** Begins one that no one waits for, unless there is much to do or the last one failed lately. */
  readonly collectBehind: (collection: Collection) => void;
  /** Whether there is so much to do at a registry that nothing is begun for which no one waits. */
  readonly isBusy: (collection: Collection) => boolean;
  /** Remembers that one gave nothing, or nothing in time. */
  readonly failed: (collection: Collection, error: unknown) => Fault;
}

/** What everything that is looked up takes its part of. */
export interface SharedLimits {
  /** Gives each its turn. */
  readonly scheduler: FairScheduler;
  readonly room: ByteBudget;
}

export interface CollectionsOptions extends SharedLimits {
  /** What is known, and takes what they bring. */
  readonly kept: KeptEvidence;
}

/** No collections are under way. */
export function createCollections(
  deps: GateDeps,
  { kept, scheduler, room }: CollectionsOptions,
): Collections {
  const failures = createRecentFailures(deps);
  const flights = createSingleFlight<Found>();
  const failed = (about: Collection, error: unknown): Fault => failures.remember(failureKey(about), error);
  const isBusy = ({ query }: Collection): boolean => scheduler.isBusy({ host: query.image.registry });
  const common = { deps, kept, scheduler, room, failed };

  const run = (collection: Collection, hasOlder: boolean): Flight<Found> =>
    flights.run(flightKey(collection), async (patience) => {
      const found = await collectOnce(collection, hasOlder, { ...common, patience });
      if (found.staleBecause === undefined) failures.forget(failureKey(collection));
      return found;
    });

  return {
    collect: (collection, { hasOlder }) => {
      const known = hasOlder ? failures.lately(failureKey(collection)) : undefined;
      return known !== undefined && mayUseOlder(collection.query, known)
        ? { result: Promise.reject(known), patience: new Patience() }
        : run(collection, hasOlder);
    },
    collectBehind: (collection) => {
      if (isBusy(collection) || failures.lately(failureKey(collection)) !== undefined) return;
      run(collection, true).result.catch((error: unknown) => failed(collection, error));
    },
    isBusy,
    failed,
  };
}

interface CollectDeps extends CollectionsOptions, Pick<Collections, "failed"> {
  readonly deps: GateDeps;
  readonly patience: Patience;
}

/** What a registry gives, completed by older evidence, or that alone, where it may do. Throws faults. */
async function collectOnce(
  collection: Collection,
  hasOlder: boolean,
  collecting: CollectDeps,
): Promise<Found> {
  const { deps, kept, scheduler, room, failed, patience } = collecting;
  const { query } = collection;
  try {
    const lookUp = (onFetched: () => void): Promise<Evidence> =>
      collect(deps, collection, { room, patience, onFetched });
    const newer = await scheduler.run(claimantOf(query), lookUp, patience);
    if (newer.isSignedIn) kept.learn(collection, newer.collectedAt);
    const { evidence, gap } = await patience.during(FILES, () =>
      completed(newer, collection, { deps, kept }),
    );
    kept.set(collection, evidence);
    return { evidence, ...(gap && { staleBecause: failed(collection, gap) }) };
  } catch (error) {
    const fault = asFault(error);
    if (fault.code === "registry/forbidden") kept.learn(collection, deps.now());
    const isNeeded = !hasOlder && mayUseOlder(query, fault);
    const evidence = isNeeded ? await loadStored(deps, collection, kept) : undefined;
    if (evidence === undefined) throw error;
    kept.restore(collection, evidence);
    return { evidence, staleBecause: failed(collection, error) };
  }
}

/**
 * Whether older evidence may be used instead of what failed. Where newer evidence could turn a pass into a refusal, only where
 * it is the registry that gave none: someone who keeps the gate busy, attaches more than it reads, or breaks a pull secret
 * of theirs must not choose by which evidence an image is judged.
 */
export function mayUseOlder({ needsAllEvidence }: EvidenceQuery, failed: Pick<Fault, "code">): boolean {
  if (!needsAllEvidence) return true;
  const { code } = failed;
  return (isNotGiven(failed) && code !== "registry/forbidden") || code === "deadline/exceeded";
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
function failureKey({ query: { image, wants, access }, trust: { generation } }: Collection): string {
  return JSON.stringify([repositoryName(image), image.digest, generation, wants, scopeOf(access)]);
}

/** Where a registry gave less than before, older evidence completes it. */
async function completed(
  newer: Evidence,
  collection: Collection,
  { deps, kept }: Pick<CollectDeps, "deps" | "kept">,
): Promise<Completed | { readonly evidence: Evidence; readonly gap?: undefined }> {
  if (newer.gaps.every(({ code }) => code === "limits/exceeded")) return { evidence: newer };
  const isWithheld = (gap: Gap): boolean => isFailedPlace(gap) && !mayUseOlder(collection.query, gap);
  if (newer.gaps.some(isWithheld)) return { evidence: newer };
  const older = kept.get(collection) ?? (await loadStored(deps, collection, kept));
  const isUsable = older !== undefined && ageOf(older, deps.now()) <= deps.limits.staleLimitMs;
  const completedOne = isUsable && older.isPartial !== true ? withNewer(older, newer) : undefined;
  return completedOne ?? { evidence: newer };
}

/** Who needs all must not be given a part, and one workload's missing pull secret must not fail another's collection. */
function flightKey(collection: Collection): string {
  return JSON.stringify([failureKey(collection), collection.query.acceptsPartial]);
}
