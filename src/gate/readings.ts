import {
  type Digest,
  type Fault,
  type ImageContents,
  type ImageRef,
  type PinnedImage,
  type PullAccess,
  repositoryName,
  type TrustSnapshot,
} from "../core/index.ts";
import type { SignableApproval } from "../waivers/index.ts";
import type { Signed } from "./approvals/approved.ts";
import type { EvidenceQuery } from "./evidence/collect.ts";
import type { Found } from "./evidence/collections.ts";
import type { ContentsReader } from "./evidence/contents.ts";
import type { EvidenceStore, KnownAt } from "./evidence/evidence-store.ts";
import type { GateRequest } from "./ports.ts";

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
export interface EvidenceReading {
  readonly outcome: Outcome<Found>;
  readonly isThorough: boolean;
}

/** The same with the question that it answers. */
interface AnsweredQuery extends EvidenceReading {
  readonly query: EvidenceQuery;
}

/** Evidence that was read for a verdict, and what was asked for. */
export interface EvidenceFact {
  /** `registry/repository@digest`. */
  readonly image: string;
  /** Equal for questions that want the same predicates, the same of their texts, and all of them or a part. */
  readonly wants: string;
  readonly outcome: Outcome<Found>;
  /** Whether it was looked up once more before it led to a refusal. */
  readonly isThorough: boolean;
}

/** Everything that was read for a verdict: nothing in it depends on policy, revocations, waivers or mode. */
export interface Facts {
  /** What tags represent, by `registry/repository:tag`; a digest of undefined where there is no such tag. */
  readonly tags: readonly (readonly [string, Outcome<Digest | undefined>])[];
  /** What images are made of, by `registry/repository@digest`; undefined where there is no such image. */
  readonly contents: readonly (readonly [string, Outcome<ImageContents | undefined>])[];
  readonly evidence: readonly EvidenceFact[];
  /** Who signed the approvals of waivers. */
  readonly approvals: readonly (readonly [SignableApproval, Outcome<Signed>])[];
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
  readonly #evidence = new Map<string, AnsweredQuery>();
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
    const reading = { query, outcome: { value }, isThorough: false };
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
    this.#evidence.set(evidenceKey(query, verifiedBy), { query, outcome, isThorough });
  }

  setApproval(approval: SignableApproval, generation: string, outcome: Outcome<Signed>): void {
    this.#approvals.set(approval, { ...outcome, generation });
  }

  /** Everything that was read, in the order in which it was. */
  facts(): Facts {
    const evidence = [...this.#evidence.values()].map(({ query, outcome, isThorough }) => ({
      image: contentsKey(query.image),
      wants: query.wants,
      outcome,
      isThorough,
    }));
    const approvals = [...this.#approvals];
    return { tags: [...this.#tags], contents: [...this.#contents], evidence, approvals };
  }
}

type EvidenceLack = Extract<Lack, { readonly kind: "evidence" }>;

export function tagKey({ registry, repository, tag }: ImageRef): string {
  return `${registry}/${repository}:${tag ?? "latest"}`;
}

export function contentsKey(image: PinnedImage): string {
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
