import { LRUCache } from "lru-cache";

import { type Evidence, repositoryName } from "../core/index.ts";
import { ageOf, refreshAheadMs } from "./age.ts";
import type { Collection, EvidenceQuery } from "./collect.ts";
import { createCollections, type Found } from "./collections.ts";
import type { GateDeps, WarmOutcome } from "./ports.ts";
import { before } from "./single-flight.ts";
import { warmEvidence } from "./warm-evidence.ts";

/** Evidence by digest and trust generation, collected at most once at a time. */
export interface EvidenceStore {
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

/**
 * The evidence cache. Its key holds the repository too: a digest that is signed in one repository may be
 * unsigned in another, and an answer about the one must not stand for the other.
 */
export function createEvidenceStore(deps: GateDeps): EvidenceStore {
  const { limits, now, observer } = deps;
  const kept = new LRUCache<string, Evidence>({ max: limits.cacheEntries });
  const collections = createCollections(deps, (key, evidence) => kept.set(key, evidence));

  async function anew(
    collection: Collection,
    old: Evidence | undefined,
    patient?: "patient",
  ): Promise<Found> {
    try {
      const collected = collections.collect(collection, { hasOlder: old !== undefined });
      const isHasty = old !== undefined && patient === undefined;
      const found = await (isHasty ? hastily(collected, limits.patienceMs) : collected);
      observer.cache(found.staleBecause === undefined ? "miss" : "stale");
      return found;
    } catch (error) {
      const fault = collections.failed(collection.key, error);
      if (old === undefined) throw fault;
      observer.cache("stale");
      return { evidence: old, staleBecause: fault };
    }
  }

  return {
    find: async (query, maxAgeMs, patient) => {
      const collection = collectionFor(query, deps);
      const old = kept.get(collection.key);
      const age = old === undefined ? Number.POSITIVE_INFINITY : ageOf(old, now());
      const lacks = old?.isPartial === true && !query.takesPart;
      if (old === undefined || age > maxAgeMs || lacks)
        return anew(collection, age <= limits.staleLimitMs ? old : undefined, patient);
      if (age > refreshAheadMs(limits)) collections.collectBehind(collection);
      observer.cache("hit");
      return { evidence: old };
    },
    warm: async (query) => warmEvidence(collectionFor(query, deps), { deps, kept, collections }),
  };
}

/** With the trust material of this moment. Throws Fault trust/unavailable. */
function collectionFor(query: EvidenceQuery, deps: GateDeps): Collection {
  const trust = deps.trust();
  return { key: evidenceKey(query, trust.generation), query, trust };
}

function hastily(collected: Promise<Found>, patienceMs: number): Promise<Found> {
  return before(AbortSignal.timeout(patienceMs), collected, "waiting for a slow registry");
}

function evidenceKey({ image, wants }: EvidenceQuery, generation: string): string {
  return `${repositoryName(image)}@${image.digest} ${generation} ${wants}`;
}
