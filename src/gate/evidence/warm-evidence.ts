import type { GateDeps, WarmOutcome } from "../ports.ts";
import { ageOf, refreshAheadMs } from "./age.ts";
import { type Collection, loadStored } from "./collect.ts";
import type { Collections } from "./collections.ts";
import type { KeptEvidence } from "./kept-evidence.ts";

/** What an evidence store is made of. */
export interface EvidenceSources {
  readonly deps: GateDeps;
  readonly kept: KeptEvidence;
  readonly collections: Collections;
}

/** As `warm` of EvidenceStore says. */
export async function warmEvidence(
  collection: Collection,
  sources: EvidenceSources,
): Promise<Exclude<WarmOutcome, "skipped"> | "busy"> {
  const { deps, kept, collections } = sources;
  const isWithin = (mostMs: number): boolean => {
    const evidence = kept.get(collection);
    return evidence !== undefined && ageOf(evidence, deps.now()) <= mostMs;
  };
  const enough = refreshAheadMs(deps.limits);
  if (isWithin(enough)) return "known";
  if (collections.isBusy(collection)) return "busy";
  await restore(collection, sources);
  if (isWithin(enough)) return "recalled";
  const hasOlder = isWithin(deps.limits.staleLimitMs);
  const { staleBecause } = await collections.collect(collection, { hasOlder }).result;
  return staleBecause === undefined ? "collected" : "failed";
}

/**
 * Reads back what was kept in files about an image, where nothing is in memory: before a restart, or before the trust material changed. From then on it is older evidence like any other: anyone who asks while its registry is slow
 * has it to fall back on.
 */
export async function restore(
  collection: Collection,
  { deps, kept }: Pick<EvidenceSources, "deps" | "kept">,
): Promise<void> {
  if (kept.get(collection) !== undefined) return;
  const evidence = await loadStored(deps, collection, kept);
  if (evidence !== undefined && kept.get(collection) === undefined) kept.restore(collection, evidence);
}
