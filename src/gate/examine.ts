import {
  asFault,
  type Fault,
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
} from "../core/index.ts";
import { judge, type Plan, plan, type Policy, unmatched, unpinned } from "../policy/index.ts";
import type { Revocations } from "../revocations/index.ts";
import { ageOf } from "./age.ts";
import type { Found } from "./collections.ts";
import type { Examined } from "./decide.ts";
import type { EvidenceStore } from "./evidence-store.ts";
import type { GateDeps, GateRequest } from "./ports.ts";
import { describeProofs } from "./proofs.ts";
import { digestFindings, judgeStanding } from "./revoked.ts";
import { before } from "./single-flight.ts";

/** What one examination works with. */
export interface Examination {
  readonly deps: GateDeps;
  readonly store: EvidenceStore;
  readonly policy: Policy;
  readonly revocations: Revocations;
  readonly request: GateRequest;
}

type Asked = Extract<Plan, { readonly kind: "rules" }>;

/** Everything that speaks against one image. Never rejects: a throw becomes a fault notice. */
export async function examine(subject: Subject, examination: Examination): Promise<Examined> {
  const parsed = parseImageRef(subject.image);
  if (!parsed.ok)
    return bare(subject, [finding(subject, "reference/invalid", `it is no image reference: ${parsed.why}`)]);
  try {
    return {
      ...(await examineReference(subject, parsed.ref, examination)),
      repository: repositoryName(parsed.ref),
    };
  } catch (error) {
    return unknown(subject, asFault(error));
  }
}

/** The examination of an image about which nothing could be known. */
export function unknown(subject: Subject, fault: Fault): Examined {
  return bare(subject, [notice(subject, fault)]);
}

async function examineReference(
  subject: Subject,
  ref: ImageRef,
  examination: Examination,
): Promise<Examined> {
  const { policy, revocations, request } = examination;
  const asked = plan(policy, { image: ref, namespace: request.namespace });
  const early = isPinned(ref) ? digestFindings(subject, ref.digest, revocations) : unpinned(subject, ref);
  if (asked.kind === "unmatched")
    return bare(subject, [...early, ...unmatched(policy, subject, ref)], { ref });
  const hopeless = early.some(({ code }) => code === "revocation/digest");
  const settled = hopeless || !asked.needsEvidence || (!isPinned(ref) && request.mode === "enforce");
  if (settled) return bare(subject, early, { ref, asked });
  const image = await pin(ref, examination);
  if (image === undefined) {
    return bare(subject, [finding(subject, "reference/not-found", "its registry has no such tag")], {
      ref,
      asked,
    });
  }
  const resolved = isPinned(ref) ? [] : digestFindings(subject, image.digest, revocations);
  const examined = await examineDigest(subject, image, asked, examination);
  return { ...examined, objections: [...early, ...resolved, ...examined.objections] };
}

/** A tag is resolved once; everything after speaks about the digest. */
async function pin(ref: ImageRef, { deps, request }: Examination): Promise<PinnedImage | undefined> {
  if (isPinned(ref)) return ref;
  const started = performance.now();
  const resolving = deps.registry.resolve(ref, request.access, request.signal);
  const digest = await before(request.signal, resolving, `resolving the tag ${ref.tag ?? "latest"}`);
  deps.observer.phase("resolve", (performance.now() - started) / 1000);
  return digest === undefined ? undefined : { ...ref, digest };
}

/**
 * Findings on fresh enough evidence. Evidence that leads to a refusal is looked up once more, all of it, since the image
 * may have been signed a moment ago, or in a place where its repository had nothing so far; old evidence that had to do for want of a registry never refuses: it is a fault.
 */
async function examineDigest(
  subject: Subject,
  image: PinnedImage,
  asked: Asked,
  examination: Examination,
): Promise<Examined> {
  const { deps } = examination;
  const { refreshAfterMs, recheckAfterMs } = deps.limits;
  const judged = (found: Found): Examined => withEvidence(subject, { image, asked, found }, examination);
  const first = await lookUp(image, asked, examination, { maxAgeMs: refreshAfterMs });
  const examined = judged(first);
  const { evidence } = first;
  const isAll = evidence.isPartial !== true && ageOf(evidence, deps.now()) <= recheckAfterMs;
  if (examined.objections.length === 0 || isAll) return examined;
  const whole = { ...asked, takesPart: false };
  return judged(await lookUp(image, whole, examination, { maxAgeMs: recheckAfterMs, patient: "patient" }));
}

function lookUp(
  image: PinnedImage,
  asked: Asked,
  examination: Examination,
  { maxAgeMs, patient }: { readonly maxAgeMs: number; readonly patient?: "patient" },
): Promise<Found> {
  const { store, request } = examination;
  const { wantsPredicate, predicateTexts, wants, takesPart } = asked;
  const query = { image, access: request.access, wantsPredicate, predicateTexts, wants, takesPart };
  const collected = store.find(query, maxAgeMs, patient);
  return before(request.signal, collected, "collecting signatures and attestations");
}

function withEvidence(
  subject: Subject,
  { image, asked, found }: { readonly image: PinnedImage; readonly asked: Asked; readonly found: Found },
  { deps, policy, revocations }: Examination,
): Examined {
  const { staleBecause } = found;
  const started = performance.now();
  const { keys } = deps.trust();
  const now = deps.now();
  const standing = judgeStanding(found.evidence, revocations, (each) =>
    judge({ policy, rules: asked.rules, subject, image, evidence: each, keys, now }),
  );
  deps.observer.phase("judge", (performance.now() - started) / 1000);
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

/** What no newer evidence takes back: a revocation is known here, whatever the registry would say. */
function isRevocation({ kind, code }: Objection): boolean {
  return kind === "finding" && gateOf(code) === "revocation";
}

function bare(
  subject: Subject,
  objections: readonly Objection[],
  known: { readonly ref?: ImageRef; readonly asked?: Asked } = {},
): Examined {
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
