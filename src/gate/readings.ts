import {
  asFault,
  type Digest,
  eachAtMost,
  type Fault,
  type ImageContents,
  type ImageRef,
  type PinnedImage,
  type PullAccess,
  repositoryName,
  type TrustSnapshot,
  withDeadline,
} from "../core/index.ts";
import type { SignableApproval } from "../waivers/index.ts";
import { createApprovalProofs } from "./approvals/approval-proofs.ts";
import type { Signed } from "./approvals/approved.ts";
import type { EvidenceQuery } from "./evidence/collect.ts";
import { claimantOf, type Found, type SharedLimits } from "./evidence/collections.ts";
import { COMPOSITION, type ContentsReader, createContentsReader } from "./evidence/contents.ts";
import type { EvidenceStore, KnownAt } from "./evidence/evidence-store.ts";
import { withOwnResources } from "./evidence/own-resources.ts";
import { Patience } from "./evidence/patience.ts";
import { COLLECTING, lateFault } from "./evidence/single-flight.ts";
import type { GateDeps, GateRequest } from "./ports.ts";

const APPROVALS = "verifying approvals";

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

/** What is in memory and need not be waited for. */
export interface Known {
  readonly evidence: EvidenceStore["known"];
  readonly contents: ContentsReader["known"];
}

const NOTHING_KNOWN: Known = { evidence: () => undefined, contents: () => undefined };

/**
 * What was read for one request so far, and what was known when it was asked for. It only grows; nothing in it depends on
 * policy, revocations, waivers or mode.
 */
export class Readings {
  readonly #known: Known;
  readonly #tags = new Map<string, Outcome<Digest | undefined>>();
  readonly #contents = new Map<string, Outcome<ImageContents | undefined>>();
  readonly #evidence = new Map<string, EvidenceReading>();
  readonly #approvals = new Map<SignableApproval, Outcome<Signed> & { readonly generation: string }>();

  constructor(known = NOTHING_KNOWN) {
    this.#known = known;
  }

  /** What a tag represents; a digest of undefined where its registry has no such tag. */
  tag(ref: ImageRef): Outcome<Digest | undefined> | undefined {
    return this.#tags.get(tagKey(ref));
  }

  /** What an image is made of; undefined where its registry has none of it. What one repository lacks, another may have. */
  contents(image: PinnedImage, access: PullAccess): Outcome<ImageContents | undefined> | undefined {
    const read = this.#contents.get(contentsKey(image));
    if (read !== undefined) return read;
    const value = this.#known.contents(image, access);
    if (value !== undefined) this.setContents(image, { value });
    return this.#contents.get(contentsKey(image));
  }

  /** What this trust material makes of an image; nothing that other material made of it. */
  evidence(query: EvidenceQuery, moment: KnownAt): EvidenceReading | undefined {
    const { generation } = moment.trust;
    const key = evidenceKey(query, generation);
    const read = this.#evidence.get(key);
    if (read !== undefined) return read;
    const value = this.#known.evidence(query, moment);
    if (value?.evidence.trustGeneration !== generation) return undefined;
    const reading: EvidenceReading = { outcome: { value }, isThorough: false };
    this.#evidence.set(key, reading);
    return reading;
  }

  /** Who signed an approval, according to this trust material. */
  approval(approval: SignableApproval, generation: string): Outcome<Signed> | undefined {
    const known = this.#approvals.get(approval);
    return known?.generation === generation ? known : undefined;
  }

  setTag(ref: ImageRef, outcome: Outcome<Digest | undefined>): void {
    this.#tags.set(tagKey(ref), outcome);
  }

  setContents(image: PinnedImage, outcome: Outcome<ImageContents | undefined>): void {
    this.#contents.set(contentsKey(image), outcome);
  }

  /** Kept under the trust material that verified it, which may be newer than the one that it was asked by. */
  setEvidence(
    { query, generation, isThorough }: Pick<EvidenceLack, "query" | "generation" | "isThorough">,
    outcome: Outcome<Found>,
  ): void {
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

function contentsKey(image: PinnedImage): string {
  return `${repositoryName(image)}@${image.digest}`;
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
