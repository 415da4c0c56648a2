import {
  asFault,
  Fault,
  gateOf,
  type ImageRef,
  isPinned,
  type Judged,
  noticeOf,
  type Objection,
  parseImageRef,
  type PinnedImage,
  repositoryName,
  type Subject,
  type TrustSnapshot,
} from "../core/index.ts";
import { judge, plan, unmatched, unpinned } from "../policy/index.ts";
import { withContents } from "./composition.ts";
import type { ImageFindings } from "./decide.ts";
import { ageOf } from "./evidence/age.ts";
import type { EvidenceQuery } from "./evidence/collect.ts";
import type { Found } from "./evidence/collections.ts";
import {
  bare,
  type FindingsOrLacks,
  finding,
  isLacking,
  summaryOf,
  type PlanOfRules,
  withObjections,
} from "./examined.ts";
import type { GateLimits, GateRequest } from "./ports.ts";
import { describeProofs } from "./proofs.ts";
import type { Outcome, Reading } from "./readings.ts";
import { digestFindings, judgeUnrevoked } from "./revoked.ts";
import type { Documents, Snapshot } from "./snapshot.ts";

/** How old evidence may be. */
export type AgeLimits = Pick<GateLimits, "refreshAfterMs" | "recheckAfterMs">;

/** What an image is examined with: what was read of it, and the snapshot that judges. */
export interface Examination extends Reading {
  /** The request's mode, as of the snapshot. */
  readonly mode: ReturnType<GateRequest["mode"]>;
  readonly snapshot: Snapshot;
  readonly limits: AgeLimits;
}

/**
 * Everything that speaks against one image, or what has to be read before that can be said. Synchronous: between the
 * snapshot and the findings nothing changes. Never throws: a throw becomes a fault notice.
 */
export function examine(subject: Subject, examination: Examination): FindingsOrLacks {
  const parsed = parseImageRef(subject.image);
  if (!parsed.ok)
    return bare(subject, [
      finding(subject, "reference/invalid", `it is not an image reference: ${parsed.why}`),
    ]);
  const { ref } = parsed;
  const { documents } = examination.snapshot;
  const examined =
    documents instanceof Fault
      ? bare(subject, [noticeOf(documents, subject), ...revokedDigest(subject, ref, examination)], { ref })
      : examineReference(subject, ref, { ...examination, ...documents });
  return isLacking(examined) ? examined : { ...examined, repository: repositoryName(ref) };
}

/** What is known without a policy: a revoked digest is refused whatever is switched off. */
function revokedDigest(subject: Subject, ref: ImageRef, { snapshot }: Examination): Objection[] {
  const { revocations } = snapshot;
  return revocations === undefined || !isPinned(ref) ? [] : digestFindings(subject, ref.digest, revocations);
}

type WithDocuments = Examination & Documents;

function examineReference(subject: Subject, ref: ImageRef, examination: WithDocuments): FindingsOrLacks {
  const { policy, revocations, request, mode } = examination;
  const query = { image: ref, namespace: request.namespace };
  const planned = plan(policy, query, { copiesCount: revocations.hasWindowEnds });
  const early = isPinned(ref) ? digestFindings(subject, ref.digest, revocations) : unpinned(subject, ref);
  if (planned.kind === "unmatched") {
    const uncovered = bare(subject, [...early, ...unmatched(policy, subject, ref)], { ref });
    const checkpoints = "refused-where-known";
    return withContents(subject, ref, { ...examination, examined: uncovered, checkpoints });
  }
  const { checkpoints } = planned;
  const hopeless = early.some(({ code }) => code === "revocation/digest");
  if (hopeless || (!isPinned(ref) && mode === "enforce")) return bare(subject, early, { ref, planned });
  if (!planned.needsEvidence) {
    const settled = bare(subject, early, { ref, planned });
    return withContents(subject, ref, { ...examination, examined: settled, checkpoints });
  }
  try {
    const examined = examineContent(subject, ref, { ...examination, planned });
    return withObjections(early, examined);
  } catch (error) {
    return bare(subject, [noticeOf(asFault(error), subject), ...early], { ref, planned });
  }
}

type WithRules = WithDocuments & { readonly planned: PlanOfRules };

/** A tag is resolved once; everything after speaks about the digest. Throws faults. */
function examineContent(subject: Subject, ref: ImageRef, examination: WithRules): FindingsOrLacks {
  const { planned, readings, revocations } = examination;
  const { checkpoints } = planned;
  if (isPinned(ref)) {
    const examined = examineDigest(subject, ref, examination);
    return withContents(subject, ref, { ...examination, examined, checkpoints });
  }
  const tag = readings.tag(ref);
  if (tag === undefined) return [{ kind: "tag", ref }];
  const digest = valueOf(tag);
  if (digest === undefined) {
    const missing = finding(subject, "reference/not-found", "its registry has no such tag");
    return bare(subject, [missing], { ref, planned });
  }
  const image = { ...ref, digest };
  const examined = examineDigest(subject, image, examination);
  const composed = withContents(subject, image, { ...examination, examined, checkpoints });
  return withObjections(digestFindings(subject, digest, revocations), composed);
}

/**
 * Findings on fresh enough evidence. Evidence that leads to a refusal is looked up once more, all of it, since the
 * image may have been signed a moment ago, or in a place where its repository had nothing so far, or its registry may
 * show that to the holders of a pull secret alone; old evidence, used because its registry gave none, never refuses: it is a
 * fault.
 */
function examineDigest(subject: Subject, image: PinnedImage, examination: WithRules): FindingsOrLacks {
  const { planned, readings, request, limits, snapshot } = examination;
  const trust = trustIn(snapshot);
  const { wantsPredicate, predicateTexts, wants, acceptsPartial, needsAllEvidence } = planned;
  const query: EvidenceQuery = {
    image,
    access: request.access,
    wantsPredicate,
    predicateTexts,
    wants,
    acceptsPartial,
    needsAllEvidence,
  };
  const lack = { kind: "evidence", query, generation: trust.generation } as const;
  const maxAgeMs = limits.refreshAfterMs;
  const reading = readings.evidence(query, { trust, now: snapshot.now, maxAgeMs });
  if (reading === undefined) return [{ ...lack, maxAgeMs, isThorough: false }];
  const found = valueOf(reading.outcome);
  const examined = withEvidence(subject, { image, found, trust }, examination);
  const isFresh = ageOf(found.evidence, snapshot.now) <= limits.recheckAfterMs;
  const isAll = found.evidence.isPartial !== true && found.isOfOthers !== true && isFresh;
  if (examined.objections.length === 0 || isAll || reading.isThorough) return examined;
  const whole = { ...query, acceptsPartial: false };
  return [{ ...lack, query: whole, maxAgeMs: limits.recheckAfterMs, isThorough: true }];
}

interface OnEvidence {
  readonly image: PinnedImage;
  readonly found: Found;
  readonly trust: TrustSnapshot;
}

function withEvidence(
  subject: Subject,
  { image, found, trust: { keys } }: OnEvidence,
  { planned, policy, request: { namespace }, revocations, snapshot: { now } }: WithRules,
): ImageFindings {
  const { staleBecause } = found;
  const judgement = judgeUnrevoked(found.evidence, revocations, (each) =>
    judge({
      policy,
      rules: planned.rules,
      subject,
      image,
      namespace,
      evidence: each,
      keys,
      now,
      copiesCount: revocations.hasWindowEnds,
    }),
  );
  const { evidence } = judgement;
  const objections =
    judgement.objections.length > 0 && staleBecause !== undefined
      ? [...judgement.objections.filter(isRevocation), noticeOf(staleBecause, subject)]
      : judgement.objections;
  const judged: Judged = {
    ...summaryOf(subject, { ref: image, planned }),
    proofs: describeProofs(evidence),
    evidenceAgeMs: ageOf(evidence, now),
    ...(staleBecause !== undefined && { staleBecause: staleBecause.message }),
  };
  return { judged, objections };
}

function trustIn({ trust }: Snapshot): TrustSnapshot {
  if (trust instanceof Fault) throw trust;
  return trust;
}

function valueOf<T>(outcome: Outcome<T>): T {
  if ("fault" in outcome) throw outcome.fault;
  return outcome.value;
}

/** What no newer evidence takes back: a revocation is known here, whatever the registry would say. */
function isRevocation({ kind, code }: Objection): boolean {
  return kind === "finding" && gateOf(code) === "revocation";
}
