import { z } from "zod";

import {
  type Advice,
  type Attestation,
  deadExpression,
  namesImage,
  PREDICATE_TYPES,
  printable,
  repositoryName,
  textMatcher,
  type VerificationSummary,
} from "../../core/index.ts";
import { MaxAge } from "../fields.ts";
import { isOneComposition, ONE_COMPOSITION, signedBy } from "../signers.ts";
import {
  acceptsPolicy,
  AllowedPolicies,
  describePolicies,
  describeWanted,
  JudgedFor,
} from "./allowed-policies.ts";
import { defineGate, type GateContext, type GateObjection, type Miss } from "./gate.ts";
import { clause, lacking, list, nearest, shortDigest } from "./messages.ts";
import { absenceOf, newest, type Quorum, quorumOf, split, tooOld, UNDATED, usesOf } from "./quorum.ts";

const MAX = 32;
const LEVEL = /^(SLSA_[A-Z_]{1,64}_LEVEL_)(\d{1,2})$/;
/** What is required where a rule says nothing. Level 0 says that there is no provenance. */
const LEAST_LEVEL = "SLSA_BUILD_LEVEL_1";
/** Predicate types of summaries. */
export const SUMMARY_TYPES: readonly string[] = [PREDICATE_TYPES.summaryV1, PREDICATE_TYPES.resultV02];

const Settings = z
  .strictObject({
    ...signedBy("the verification summary"),
    verifiers: z
      .array(textMatcher(deadExpression))
      .min(1, "An empty list would accept nothing.")
      .max(MAX)
      .describe("Ids of verifiers for which these authorities may sign."),
    levels: z
      .array(z.string().regex(/^[A-Z0-9_]{1,128}$/, "A level is upper-case letters, digits and underscores."))
      .min(1, "An empty list would require nothing.")
      .max(MAX)
      .default([LEAST_LEVEL])
      .describe("Levels that it must name, all of them; a higher level of the same SLSA track also counts."),
    resourceUris: z
      .array(textMatcher(deadExpression))
      .min(1, "An empty list would accept nothing.")
      .max(MAX)
      .optional()
      .describe(
        "Resources that it may name; the image's own repository if absent, as a package URL, `oci://` or plain name.",
      ),
    policies: AllowedPolicies.optional().describe(
      "Policies that it may have verified the image against; `inForce` is the digest of this document. Any policy if absent.",
    ),
    judgedFor: JudgedFor.optional().describe(
      "Namespaces by whose rules it may have been judged (`--namespace` of `mc promote`); the image's own namespace if absent.",
    ),
    maxAge: MaxAge,
  })
  .refine(isOneComposition, ONE_COMPOSITION);
type Settings = z.output<typeof Settings>;

/** It may be by any verifier and about anything: another summary does not set it aside. */
const UNREADABLE: Advice = {
  fix: "Have the attachment that the message names removed from the registry by its signer, and the promotion run again; another summary alone does not help.",
  brief: "Remove the unreadable summary.",
};

interface Judging {
  readonly settings: Settings;
  readonly quorum: Quorum;
  readonly context: GateContext;
}

/**
 * A signed summary says that the image passed. None at all, or a failed one, refuses. All required steps of
 * slsa.dev/spec/v1.2/verification_summary ("How to verify"): signature and subject were checked by src/verify.
 */
export const promotable = defineGate({
  name: "promotable",
  summary:
    "A SLSA verification summary (VSA v1) by a trusted verifier that says PASSED, or an in-toto SVR v0.2. The newest per verifier counts, and FAILED refuses.",
  settings: Settings,
  needsEvidence: true,
  needsAllEvidence: () => true,
  predicateTypes: () => SUMMARY_TYPES,
  authorities: (settings) => usesOf(settings),
  objections: (settings, context) => {
    const quorum = quorumOf(settings, context);
    const found = context.evidence.attestations.filter(({ predicateType }) =>
      SUMMARY_TYPES.includes(predicateType),
    );
    const { trusted, misses } = split(found, quorum);
    if (trusted.length === 0) {
      const { isSigned, lack, advice } = absenceOf("verification summary", misses, quorum, context.evidence);
      return [lacking(isSigned ? "promotable/untrusted-signer" : "promotable/unknown", lack, advice)];
    }
    return judgeSummaries(trusted, { settings, quorum, context });
  },
});

/** The summaries that no newer one of the same signer and verifier stands in for: what the gate counts. */
export function newestSummaries(summaries: readonly Attestation[]): Attestation[] {
  return newest(summaries, { declared: ({ summary }) => summary?.verifiedAt, replaces });
}

function judgeSummaries(trusted: readonly Attestation[], judging: Judging): GateObjection[] {
  const { settings, quorum } = judging;
  const latest = newestSummaries(
    trusted.filter(({ summary }) => summary === undefined || isAllowed(settings.verifiers, summary.verifier)),
  );
  const failed = latest.find(({ summary }) => summary?.result === "FAILED");
  if (failed !== undefined) return [refused(failed, latest)];
  const broken = latest.find(({ summary }) => summary === undefined);
  if (broken !== undefined) {
    const why = printable(broken.unreadable ?? "it holds none", 200);
    const which = `a verification summary of it (${shortDigest(broken.attachment)})`;
    return [{ ...objection("promotable/unknown", `${which} cannot be read: ${why}`), advice: UNREADABLE }];
  }
  const judged = latest.map((each) => ({ each, miss: missOf(each, judging) }));
  const passed = judged.flatMap(({ each, miss }) => (miss === undefined ? [each] : []));
  if (quorum.isMet(passed)) return [];
  const miss = nearest(judged.flatMap((each) => each.miss ?? []));
  if (miss !== undefined) {
    const { nearness: _, ...lack } = miss;
    return [lack];
  }
  const missing =
    latest.length === 0
      ? `none of its verification summaries is by ${sources(settings.verifiers)}`
      : `its verification summary is signed by only ${quorum.shortage(passed)}`;
  return [objection("promotable/untrusted-signer", missing)];
}

/** Of two summaries without a time neither is the newer one, and FAILED counts. */
function refused(failed: Attestation, latest: readonly Attestation[]): GateObjection {
  const { verifier } = failed.summary!;
  const message = `its verification by ${verifier} FAILED`;
  const hasPassed = latest.some(
    (each) =>
      each.summary?.result === "PASSED" &&
      replaces(each, failed) &&
      (each.trustedTime === undefined || failed.trustedTime === undefined),
  );
  if (!hasPassed) return objection("promotable/refused", message);
  const undecided = `${message}; another one says PASSED, but nothing vouches for which is newer`;
  return { ...objection("promotable/refused", undecided), advice: UNDATED };
}

/**
 * A summary stands in for an older one by the same verifier about the same resource; one that lists only what has passed
 * (an SVR), for none that failed. One that cannot be read may be by any verifier and about anything, and stays.
 */
function replaces({ summary: newer }: Attestation, { summary: older }: Attestation): boolean {
  if (newer === undefined || older === undefined) return false;
  if (newer.kind === "svr" && older.result === "FAILED") return false;
  return older.verifier === newer.verifier && older.resources.join("\n") === newer.resources.join("\n");
}

/** The first thing that a passed summary lacks, in the order resource, policy, level, age. */
function missOf(attestation: Attestation, { settings, context }: Judging): Miss | undefined {
  const summary = attestation.summary!;
  return (
    resourceMiss(summary, settings, context) ??
    policyMiss(summary, settings, context) ??
    levelMiss(summary, settings) ??
    ageMiss(attestation, settings, context)
  );
}

function resourceMiss(
  { resources }: VerificationSummary,
  { resourceUris }: Settings,
  { image }: GateContext,
): Miss | undefined {
  const isWanted = (uri: string): boolean =>
    resourceUris === undefined ? namesImage(uri, image) : isAllowed(resourceUris, uri);
  if (resources.some(isWanted)) return undefined;
  const wanted = resourceUris === undefined ? repositoryName(image) : sources(resourceUris);
  const message = `its verification summary is about ${list(resources) || "nothing"}, but must be about ${wanted}`;
  return { ...objection("promotable/wrong-resource", message), nearness: 1 };
}

function policyMiss(
  { policies }: VerificationSummary,
  { policies: allowed, judgedFor }: Settings,
  { namespace, policy: asking }: GateContext,
): Miss | undefined {
  const wanted = { allowed, judgedFor, namespace, asking };
  if (acceptsPolicy(policies, wanted)) return undefined;
  const named = describePolicies(policies) || "no policy that its summary names";
  const message = `it was verified against ${named}, but must be against ${describeWanted(wanted)}`;
  return { ...objection("promotable/wrong-policy", message), nearness: 2 };
}

function levelMiss({ levels }: VerificationSummary, settings: Settings): Miss | undefined {
  const unmet = settings.levels.find((level) => !reaches(levels, level));
  if (unmet === undefined) return undefined;
  const message = `its verification summary names ${list(levels) || "no level"}, but must name ${unmet}`;
  return { ...objection("promotable/level", message), nearness: 3 };
}

function ageMiss(attestation: Attestation, { maxAge }: Settings, { now }: GateContext): Miss | undefined {
  const what = { noun: "its verification", verb: "it was verified" };
  const age = tooOld(attestation, { declared: attestation.summary!.verifiedAt, maxAge, now, what });
  return age === undefined
    ? undefined
    : { ...age, ...objection("promotable/too-old", age.message), nearness: 4 };
}

/** slsa.dev/spec/v1.2/verification_summary: a level represents all lower levels of its track. */
function reaches(levels: readonly string[], wanted: string): boolean {
  const [, track, least] = LEVEL.exec(wanted) ?? [];
  return levels.some((level) => {
    const [, same, height] = LEVEL.exec(level) ?? [];
    return level === wanted || (track !== undefined && same === track && Number(height) >= Number(least));
  });
}

function isAllowed(allowed: Settings["verifiers"], text: string): boolean {
  return allowed.some((pattern) => pattern.matches(text));
}

function sources(allowed: Settings["verifiers"]): string {
  return list(allowed.map(({ source }) => source));
}

function objection(code: GateObjection["code"], message: string): GateObjection {
  return { code, message: clause(message) };
}
