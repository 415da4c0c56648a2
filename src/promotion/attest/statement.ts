import {
  type Digest,
  type Evidence,
  namesImage,
  type PinnedImage,
  PREDICATE_TYPES,
  repositoryName,
  splitDigest,
  type VerificationSummary,
} from "../../core/index.ts";
import type { State } from "../judge/lines.ts";
import type { OwnSummary } from "./ports.ts";

/** slsa.dev/spec/v1.2/verification_summary: either all that were used are named, or none. */
const MAX_INPUTS = 256;
/** Our own level: history that GitHub's records link, without provenance. */
const LEGACY_LINKED = "MC_LEGACY_LINKED";

/** What each summary of a run says alike. */
export interface Verification {
  /** Id of the verifier. */
  readonly verifier: string;
  readonly policy: { readonly uri: string; readonly digest: string };
  /** The SLSA build level of the builders that the policy trusts. */
  readonly level: 1 | 2 | 3;
  /** How old a summary may be where it is asked for, ms; absent where it may be of any age. */
  readonly maxAgeMs?: number;
  /** How long before that another one is written, ms. */
  readonly renewBeforeMs: number;
}

/** Levels of a state; undefined where it is not a positive one. Only its builder's provenance gives an image a level. */
export function levelsOf(
  state: State,
  { level }: Pick<Verification, "level">,
): readonly string[] | undefined {
  switch (state) {
    case "promotable":
    case "promotable-rebuilt":
      return [`SLSA_BUILD_LEVEL_${level}`];
    case "legacy-linked":
      return ["SLSA_BUILD_LEVEL_0", LEGACY_LINKED];
    case "non-promotable":
    case "unknown":
      return undefined;
  }
}

/** What a summary is made from. */
export interface Subject {
  readonly image: PinnedImage;
  readonly levels: readonly string[];
  readonly evidence: Evidence | undefined;
  readonly at: Date;
}

/** An in-toto statement with a SLSA Verification Summary v1. Source: slsa.dev/spec/v1.2/verification_summary. */
export function summaryStatement(
  { image, levels, evidence, at }: Subject,
  { verifier, policy }: Verification,
): object {
  const inputs = inputsOf(evidence);
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: repositoryName(image), digest: digestSet(image.digest) }],
    predicateType: PREDICATE_TYPES.summaryV1,
    predicate: {
      verifier: { id: verifier },
      timeVerified: at.toISOString(),
      resourceUri: resourceOf(image),
      policy: { uri: policy.uri, digest: digestSet(policy.digest) },
      ...(inputs.length > 0 && { inputAttestations: inputs }),
      verificationResult: "PASSED",
      verifiedLevels: levels,
      slsaVersion: "1.2",
    },
  };
}

/** The image's own repository, not this digest of it: the subject says that. */
function resourceOf(image: PinnedImage): string {
  return `oci://${repositoryName(image)}`;
}

function digestSet(digest: string): Record<string, string> {
  const { algorithm, hex } = splitDigest(digest as Digest);
  return { [algorithm]: hex };
}

/** What was read to judge it, but summaries: those are made from it. */
function inputsOf(evidence: Evidence | undefined): object[] {
  const summaries: readonly string[] = [PREDICATE_TYPES.summaryV1, PREDICATE_TYPES.resultV02];
  const read = [
    ...(evidence?.signatures ?? []),
    ...(evidence?.attestations ?? []).filter(({ predicateType }) => !summaries.includes(predicateType)),
  ];
  const digests = [...new Set(read.map(({ attachment }) => attachment))].toSorted();
  return digests.length > MAX_INPUTS ? [] : digests.map((each) => ({ digest: digestSet(each) }));
}

/** Whether a summary says what a new one would, and will be young enough for a while. */
export function isGood(
  { summary, at }: OwnSummary,
  subject: Pick<Subject, "image" | "levels">,
  verification: Verification,
  now: Date,
): boolean {
  const { maxAgeMs, renewBeforeMs } = verification;
  if (!saysTheSame(summary, subject, verification)) return false;
  if (maxAgeMs === undefined) return true;
  const since = Math.min(at?.getTime() ?? 0, summary.verifiedAt?.getTime() ?? Number.POSITIVE_INFINITY);
  return now.getTime() - since < maxAgeMs - renewBeforeMs;
}

/** Whether the newest summaries of a signer may still admit an image: one says PASSED, of whatever age and policy, and none FAILED. */
export function admits(newest: readonly OwnSummary[], { verifier }: Pick<Verification, "verifier">): boolean {
  const ours = newest.filter(({ summary }) => summary.verifier === verifier);
  return (
    ours.some(({ summary }) => summary.result === "PASSED") &&
    ours.every(({ summary }) => summary.result !== "FAILED")
  );
}

function saysTheSame(
  summary: VerificationSummary,
  { image, levels }: Pick<Subject, "image" | "levels">,
  { verifier, policy }: Verification,
): boolean {
  return (
    summary.kind === "vsa" &&
    summary.result === "PASSED" &&
    summary.verifier === verifier &&
    summary.policies.some(({ uri, digest }) => uri === policy.uri && digest === policy.digest) &&
    summary.levels.toSorted().join(" ") === levels.toSorted().join(" ") &&
    summary.resources.some((resource) => namesImage(resource, image))
  );
}
