import {
  asFault,
  type Digest,
  eachAtMost,
  type ImageContents,
  type ImageRef,
  withDeadline,
} from "../core/index.ts";
import { createApprovalProofs } from "./approvals/approval-proofs.ts";
import { claimantOf, type SharedLimits } from "./evidence/collections.ts";
import { COMPOSITION, createContentsReader } from "./evidence/contents.ts";
import type { EvidenceStore } from "./evidence/evidence-store.ts";
import { withOwnResources } from "./evidence/own-resources.ts";
import { Patience } from "./evidence/patience.ts";
import { COLLECTING, lateFault } from "./evidence/single-flight.ts";
import type { GateDeps, GateRequest } from "./ports.ts";
import type { Known, LackOf, Outcome } from "./readings.ts";

const APPROVALS = "verifying approvals";

/** Where what a verdict needs comes from. */
export interface Reader {
  readonly known: Known;
  /** Reads what is lacking, some of it at a time, into its readings. Never rejects: what fails is read as its fault. */
  readonly readLacking: (lacking: readonly LackOf[]) => Promise<void>;
}

/** Where look-ups are made. */
export interface ReaderOptions extends SharedLimits {
  readonly store: Pick<EvidenceStore, "find" | "known">;
}

/**
 * All the waiting of the gate. However many images a request names, it has at most half as many look-ups under way as there
 * are places.
 */
export function createReader(deps: GateDeps, { store, ...shared }: ReaderOptions): Reader {
  const prove = createApprovalProofs(deps);
  const contents = createContentsReader(deps, shared);

  async function read({ lack, request, readings }: LackOf): Promise<void> {
    const { signal } = request;
    switch (lack.kind) {
      case "tag": {
        const outcome = await readTag(lack.ref, request, { deps, ...shared });
        return readings.setTag(lack.ref, outcome);
      }
      case "contents": {
        const { image } = lack;
        const begin = (): Promise<ImageContents | undefined> => contents.read(image, request.access, signal);
        const outcome = await outcomeOf(signal, COMPOSITION, begin);
        return readings.setContents(image, outcome);
      }
      case "evidence": {
        const { query, maxAgeMs, isThorough } = lack;
        const outcome = await outcomeOf(signal, COLLECTING, () =>
          store.find(query, maxAgeMs, { signal, isPatient: isThorough, ownOnly: isThorough }),
        );
        return readings.setEvidence(lack, outcome);
      }
      case "approval": {
        const { approval, trust } = lack;
        const outcome = await outcomeOf(signal, APPROVALS, () =>
          withDeadline(signal, prove(approval, trust), () => lateFault(APPROVALS)),
        );
        return readings.setApproval(approval, trust.generation, outcome);
      }
    }
  }

  const atOnce = Math.ceil(deps.limits.collections.running / 2);
  return {
    known: { evidence: store.known, contents: contents.known },
    readLacking: (lacking) => eachAtMost(atOnce, lacking, read),
  };
}

interface Resolving extends SharedLimits {
  readonly deps: GateDeps;
}

/** What a tag represents, asked in turn. */
function readTag(
  ref: ImageRef,
  { access, signal }: GateRequest,
  { deps: { registry, observer, limits }, scheduler, room }: Resolving,
): Promise<Outcome<Digest | undefined>> {
  const doing = `resolving the tag ${ref.tag ?? "latest"}`;
  const resolve = async (patience: Patience): Promise<Digest | undefined> => {
    const started = performance.now();
    const digest = await withOwnResources({ access, room, patience, limits }, (own) =>
      registry.resolve(ref, access, signal, own),
    );
    observer.phase("resolve", (performance.now() - started) / 1000);
    return digest;
  };
  return outcomeOf(signal, doing, () => {
    const patience = new Patience();
    const resolving = scheduler.run(claimantOf({ image: ref, access }), () => resolve(patience), patience);
    return withDeadline(signal, resolving, () => lateFault(doing, patience));
  });
}

/** Begins nothing that no one waits for any more. What is begun ends with the signal. */
async function outcomeOf<T>(
  signal: AbortSignal,
  doing: string,
  begin: () => Promise<T>,
): Promise<Outcome<T>> {
  try {
    if (signal.aborted) throw lateFault(doing);
    return { value: await begin() };
  } catch (error) {
    return { fault: asFault(error) };
  }
}
