import {
  type Digest,
  Fault,
  type ImageContents,
  type ImageRef,
  type Mode,
  parseJson,
  type PinnedImage,
  repositoryName,
  type Subject,
  type Verdict,
} from "../core/index.ts";
import type { SignableApproval } from "../waivers/index.ts";
import type { Signed } from "./approvals/approved.ts";
import { attempt } from "./create-gate.ts";
import type { EvidenceQuery } from "./evidence/collect.ts";
import type { Found } from "./evidence/collections.ts";
import { contentsKey, type EvidenceReading, type Lack, type Outcome, Readings, tagKey } from "./readings.ts";
import { type SnapshotDeps, takeSnapshot } from "./snapshot.ts";

/** Evidence as a decision had it, and what it had asked for. */
export interface RecordedEvidence {
  /** `registry/repository@digest`. */
  readonly image: string;
  readonly asked: Question;
  /** Whether it was looked up once more before it led to a refusal. */
  readonly isThorough: boolean;
  readonly outcome: Outcome<Found>;
}

/** What rules ask of evidence. */
interface Question {
  readonly predicateTypes: readonly string[];
  readonly predicateTexts: readonly string[];
  readonly acceptsPartial: boolean;
}

/** What a decision had read. Undefined: it had not asked. */
export interface RecordedReads {
  /** By `registry/repository:tag`. */
  readonly tag: (key: string) => Outcome<Digest | undefined> | undefined;
  /** By `registry/repository@digest`. */
  readonly contents: (key: string) => Outcome<ImageContents | undefined> | undefined;
  readonly evidence: readonly RecordedEvidence[];
  readonly approval: (approval: SignableApproval) => Outcome<Signed> | undefined;
}

/** What was asked for. */
export interface RecordedRequest {
  readonly namespace: string;
  readonly mode: Mode;
  readonly subjects: readonly Subject[];
}

/** A verdict, or why there is none: what it takes was not read then, one clause. */
export type JudgedAgain = { readonly verdict: Verdict } | { readonly lacking: string };

/** Evidence does not age between a decision and its replay; what rules say of the age of a scan is judged as always. */
const AGELESS = { refreshAfterMs: Number.POSITIVE_INFINITY, recheckAfterMs: Number.POSITIVE_INFINITY };

/**
 * The gate's own verdict on what a decision had read, by other documents, and nothing is read for it. Where the gate would ask
 * for something that was not read, or has only a part of, there is no verdict. Throws what taking a snapshot throws.
 */
export function judgeAgain(request: RecordedRequest, reads: RecordedReads, deps: SnapshotDeps): JudgedAgain {
  const { mode, ...rest } = request;
  const reading = {
    request: { ...rest, mode: () => mode, access: {}, signal: NEVER },
    readings: new RecordedReadings(reads),
  };
  const { verdict, lacking } = attempt(reading, takeSnapshot(deps), { limits: AGELESS });
  return verdict === undefined ? { lacking: clauseOf(lacking.map(({ lack }) => lack)) } : { verdict };
}

const NEVER = new AbortController().signal;

class RecordedReadings extends Readings {
  readonly #reads: RecordedReads;

  constructor(reads: RecordedReads) {
    super();
    this.#reads = reads;
  }

  override tag(ref: ImageRef): Outcome<Digest | undefined> | undefined {
    return this.#reads.tag(tagKey(ref));
  }

  override contents(image: PinnedImage): Outcome<ImageContents | undefined> | undefined {
    return this.#reads.contents(contentsKey(image));
  }

  override evidence(query: EvidenceQuery): EvidenceReading | undefined {
    const image = contentsKey(query.image);
    const question = questionOf(query.wants);
    const answers = this.#reads.evidence.filter(
      (each) => each.image === image && covers(each, question, query),
    );
    return answers.at(-1); // what was read last is what decided
  }

  override approval(approval: SignableApproval): Outcome<Signed> | undefined {
    return this.#reads.approval(approval);
  }
}

/** Whether evidence answers a question: everything that the question wants was read. */
function covers(
  { asked, outcome }: RecordedEvidence,
  question: Question,
  { needsAllEvidence }: EvidenceQuery,
): boolean {
  const isWide =
    question.predicateTypes.every((type) => asked.predicateTypes.includes(type)) &&
    question.predicateTexts.every((type) => asked.predicateTexts.includes(type));
  if (!isWide || "fault" in outcome || !needsAllEvidence) return isWide;
  const { evidence, isOfOthers, staleBecause } = outcome.value;
  if (evidence.isPartial === true || isOfOthers === true || staleBecause !== undefined) return false;
  return !asked.acceptsPartial || evidence.isSignedIn !== true;
}

/** The form that a plan gives its question. */
function questionOf(wants: string): Question {
  const [predicateTypes, predicateTexts, acceptsPartial] = parseJson(wants) as [string[], string[], boolean];
  return { predicateTypes, predicateTexts, acceptsPartial };
}

function clauseOf([lack]: readonly Lack[]): string {
  switch (lack?.kind) {
    case "tag":
      return `it was not asked what the tag ${tagKey(lack.ref)} represents`;
    case "contents":
      return `it was not read what ${nameOf(lack.image)} is made of`;
    case "evidence": {
      const { image, wants } = lack.query;
      if (lack.isThorough)
        return `not all evidence of ${nameOf(image)} was read, and a part of it refuses nothing`;
      const { predicateTypes } = questionOf(wants);
      return `not all evidence of ${nameOf(image)} was read that rules ask for now: ${predicateTypes.join(", ") || "signatures"}`;
    }
    case "approval":
      return "it was not verified who signed the approvals of a waiver";
    case undefined:
      throw new Fault("internal/unexpected", "neither a verdict nor what it lacks");
  }
}

function nameOf(image: PinnedImage): string {
  return `${repositoryName(image)}@${image.digest.slice(0, 19)}`;
}
