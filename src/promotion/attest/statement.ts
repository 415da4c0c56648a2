import {
  type Digest,
  formatPolicyUri,
  namesImage,
  type PinnedImage,
  type PolicyUri,
  PREDICATE_TYPES,
  repositoryName,
  splitDigest,
  type VerificationSummary,
} from "../../core/index.ts";
import type { State } from "../judge/lines.ts";
import type { Counted, ProvenanceSigners } from "../judge/state-of.ts";
import type { OwnSummary } from "./ports.ts";

/** slsa.dev/spec/v1.2/verification_summary: either all that were used are named, or none. */
const MAX_INPUTS = 256;
/** Our own level: history that GitHub's records link, without provenance. */
const LEGACY_LINKED = "MC_LEGACY_LINKED";
/** Provenance that verifies, by whom nothing else is known. */
const LEAST = 1;

/** A level of the SLSA build track that provenance can reach. */
export type BuildLevel = 1 | 2 | 3;

/** What each summary of a run says alike. */
export interface Verification {
  /** Id of the verifier. */
  readonly verifier: string;
  readonly policy: PolicyUri & { readonly digest: string };
  /** The SLSA build level that an authority is trusted for, by its name; 1 where none is given. */
  readonly levels: ReadonlyMap<string, BuildLevel>;
  /** How old a summary may be where it is asked for, ms; absent where it may be of any age. */
  readonly maxAgeMs?: number;
  /** How long before that another one is written, ms. */
  readonly renewBeforeMs: number;
}

/** Whether a state is one that a summary is written for. */
export function isPositive(state: State): boolean {
  return state !== "non-promotable" && state !== "unknown";
}

/** Levels of a positive state. Only its builder's provenance gives an image a level: that for which who signed it is trusted. */
export function levelsOf(
  state: State,
  counted: Pick<Counted, "provenance">,
  levels: Verification["levels"],
): readonly string[] {
  if (state === "legacy-linked") return ["SLSA_BUILD_LEVEL_0", LEGACY_LINKED];
  return [`SLSA_BUILD_LEVEL_${buildLevel(counted.provenance, levels)}`];
}

/** What every rule agrees on: of signers who are each enough the highest, and of those who are only together the lowest. */
function buildLevel(asked: readonly ProvenanceSigners[], levels: Verification["levels"]): number {
  const reached = asked.map(({ names, isEachEnough }) => {
    const each = names.map((name) => levels.get(name) ?? LEAST);
    return each.length === 0 ? LEAST : isEachEnough ? Math.max(...each) : Math.min(...each);
  });
  return reached.length === 0 ? LEAST : Math.min(...reached);
}

/** What a summary is made from. */
export interface Subject {
  readonly image: PinnedImage;
  readonly levels: readonly string[];
  readonly counted: Pick<Counted, "attachments">;
  readonly at: Date;
}

/** An in-toto statement with a SLSA Verification Summary v1. Source: slsa.dev/spec/v1.2/verification_summary. */
export function summaryStatement(
  { image, levels, counted, at }: Subject,
  { verifier, policy }: Verification,
): object {
  const inputs = inputsOf(counted);
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name: repositoryName(image), digest: digestSet(image.digest) }],
    predicateType: PREDICATE_TYPES.summaryV1,
    predicate: {
      verifier: { id: verifier },
      timeVerified: at.toISOString(),
      resourceUri: resourceOf(image),
      policy: { uri: formatPolicyUri(policy), digest: digestSet(policy.digest) },
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

/** By what it was judged: not what strangers attached. */
function inputsOf({ attachments }: Pick<Counted, "attachments">): object[] {
  return attachments.length > MAX_INPUTS ? [] : attachments.map((each) => ({ digest: digestSet(each) }));
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
    summary.policies.some(({ uri, digest }) => uri === formatPolicyUri(policy) && digest === policy.digest) &&
    summary.levels.toSorted().join(" ") === levels.toSorted().join(" ") &&
    summary.resources.some((resource) => namesImage(resource, image))
  );
}
