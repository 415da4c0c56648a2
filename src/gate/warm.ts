import { setTimeout as sleep } from "node:timers/promises";

import { eachAtMost, Fault, isPinned, parseImageRef } from "../core/index.ts";
import { plan } from "../policy/index.ts";
import type { EvidenceStore } from "./evidence/evidence-store.ts";
import type { Warm, WarmOutcome, WarmRequest } from "./ports.ts";
import type { Documents } from "./snapshot.ts";

const BUSY_PAUSE_MS = 250;

/** Looks up the evidence that the documents in force would ask for. */
export async function warm(
  { image, namespace, access }: WarmRequest,
  documents: Documents | Fault,
  store: Pick<EvidenceStore, "warm">,
): ReturnType<Warm> {
  try {
    const parsed = parseImageRef(image);
    if (documents instanceof Fault || !parsed.ok || !isPinned(parsed.ref)) return "skipped";
    const { policy, revocations } = documents;
    const asked = plan(policy, { image: parsed.ref, namespace }, { copiesCount: revocations.hasWindowEnds });
    if (asked.kind === "unmatched" || !asked.needsEvidence) return "skipped";
    const { wantsPredicate, predicateTexts, wants, acceptsPartial, needsAllEvidence } = asked;
    const query = { wantsPredicate, predicateTexts, wants, acceptsPartial, needsAllEvidence };
    return await store.warm({ image: parsed.ref, access, ...query });
  } catch {
    return "failed"; // anyone who asks for a verdict learns why
  }
}

/** How many images are looked up. */
export interface WarmingOptions {
  readonly warm: Warm;
  readonly atOnce: number;
  /** Begins no more of them; what is under way ends by itself. */
  readonly signal: AbortSignal;
  readonly onOutcome: (outcome: WarmOutcome) => void;
}

/** Looks up the evidence of many images, each once, giving way to those who wait. Never rejects. */
export async function warmAll(images: readonly WarmRequest[], options: WarmingOptions): Promise<void> {
  const { atOnce, signal, onOutcome } = options;
  await eachAtMost(atOnce, images, async (image) => {
    while (!signal.aborted) {
      const outcome = await options.warm(image);
      if (outcome !== "busy") return onOutcome(outcome);
      await sleep(BUSY_PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  });
}
