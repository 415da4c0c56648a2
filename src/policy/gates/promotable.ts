import { z } from "zod";

import {
  type Attestation,
  deadExpression,
  PREDICATE_TYPES,
  printable,
  textMatcher,
  type VerificationSummary,
} from "../../core/index.ts";
import { Duration } from "../fields.ts";
import { isOneComposition, ONE_COMPOSITION, signedBy } from "../signers.ts";
import { defineGate, type GateContext, type GateObjection } from "./gate.ts";
import { clause, list, searched, nearest } from "./messages.ts";
import { newest, type Quorum, quorumOf, split, tooOld, usesOf } from "./quorum.ts";

const MAX = 32;
const LEVEL = /^(SLSA_[A-Z_]{1,64}_LEVEL_)(\d{1,2})$/;

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
      .optional()
      .describe("Levels that it must name, all of them; a higher level of the same SLSA track also counts."),
    resourceUris: z
      .array(textMatcher(deadExpression))
      .min(1, "An empty list would accept nothing.")
      .max(MAX)
      .optional()
      .describe("Resources that it may name; if absent, the digest alone binds it."),
    maxAge: Duration.optional().describe(
      "Maximum age: by the trusted time of its signature, or by its own time if that is older.",
    ),
  })
  .refine(isOneComposition, ONE_COMPOSITION);
type Settings = z.output<typeof Settings>;

interface Miss {
  readonly message: string;
  readonly nearness: number;
}

interface Judging {
  readonly settings: Settings;
  readonly quorum: Quorum;
  readonly context: GateContext;
}

/** A signed SLSA verification summary says that the image passed. None at all, or a failed one, refuses. */
export const promotable = defineGate({
  name: "promotable",
  summary:
    "A SLSA verification summary (VSA v1) by a trusted verifier that says PASSED. The newest per verifier counts, and FAILED refuses.",
  settings: Settings,
  needsEvidence: true,
  needsAllEvidence: true,
  predicateTypes: () => [PREDICATE_TYPES.summaryV1],
  authorities: (settings) => usesOf(settings),
  objections: (settings, context) => {
    const quorum = quorumOf(settings, context);
    const found = context.evidence.attestations.filter(isSummary);
    const { trusted, misses } = split(found, quorum);
    const signed = nearest(misses);
    if (trusted.length === 0 && signed !== undefined)
      return [unknown(`its verification summary is signed by ${signed.clause}`)];
    if (trusted.length === 0)
      return [unknown(`it has no verification summary by ${quorum.wanted}; ${searched(context.evidence)}`)];
    return judgeSummaries(trusted, { settings, quorum, context });
  },
});

function judgeSummaries(trusted: readonly Attestation[], judging: Judging): GateObjection[] {
  const { settings, quorum } = judging;
  const latest = newest(
    trusted.filter(({ summary }) => summary === undefined || isAllowed(settings.verifiers, summary.verifier)),
    { stated: ({ summary }) => summary?.verifiedAt, replaces },
  );
  const failed = latest.find(({ summary }) => summary?.result === "FAILED");
  if (failed !== undefined) {
    const message = `its verification by ${failed.summary!.verifier} FAILED`;
    return [{ code: "promotable/refused", message: clause(message) }];
  }
  const broken = latest.find(({ summary }) => summary === undefined);
  if (broken !== undefined) {
    const why = printable(broken.unreadable ?? "it holds none", 200);
    return [unknown(`its newest verification summary cannot be read: ${why}`)];
  }
  const judged = latest.map((each) => ({ each, miss: missOf(each, judging) }));
  const passed = judged.flatMap(({ each, miss }) => (miss === undefined ? [each] : []));
  if (quorum.isMet(passed)) return [];
  const miss = nearest(judged.flatMap((each) => each.miss ?? []));
  if (miss !== undefined) return [unknown(miss.message)];
  return [
    unknown(
      latest.length === 0
        ? `none of its verification summaries is by ${sources(settings.verifiers)}`
        : `its verification summary is signed by only ${quorum.shortage(passed)}`,
    ),
  ];
}

function isSummary({ predicateType }: Attestation): boolean {
  return predicateType === PREDICATE_TYPES.summaryV1;
}

/** A summary stands in for an older one by the same verifier; one that cannot be read stands in for none. */
function replaces(newer: Attestation, older: Attestation): boolean {
  if (newer.summary === undefined) return false;
  return older.summary === undefined || older.summary.verifier === newer.summary.verifier;
}

/** The first thing that a passed summary lacks, in the order resource, level, age. */
function missOf(attestation: Attestation, { settings, context }: Judging): Miss | undefined {
  const { resourceUri = "", levels, verifiedAt }: VerificationSummary = attestation.summary!;
  const { resourceUris, maxAge } = settings;
  if (resourceUris !== undefined && !isAllowed(resourceUris, resourceUri)) {
    const named = resourceUri === "" ? "nothing" : resourceUri;
    const message = `its verification summary is about ${named}, but must be about ${sources(resourceUris)}`;
    return { message, nearness: 1 };
  }
  const lacking = settings.levels?.find((level) => !reaches(levels, level));
  if (lacking !== undefined) {
    const message = `its verification summary names ${list(levels) || "no level"}, but must name ${lacking}`;
    return { message, nearness: 2 };
  }
  const what = { noun: "its verification", verb: "it was verified" };
  const message = tooOld(attestation, { stated: verifiedAt, maxAge, now: context.now, what });
  return message === undefined ? undefined : { message, nearness: 3 };
}

/** SLSA v1.0, "Verification Summary": a level stands for all lower levels of its track. */
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

function unknown(message: string): GateObjection {
  return { code: "promotable/unknown", message: clause(message) };
}
