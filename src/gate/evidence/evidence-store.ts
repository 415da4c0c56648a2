import { type Evidence, Fault, type TrustSnapshot, withDeadline } from "../../core/index.ts";
import type { GateDeps, WarmOutcome } from "../ports.ts";
import { ageOf, refreshAheadMs } from "./age.ts";
import { ByteBudget } from "./byte-budget.ts";
import type { Collection, EvidenceQuery } from "./collect.ts";
import { createCollections, type Found, mayUseOlder, type SharedLimits } from "./collections.ts";
import { FairScheduler } from "./fair-scheduler.ts";
import { KeptEvidence } from "./kept-evidence.ts";
import { Patience } from "./patience.ts";
import { COLLECTING, type Flight, lateFault } from "./single-flight.ts";
import { restore, type EvidenceSources, warmEvidence } from "./warm-evidence.ts";

/** How many times longer evidence that ran into a limit stays than what a registry failed to give. */
const LIMITED_FACTOR = 6;
const NEVER = new AbortController().signal;

/** How long someone waits for evidence. */
export interface Wait {
  /** Aborts when the answer is due; never where absent. */
  readonly signal?: AbortSignal;
  /** Whether to wait for a slow registry until then although there is older evidence. */
  readonly isPatient?: boolean;
  /**
   * Whether what its registry has shown to others, or to who asks longer ago than a refusal is looked up again, does not do,
   * where it may show more to who asks.
   */
  readonly ownOnly?: boolean;
}

/** Evidence by digest and trust generation, collected at most once at a time. */
export interface EvidenceStore {
  /** What `find` would answer from memory, at once; undefined where it would collect. */
  readonly known: (query: EvidenceQuery, moment: KnownAt) => Found | undefined;
  /**
   * Evidence at most `maxAgeMs` old, or older with a reason where its registry gives none in time; all of it, unless
   * the query takes a part. Throws faults; limits/overloaded where the answer is due while it waits for the gate itself.
   */
  readonly find: (query: EvidenceQuery, maxAgeMs: number, wait?: Wait) => Promise<Found>;
  /**
   * Sees to it that there is evidence which need not be collected again soon. What was kept over a restart and is young
   * enough does, without its registry. Throws faults; a failure does not count against the next caller.
   */
  readonly warm: (query: EvidenceQuery) => Promise<Exclude<WarmOutcome, "skipped"> | "busy">;
}

/** By which trust material and at which instant evidence has to be good, and the oldest that will do, ms. */
export interface KnownAt {
  readonly trust: TrustSnapshot;
  readonly now: Date;
  readonly maxAgeMs: number;
}

type Allowed = Omit<KnownAt, "trust"> & { readonly ownOnly?: boolean | undefined };

/** The evidence of images, with nothing known yet. */
export function createEvidenceStore(deps: GateDeps, shared = createSharedLimits(deps)): EvidenceStore {
  const { limits, now, observer } = deps;
  const kept = new KeptEvidence(limits);
  const collections = createCollections(deps, { kept, ...shared });
  const anew = renewing({ deps, kept, collections });
  let generation: string | undefined;

  /** Nothing that other trust material said is ever checked again. */
  function begin(query: EvidenceQuery, trust: TrustSnapshot): Collection {
    if (trust.generation !== generation) kept.clear();
    generation = trust.generation;
    return { query, trust };
  }

  /** What is no longer young is collected again behind the answer. */
  function known(collection: Collection, { maxAgeMs, now: at, ownOnly = false }: Allowed): Found | undefined {
    const isWithin = (mostMs: number) => (evidence: Evidence) =>
      ageOf(evidence, at) <= mostAgeMs(evidence, mostMs, limits);
    const found = kept.get(collection);
    if (found === undefined) return undefined;
    const own = kept.ownOf(collection, found, isWithin(limits.recheckAfterMs));
    const old = [own, ownOnly ? undefined : found].find(
      (each) => each !== undefined && isWithin(maxAgeMs)(each),
    );
    if (old === undefined || (old.isPartial === true && !collection.query.acceptsPartial)) return undefined;
    if (ageOf(old, at) > refreshAheadMs(limits)) collections.collectBehind(noLessThan(old, collection));
    observer.cache("hit");
    return { evidence: old, ...(old !== own && { isOfOthers: true }) };
  }

  return {
    known: (query, { trust, ...moment }) => known(begin(query, trust), moment),
    find: async (query, maxAgeMs, { ownOnly, ...wait } = {}) => {
      const collection = begin(query, deps.trust());
      return known(collection, { maxAgeMs, now: now(), ownOnly }) ?? (await anew(collection, wait));
    },
    warm: async (query) => warmEvidence(begin(query, deps.trust()), { deps, kept, collections }),
  };
}

/**
 * What has gaps is collected again no more often than what failed; what ran into a limit more seldom, since that takes
 * a thousand requests each time, and someone has to act before it changes.
 */
function mostAgeMs({ gaps }: Evidence, maxAgeMs: number, { retryAfterMs }: GateDeps["limits"]): number {
  if (gaps.length === 0) return maxAgeMs;
  const isLimited = gaps.some(({ code }) => code === "limits/exceeded");
  return Math.max(maxAgeMs, isLimited ? LIMITED_FACTOR * retryAfterMs : retryAfterMs);
}

/**
 * A part never takes the place of all: it may lack what admits the image, and a registry that is down by the next review would
 * not be able to say so.
 */
function noLessThan(old: Evidence, { query, ...rest }: Collection): Collection {
  return { ...rest, query: { ...query, acceptsPartial: query.acceptsPartial && old.isPartial === true } };
}

/** The limits of all look-ups together, with none under way. */
export function createSharedLimits({
  limits,
  observer,
}: Pick<GateDeps, "limits" | "observer">): SharedLimits {
  return {
    scheduler: new FairScheduler(limits.collections, observer.waiting),
    room: new ByteBudget(limits.room),
  };
}

/** What someone wants. */
interface Renewal extends Pick<Wait, "isPatient"> {
  readonly collection: Collection;
}

function usable(evidence: Evidence | undefined, { now, limits }: GateDeps): Evidence | undefined {
  return evidence !== undefined && ageOf(evidence, now()) <= limits.staleLimitMs ? evidence : undefined;
}

type Renew = (asked: Collection, wait?: Wait) => Promise<Found>;

/** Collects again. What is older is used where a registry gives nothing, or is slower than the patience of who asks. */
function renewing({ deps, kept, collections }: EvidenceSources): Renew {
  const { limits, observer } = deps;

  /** What counts by now: while a registry was waited for, it may have turned out that it asks for credentials. */
  const older = (collection: Collection): Evidence | undefined => usable(kept.get(collection), deps);

  const stale = (evidence: Evidence, staleBecause: Fault): Found => {
    observer.cache("stale");
    return { evidence, staleBecause };
  };

  async function newest(flight: Flight<Found>, { collection, isPatient }: Renewal): Promise<Found> {
    const { query } = collection;
    try {
      const slow = isPatient === true ? undefined : await late(flight, query, limits);
      if (slow !== undefined) await restore(collection, { deps, kept });
      const known = slow === undefined ? undefined : older(collection);
      if (slow !== undefined && known !== undefined)
        return stale(known, collections.failed(collection, slow));
      const found = await flight.result;
      observer.cache(found.staleBecause === undefined ? "miss" : "stale");
      return found;
    } catch (error) {
      const fault = collections.failed(collection, error);
      const old = older(collection);
      if (old === undefined || !mayUseOlder(query, fault)) throw fault;
      return stale(old, fault);
    }
  }

  return (wanted, { signal = NEVER, ...wait } = {}) => {
    const known = kept.get(wanted);
    const collection = known === undefined ? wanted : noLessThan(known, wanted);
    const flight = collections.collect(collection, { hasOlder: older(wanted) !== undefined });
    const newestFound = newest(flight, { collection, ...wait });
    return withDeadline(signal, newestFound, () => lateFault(COLLECTING, flight.patience));
  };
}

/**
 * Why a collection takes longer than the patience of who asks; undefined where it ended in time, whichever way. The gate's own
 * waiting counts only where older evidence may do in place of that.
 */
function late(
  { result, patience }: Flight<Found>,
  { needsAllEvidence }: EvidenceQuery,
  { patienceMs }: GateDeps["limits"],
): Promise<Fault | undefined> {
  const { promise, resolve } = Promise.withResolvers<Fault | undefined>();
  const ring = (): void => resolve(slowFault(patience));
  const cancel = (needsAllEvidence ? patience : new Patience()).after(patienceMs, ring);
  const onEnd = (): void => {
    cancel();
    resolve(undefined);
  };
  result.then(onEnd, onEnd);
  return promise;
}

function slowFault({ waitsFor }: Patience): Fault {
  return waitsFor === undefined
    ? lateFault("waiting for a slow registry")
    : new Fault("limits/overloaded", `it is still waiting for ${waitsFor}`);
}
