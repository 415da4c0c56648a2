import {
  asFault,
  type Digest,
  eachAtMost,
  type Fault,
  type ImageContents,
  type ImageRef,
  type PinnedImage,
  type TrustSnapshot,
} from "../core/index.ts";
import type { SignableApproval } from "../waivers/index.ts";
import { createApprovalProofs } from "./approval-proofs.ts";
import type { Signed } from "./approved.ts";
import type { EvidenceQuery } from "./collect.ts";
import { claimantOf, type Found } from "./collections.ts";
import { createContentsReader } from "./contents.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import type { FairScheduler } from "./fair-scheduler.ts";
import type { GateDeps, GateRequest } from "./ports.ts";
import { before, lateFault } from "./single-flight.ts";

/** Something that a verdict needs and that is not read yet. */
export type Lack =
  | { readonly kind: "tag"; readonly ref: ImageRef }
  | { readonly kind: "contents"; readonly image: PinnedImage }
  | {
      readonly kind: "evidence";
      readonly query: EvidenceQuery;
      readonly generation: string;
      /** The oldest evidence that will do, ms. */
      readonly maxAgeMs: number;
      /** Evidence that would lead to a refusal is looked up once more, as long as it takes. */
      readonly isThorough: boolean;
    }
  | { readonly kind: "approval"; readonly approval: SignableApproval; readonly trust: TrustSnapshot };

/** What a read gave, or why it gave nothing. */
export type Outcome<T> = { readonly value: T } | { readonly fault: Fault };

/** Evidence as it was read, and whether it was looked up once more already. */
interface EvidenceReading {
  readonly outcome: Outcome<Found>;
  readonly isThorough: boolean;
}

/** What was read for one request so far. It only grows; nothing in it depends on policy, revocations, waivers or mode. */
export class Readings {
  readonly #tags = new Map<string, Outcome<Digest | undefined>>();
  readonly #contents = new Map<Digest, Outcome<ImageContents | undefined>>();
  readonly #evidence = new Map<string, EvidenceReading>();
  readonly #approvals = new Map<SignableApproval, Outcome<Signed> & { readonly generation: string }>();

  /** What a tag stands for; a digest of undefined where its registry has no such tag. */
  tag(ref: ImageRef): Outcome<Digest | undefined> | undefined {
    return this.#tags.get(tagKey(ref));
  }

  /** What an image is made of; undefined where its registry has none of it. */
  contents(digest: Digest): Outcome<ImageContents | undefined> | undefined {
    return this.#contents.get(digest);
  }

  /** What this trust material makes of an image; nothing that other material made of it. */
  evidence(query: EvidenceQuery, generation: string): EvidenceReading | undefined {
    return this.#evidence.get(evidenceKey(query, generation));
  }

  /** Who signed an approval, according to this trust material. */
  approval(approval: SignableApproval, generation: string): Outcome<Signed> | undefined {
    const known = this.#approvals.get(approval);
    return known?.generation === generation ? known : undefined;
  }

  setTag(ref: ImageRef, outcome: Outcome<Digest | undefined>): void {
    this.#tags.set(tagKey(ref), outcome);
  }

  setContents(digest: Digest, outcome: Outcome<ImageContents | undefined>): void {
    this.#contents.set(digest, outcome);
  }

  /** Kept under the trust material that verified it, which may be newer than the one that it was asked by. */
  setEvidence({ query, generation, isThorough }: EvidenceLack, outcome: Outcome<Found>): void {
    const verifiedBy = "value" in outcome ? outcome.value.evidence.trustGeneration : generation;
    this.#evidence.set(evidenceKey(query, verifiedBy), { outcome, isThorough });
  }

  setApproval(approval: SignableApproval, generation: string, outcome: Outcome<Signed>): void {
    this.#approvals.set(approval, { ...outcome, generation });
  }
}

type EvidenceLack = Extract<Lack, { readonly kind: "evidence" }>;

function tagKey({ registry, repository, tag }: ImageRef): string {
  return `${registry}/${repository}:${tag ?? "latest"}`;
}

function evidenceKey({ image, wants }: EvidenceQuery, generation: string): string {
  return `${image.registry}/${image.repository}@${image.digest} ${generation} ${wants}`;
}

/** A request, and what was read for it. */
export interface Reading {
  readonly request: GateRequest;
  readonly readings: Readings;
}

/** Something that a request lacks. */
export interface LackOf extends Reading {
  readonly lack: Lack;
}

/** Reads what is lacking, some of it at a time, into its readings. Never rejects: what fails is read as its fault. */
export type ReadLacking = (lacking: readonly LackOf[]) => Promise<void>;

/** Where look-ups are made. */
export interface ReaderOptions {
  readonly store: Pick<EvidenceStore, "find">;
  readonly scheduler: FairScheduler;
}

/**
 * All the waiting of the gate. However many images a request names, it has at most half as many look-ups under way as there
 * are places.
 */
export function createReader(deps: GateDeps, { store, scheduler }: ReaderOptions): ReadLacking {
  const prove = createApprovalProofs(deps);
  const contents = createContentsReader(deps, scheduler);

  async function read({ lack, request, readings }: LackOf): Promise<void> {
    const { signal } = request;
    switch (lack.kind) {
      case "tag": {
        const doing = `resolving the tag ${lack.ref.tag ?? "latest"}`;
        const who = claimantOf({ image: lack.ref, access: request.access });
        const outcome = await outcomeOf(signal, doing, () =>
          scheduler.run(who, () => resolve(deps, lack.ref, request)),
        );
        return readings.setTag(lack.ref, outcome);
      }
      case "contents": {
        const { image } = lack;
        const outcome = await outcomeOf(signal, "looking at what the image is made of", () =>
          contents(image, request.access),
        );
        return readings.setContents(image.digest, outcome);
      }
      case "evidence": {
        const { query, maxAgeMs, isThorough } = lack;
        const outcome = await outcomeOf(signal, "collecting signatures and attestations", () =>
          store.find(query, maxAgeMs, isThorough ? "patient" : undefined),
        );
        return readings.setEvidence(lack, outcome);
      }
      case "approval": {
        const { approval, trust } = lack;
        const outcome = await outcomeOf(signal, "verifying approvals", () => prove(approval, trust));
        return readings.setApproval(approval, trust.generation, outcome);
      }
    }
  }

  const atOnce = Math.ceil(deps.limits.collections.running / 2);
  return (lacking) => eachAtMost(atOnce, lacking, read);
}

async function resolve(
  { registry, observer }: GateDeps,
  ref: ImageRef,
  { access, signal }: GateRequest,
): Promise<Digest | undefined> {
  const started = performance.now();
  const digest = await registry.resolve(ref, access, signal);
  observer.phase("resolve", (performance.now() - started) / 1000);
  return digest;
}

/** Begins nothing that nobody waits for any more. */
async function outcomeOf<T>(
  signal: AbortSignal,
  doing: string,
  begin: () => Promise<T>,
): Promise<Outcome<T>> {
  try {
    if (signal.aborted) throw lateFault(doing);
    return { value: await before(signal, begin(), doing) };
  } catch (error) {
    return { fault: asFault(error) };
  }
}
