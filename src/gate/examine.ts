import {
  asFault,
  Fault,
  type Finding,
  gateOf,
  type ImageRef,
  isPinned,
  type Judged,
  type Objection,
  parseImageRef,
  type PinnedImage,
  repositoryName,
  type Subject,
  type TrustSnapshot,
} from "../core/index.ts";
import { judge, type Plan, plan, unmatched, unpinned } from "../policy/index.ts";
import { ageOf } from "./age.ts";
import type { EvidenceQuery } from "./collect.ts";
import type { Found } from "./collections.ts";
import type { ImageFindings } from "./decide.ts";
import type { GateLimits, GateRequest } from "./ports.ts";
import { describeProofs } from "./proofs.ts";
import type { Lack, Outcome, Reading } from "./readings.ts";
import { contentsFindings, digestFindings, judgeStanding, namesDigests } from "./revoked.ts";
import type { Documents, Snapshot } from "./snapshot.ts";

/** What an image is examined with: what was read of it, and the snapshot that judges. */
export interface Examination extends Reading {
  /** The request's mode, as of the snapshot. */
  readonly mode: ReturnType<GateRequest["mode"]>;
  readonly snapshot: Snapshot;
  readonly limits: Pick<GateLimits, "refreshAfterMs" | "recheckAfterMs">;
}

type Asked = Extract<Plan, { readonly kind: "rules" }>;

/**
 * Everything that speaks against one image, or what has to be read before that can be said. Synchronous: between the
 * snapshot and the findings nothing changes. Never throws: a throw becomes a fault notice.
 */
export function examine(subject: Subject, examination: Examination): Examined {
  const parsed = parseImageRef(subject.image);
  if (!parsed.ok)
    return bare(subject, [finding(subject, "reference/invalid", `it is no image reference: ${parsed.why}`)]);
  const { ref } = parsed;
  const { documents } = examination.snapshot;
  const examined =
    documents instanceof Fault
      ? bare(subject, [notice(subject, documents)], { ref })
      : examineReference(subject, ref, { ...examination, ...documents });
  return isLacking(examined) ? examined : { ...examined, repository: repositoryName(ref) };
}

/** Findings, or what has to be read first. */
export type Examined = ImageFindings | readonly Lack[];

/** Whether something has to be read first. */
export function isLacking(examined: Examined): examined is readonly Lack[] {
  return Array.isArray(examined);
}

type WithDocuments = Examination & Documents;

function examineReference(subject: Subject, ref: ImageRef, examination: WithDocuments): Examined {
  const { policy, revocations, request, mode } = examination;
  const asked = plan(policy, { image: ref, namespace: request.namespace });
  const early = isPinned(ref) ? digestFindings(subject, ref.digest, revocations) : unpinned(subject, ref);
  if (asked.kind === "unmatched") {
    const uncovered = bare(subject, [...early, ...unmatched(policy, subject, ref)], { ref });
    return withContents(subject, ref, { examined: uncovered, examination });
  }
  const hopeless = early.some(({ code }) => code === "revocation/digest");
  if (hopeless || (!isPinned(ref) && mode === "enforce")) return bare(subject, early, { ref, asked });
  if (!asked.needsEvidence) {
    const settled = bare(subject, early, { ref, asked });
    return withContents(subject, ref, { examined: settled, examination });
  }
  try {
    const examined = examineContent(subject, ref, { ...examination, asked });
    return withObjections(early, examined);
  } catch (error) {
    return bare(subject, [notice(subject, asFault(error)), ...early], { ref, asked });
  }
}

type WithRules = WithDocuments & { readonly asked: Asked };

/** A tag is resolved once; everything after speaks about the digest. Throws faults. */
function examineContent(subject: Subject, ref: ImageRef, examination: WithRules): Examined {
  if (isPinned(ref)) {
    const examined = examineDigest(subject, ref, examination);
    return withContents(subject, ref, { examined, examination });
  }
  const { asked, readings, revocations } = examination;
  const tag = readings.tag(ref);
  if (tag === undefined) return [{ kind: "tag", ref }];
  const digest = valueOf(tag);
  if (digest === undefined) {
    const missing = finding(subject, "reference/not-found", "its registry has no such tag");
    return bare(subject, [missing], { ref, asked });
  }
  const image = { ...ref, digest };
  const examined = withContents(subject, image, {
    examined: examineDigest(subject, image, examination),
    examination,
  });
  return withObjections(digestFindings(subject, digest, revocations), examined);
}

/**
 * Where revocations name digests, what the image is made of is asked as well: the same bytes have a digest by each algorithm,
 * and an index leads to the images that it lists. What cannot be read is not known to be good.
 */
function withContents(
  subject: Subject,
  ref: ImageRef,
  { examined, examination }: { readonly examined: Examined; readonly examination: WithDocuments },
): Examined {
  const { revocations, readings } = examination;
  if (!isPinned(ref) || !namesDigests(revocations) || isUncovered(examined)) return examined;
  const reading = readings.contents(ref.digest);
  if (reading === undefined) {
    const lack: Lack = { kind: "contents", image: ref };
    return isLacking(examined) ? [...examined, lack] : [lack];
  }
  if ("fault" in reading) return withObjections([notice(subject, reading.fault)], examined);
  const contents = reading.value;
  if (contents === undefined) {
    const missing = finding(subject, "reference/not-found", "its registry has no such manifest");
    return withObjections([missing], examined);
  }
  return withObjections(contentsFindings(subject, { image: ref.digest, contents }, revocations), examined);
}

/** An image that no rule covers is refused whatever it is made of. */
function isUncovered(examined: Examined): boolean {
  return !isLacking(examined) && examined.objections.some(({ code }) => code === "policy/unmatched");
}

function withObjections(more: readonly Objection[], examined: Examined): Examined {
  return isLacking(examined) ? examined : { ...examined, objections: [...more, ...examined.objections] };
}

/**
 * Findings on fresh enough evidence. Evidence that leads to a refusal is looked up once more, all of it, since the image
 * may have been signed a moment ago, or in a place where its repository had nothing so far; old evidence that had to do for
 * want of a registry never refuses: it is a fault.
 */
function examineDigest(subject: Subject, image: PinnedImage, examination: WithRules): Examined {
  const { asked, readings, request, limits, snapshot } = examination;
  const trust = trustIn(snapshot);
  const { wantsPredicate, predicateTexts, wants, takesPart } = asked;
  const query: EvidenceQuery = {
    image,
    access: request.access,
    wantsPredicate,
    predicateTexts,
    wants,
    takesPart,
  };
  const lack = { kind: "evidence", query, generation: trust.generation } as const;
  const reading = readings.evidence(query, trust.generation);
  if (reading === undefined) return [{ ...lack, maxAgeMs: limits.refreshAfterMs, isThorough: false }];
  const found = valueOf(reading.outcome);
  const examined = withEvidence(subject, { image, found, trust }, examination);
  const isFresh = ageOf(found.evidence, snapshot.now) <= limits.recheckAfterMs;
  const isAll = found.evidence.isPartial !== true && isFresh;
  if (examined.objections.length === 0 || isAll || reading.isThorough) return examined;
  const whole = { ...query, takesPart: false };
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
  { asked, policy, revocations, snapshot: { now } }: WithRules,
): ImageFindings {
  const { staleBecause } = found;
  const standing = judgeStanding(found.evidence, revocations, (each) =>
    judge({ policy, rules: asked.rules, subject, image, evidence: each, keys, now }),
  );
  const { evidence } = standing;
  const objections =
    standing.objections.length > 0 && staleBecause !== undefined
      ? [...standing.objections.filter(isRevocation), notice(subject, staleBecause)]
      : standing.objections;
  const judged: Judged = {
    ...judgedOf(subject, { ref: image, asked }),
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

function bare(
  subject: Subject,
  objections: readonly Objection[],
  known: { readonly ref?: ImageRef; readonly asked?: Asked } = {},
): ImageFindings {
  return { judged: judgedOf(subject, known), objections };
}

function judgedOf(
  subject: Subject,
  { ref, asked }: { readonly ref?: ImageRef; readonly asked?: Asked },
): Judged {
  const rules = asked?.rules.map(({ name }) => name) ?? [];
  return {
    image: subject.image,
    rules,
    proofs: [],
    ...(ref?.digest !== undefined && { digest: ref.digest }),
  };
}

function finding(subject: Subject, code: Finding["code"], message: string): Finding {
  return { kind: "finding", code, subject, message };
}

function notice(subject: Subject, { code, message }: Fault): Objection {
  return { kind: "fault", code, subject, message };
}
