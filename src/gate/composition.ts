import {
  type Advice,
  type Digest,
  Fault,
  type Finding,
  type ImageContents,
  type ImageRef,
  isPinned,
  noticeOf,
  type Objection,
  printable,
  splitDigest,
  type Subject,
} from "../core/index.ts";
import type { CheckpointRule } from "../policy/index.ts";
import type { Revocations } from "../revocations/index.ts";
import { type FindingsOrLacks, finding, isLacking, withObjections } from "./examined.ts";
import type { GateRequest } from "./ports.ts";
import type { Lack, Readings } from "./readings.ts";
import { type ComposedImage, contentsFindings, namesDigests } from "./revoked.ts";

const MAX_TEXT = 300;

/** What is known before an image's contents are, and what these are judged by. */
export interface BeforeContents {
  readonly examined: FindingsOrLacks;
  readonly revocations: Revocations;
  readonly checkpoints: CheckpointRule;
  readonly readings: Readings;
  readonly request: Pick<GateRequest, "access">;
}

/**
 * Where revocations name digests or a rule refuses checkpoints, what the image is made of is asked as well: the same bytes have
 * a digest by each algorithm, and an index leads to the images that it lists. What cannot be read is not known to be good.
 */
export function withContents(
  subject: Subject,
  ref: ImageRef,
  { examined, revocations, checkpoints, readings, request }: BeforeContents,
): FindingsOrLacks {
  const isAsked = namesDigests(revocations) || checkpoints === "refused";
  if (!isPinned(ref) || !isAsked || isUncovered(examined)) return examined;
  const reading = readings.contents(ref, request.access);
  if (reading === undefined) {
    const lack: Lack = { kind: "contents", image: ref };
    return isLacking(examined) ? [...examined, lack] : [lack];
  }
  if ("fault" in reading) return withObjections([noticeOf(reading.fault, subject)], examined);
  const contents = reading.value;
  if (contents === undefined) {
    const missing = finding(subject, "reference/not-found", "its registry has no such manifest");
    return withObjections([missing], examined);
  }
  const composed = { image: ref.digest, contents };
  const findings = [
    ...unknownParts(subject, contents.absent, { revocations, checkpoints }),
    ...contentsFindings(subject, composed, revocations),
    ...checkpointFindings(subject, composed, checkpoints),
  ];
  return withObjections(findings, nearMisses(examined, contents));
}

const INDEX: Advice = {
  fix: "Sign the index itself, which is what you deploy: `cosign sign --recursive` signs it and the images in it.",
  brief: "Sign the index: cosign --recursive.",
};
const BUILDKIT: Advice = {
  fix: "Attest the build with a signature (actions/attest with push-to-registry): the provenance that BuildKit puts into the index has none.",
  brief: "Attest the build, with a signature.",
};

/** Says of an index what it has instead: it changes what people are advised to do, and never a verdict. */
function nearMisses(examined: FindingsOrLacks, contents: ImageContents): FindingsOrLacks {
  if (isLacking(examined) || contents.parts.length === 0) return examined;
  const objections = examined.objections.map((each): Objection => {
    if (each.kind === "fault" || each.advice !== undefined) return each;
    if (each.code === "signature/missing") return { ...each, advice: INDEX };
    const isBuildKits = each.code === "provenance/missing" && contents.hasUnsignedProvenance === true;
    return isBuildKits ? { ...each, advice: BUILDKIT } : each;
  });
  return { ...examined, objections };
}

/**
 * What is not known of an absent part, which may be on the node already, or be pushed before the node pulls it: whether it is
 * a checkpoint, and whether a list names it under a digest of another algorithm.
 */
function unknownParts(
  subject: Subject,
  absent: readonly Digest[],
  {
    revocations: { digests, nonPromotable },
    checkpoints,
  }: Pick<BeforeContents, "revocations" | "checkpoints">,
): Objection[] {
  const incomplete = (part: Digest, unknown: string): Objection => {
    const message = `the registry does not have ${part}, which this index lists${unknown} is not known`;
    return noticeOf(new Fault("registry/incomplete", message), subject);
  };
  const [first] = absent;
  if (first !== undefined && checkpoints === "refused")
    return [incomplete(first, ": whether it is a checkpoint")];
  const listed = [...digests.keys(), ...nonPromotable.keys()];
  const unnamed = absent.find((part) =>
    listed.some((digest) => splitDigest(digest).algorithm !== splitDigest(part).algorithm),
  );
  if (unnamed === undefined) return [];
  const otherwise =
    ", and digests of another algorithm are revoked or not promotable: whether it is one of them";
  return [incomplete(unnamed, otherwise)];
}

/** An image that no rule covers is refused whatever it is made of. */
function isUncovered(examined: FindingsOrLacks): boolean {
  return !isLacking(examined) && examined.objections.some(({ code }) => code === "policy/unmatched");
}

/**
 * What speaks against a checkpoint of a running container. A signature over it says who made it, and not what it runs: a
 * runtime restores memory that nothing was built from, on top of an image that the checkpoint names and the gate never saw.
 */
function checkpointFindings(
  subject: Subject,
  { image, contents: { checkpoint } }: ComposedImage,
  rule: CheckpointRule,
): Finding[] {
  if (checkpoint === undefined || rule === "allowed") return [];
  const message = `it is a checkpoint of a running container, by the annotation ${checkpoint}`;
  return [
    {
      kind: "finding",
      code: "reference/checkpoint",
      subject,
      digest: image,
      message: printable(message, MAX_TEXT),
    },
  ];
}
