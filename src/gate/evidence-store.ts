import { LRUCache } from "lru-cache";

import { asFault, type Evidence, type Fault, repositoryName, type TrustSnapshot } from "../core/index.ts";
import { ageOf, refreshAheadMs } from "./age.ts";
import type { Collection, EvidenceQuery } from "./collect.ts";
import { createCollections, type Found } from "./collections.ts";
import { weightOf } from "./evidence-weight.ts";
import { FairScheduler } from "./fair-scheduler.ts";
import type { GateDeps, WarmOutcome } from "./ports.ts";
import { before } from "./single-flight.ts";
import { readBack, type StoreParts, warmEvidence } from "./warm-evidence.ts";

/** How many times longer evidence that ran into a limit stays than what a registry failed to give. */
const LIMITED_FACTOR = 6;

/** Evidence by digest and trust generation, collected at most once at a time. */
export interface EvidenceStore {
  /** What `find` would answer from memory, at once; undefined where it would collect. */
  readonly known: (query: EvidenceQuery, moment: KnownAt) => Evidence | undefined;
  /**
   * Evidence at most `maxAgeMs` old, or older with a reason where its registry gives none in time; all of it, unless
   * the query takes a part. Throws faults. Who is `patient` waits for a slow registry as long as it takes.
   */
  readonly find: (query: EvidenceQuery, maxAgeMs: number, patient?: "patient") => Promise<Found>;
  /**
   * Sees to it that there is evidence which need not be collected anew soon. What was kept over a restart and is young
   * enough does, without its registry. Throws faults; a failure is not held against the next who asks.
   */
  readonly warm: (query: EvidenceQuery) => Promise<Exclude<WarmOutcome, "skipped"> | "busy">;
}

/** By which trust material and at which instant evidence has to be good, and the oldest that will do, ms. */
export interface KnownAt {
  readonly trust: TrustSnapshot;
  readonly now: Date;
  readonly maxAgeMs: number;
}

/**
 * The evidence cache. Its key holds the repository too: a digest that is signed in one repository may be
 * unsigned in another, and an answer about the one must not stand for the other.
 */
export function createEvidenceStore(deps: GateDeps, scheduler = createScheduler(deps)): EvidenceStore {
  const { limits, now, observer } = deps;
  const kept = new LRUCache<string, Evidence>({
    max: limits.cacheEntries,
    maxSize: limits.cacheFacts,
    sizeCalculation: weightOf,
  });
  const collections = createCollections(deps, { kept, scheduler });
  const anew = renewing({ deps, kept, collections });
  let generation: string | undefined;

  /** Nothing that other trust material said is ever looked at again. */
  function begin(query: EvidenceQuery, trust: TrustSnapshot): Collection {
    if (trust.generation !== generation) kept.clear();
    generation = trust.generation;
    return { key: evidenceKey(query, trust.generation), query, trust };
  }

  /** What is no longer young is collected anew behind the answer. */
  function known(asked: Collection, maxAgeMs: number, at: Date): Evidence | undefined {
    const old = kept.get(asked.key);
    const lacks = old?.isPartial === true && !asked.query.takesPart;
    if (old === undefined || lacks || ageOf(old, at) > mostAgeMs(old, maxAgeMs, limits)) return undefined;
    if (ageOf(old, at) > refreshAheadMs(limits)) collections.collectBehind(noLessThan(old, asked));
    observer.cache("hit");
    return old;
  }

  return {
    known: (query, { trust, now: at, maxAgeMs }) => known(begin(query, trust), maxAgeMs, at),
    find: async (query, maxAgeMs, patient) => {
      const asked = begin(query, deps.trust());
      const evidence = known(asked, maxAgeMs, now());
      return evidence === undefined ? anew(asked, patient) : { evidence };
    },
    warm: async (query) => warmEvidence(begin(query, deps.trust()), { deps, kept, collections }),
  };
}

/**
 * What has gaps is collected again no more often than what failed; what ran into a limit more seldom, since that takes a
 * thousand requests each time, and somebody has to act before it changes.
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
  return { ...rest, query: { ...query, takesPart: query.takesPart && old.isPartial === true } };
}

/** A scheduler of the gate's look-ups, with none under way. */
export function createScheduler({ limits, observer }: Pick<GateDeps, "limits" | "observer">): FairScheduler {
  return new FairScheduler(limits.collections, observer.waiting);
}

type Renew = (asked: Collection, patient?: "patient") => Promise<Found>;

/** Collects anew. What is older has to do where a registry gives nothing, or is slower than the patience of who asks. */
function renewing({ deps, kept, collections }: StoreParts): Renew {
  const { limits, observer } = deps;

  function usable(evidence: Evidence | undefined): Evidence | undefined {
    return evidence !== undefined && ageOf(evidence, deps.now()) <= limits.staleLimitMs
      ? evidence
      : undefined;
  }

  async function older(collection: Collection, old: Evidence | undefined): Promise<Evidence | undefined> {
    if (old !== undefined) return old;
    await readBack(collection, { deps, kept });
    return usable(kept.get(collection.key));
  }

  function stale(evidence: Evidence, staleBecause: Fault): Found {
    observer.cache("stale");
    return { evidence, staleBecause };
  }

  return async (asked, patient) => {
    const known = kept.get(asked.key);
    const collection = known === undefined ? asked : noLessThan(known, asked);
    const old = usable(known);
    const collected = collections.collect(collection, { hasOlder: old !== undefined });
    try {
      const slow = patient === undefined ? await late(collected, limits.patienceMs) : undefined;
      const having = slow === undefined ? undefined : await older(collection, old);
      if (slow !== undefined && having !== undefined)
        return stale(having, collections.failed(collection, slow));
      const found = await collected;
      observer.cache(found.staleBecause === undefined ? "miss" : "stale");
      return found;
    } catch (error) {
      const fault = collections.failed(collection, error);
      if (old === undefined) throw fault;
      return stale(old, fault);
    }
  };
}

/** The fault of a collection that takes longer than this; undefined where it ended in time, whichever way. */
async function late(collected: Promise<Found>, patienceMs: number): Promise<Fault | undefined> {
  const ended = collected.then(
    () => undefined,
    () => undefined,
  );
  return await before(AbortSignal.timeout(patienceMs), ended, "waiting for a slow registry").catch(asFault);
}

function evidenceKey({ image, wants }: EvidenceQuery, generation: string): string {
  return `${repositoryName(image)}@${image.digest} ${generation} ${wants}`;
}
