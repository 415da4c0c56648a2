import { z } from "zod";

import {
  type Advice,
  type Attestation,
  deadExpression,
  deadRef,
  deadSource,
  deadWorkflow,
  FINDINGS,
  type Lack,
  type Pattern,
  PREDICATE_TYPES,
  printable,
  type Provenance,
  type Signer,
  textMatcher,
  Duration,
} from "../../core/index.ts";
import { isOneComposition, ONE_COMPOSITION, signedBy } from "../signers.ts";
import { defineGate, type GateContext, type GateObjection, type Miss } from "./gate.ts";
import { clause, lacking, list, nearest, skippedAttestations } from "./messages.ts";
import { type Fact, factsOf } from "./provenance-facts.ts";
import { type Quorum, quorumOf, tooOld, usesOf } from "./quorum.ts";

/** What versions of SLSA provenance begin with that are not read, such as v0.1 and v1.0. */
const SLSA = "https://slsa.dev/provenance/";

/** Attesting it again in the same way changes nothing. */
const WRONG_TYPE: Advice = {
  fix: "Attest it again by the type that fits the predicate: `cosign attest --type slsaprovenance1` for SLSA 1, `--type slsaprovenance` for SLSA 0.2.",
  brief: "Attest it by the type that fits.",
};

/** How far an attestation came; a signer that is not the right one stays below all of these. */
const AFTER_SIGNER = 1000;
const AFTER_BUILDER = 2000;
const AFTER_SOURCE = 3000;

function listOfTexts(matcher: ReturnType<typeof textMatcher>) {
  return z.array(matcher).min(1, "An empty list would accept nothing.").max(32);
}
const Allowed = listOfTexts(textMatcher(deadExpression));

const Settings = z
  .strictObject({
    ...signedBy("the provenance"),
    builders: Allowed.optional().describe("Builder ids; one of them must have built the image."),
    sourceRepositories: listOfTexts(textMatcher(deadSource))
      .optional()
      .describe("Source repositories that it may be built from, such as https://github.com/acme/app."),
    sourceRefs: listOfTexts(textMatcher(deadRef))
      .optional()
      .describe("Git refs that it may be built from, such as refs/heads/main."),
    workflows: listOfTexts(textMatcher(deadWorkflow))
      .optional()
      .describe("Workflow paths that may have built it, such as .github/workflows/release.yml."),
    triggers: Allowed.optional().describe("Events that may have started the build, such as push or release."),
    buildTypes: Allowed.optional().describe("SLSA build types that are accepted."),
    maxAge: Duration.optional().describe(
      "Maximum age of the build: by the trusted time of its provenance, or by its own time if that is older.",
    ),
  })
  .refine(isOneComposition, ONE_COMPOSITION);
type Settings = z.output<typeof Settings>;

const TYPES: readonly string[] = [PREDICATE_TYPES.provenanceV1, PREDICATE_TYPES.provenanceV02];

/** SLSA provenance by a trusted signer, builder and source. */
export const provenance = defineGate({
  name: "provenance",
  summary:
    "SLSA provenance (v0.2 or v1) that names the digest, by a trusted signer, builder, source and age.",
  settings: Settings,
  needsEvidence: true,
  // An older copy of the same attestation makes the build old.
  needsAllEvidence: ({ maxAge }) => maxAge !== undefined,
  predicateTypes: () => TYPES,
  authorities: (settings) => usesOf(settings),
  objections: (settings, context) => {
    const quorum = quorumOf(settings, context);
    const found = context.evidence.attestations.filter(({ predicateType }) => TYPES.includes(predicateType));
    if (found.length === 0) return [missing(quorum, context)];
    const accepted: Attestation[] = [];
    const misses: Miss[] = [];
    for (const attestation of found) {
      const miss = missOf(attestation, { settings, quorum, context });
      if (miss === undefined) accepted.push(attestation);
      else misses.push(miss);
    }
    if (quorum.isMet(accepted)) return [];
    if (accepted.length > 0) return [tooFew(quorum, accepted)];
    const { nearness: _, ...lack } = nearest(misses)!;
    return [{ ...lack, message: clause(lack.message) }];
  },
});

function missing({ wanted }: Quorum, context: GateContext): GateObjection {
  const other = context.evidence.attestations.find(({ predicateType }) => predicateType.startsWith(SLSA));
  const unread = other === undefined ? "" : `; its ${printable(other.predicateType, 200)} is not read`;
  const rest = `${wanted()}${unread}${skippedAttestations(context.evidence)}`;
  return lacking("provenance/missing", { kind: "missing", what: "SLSA provenance", rest });
}

function tooFew(quorum: Quorum, accepted: readonly Attestation[]): GateObjection {
  return lacking("provenance/untrusted-builder", signed(`only ${quorum.shortage(accepted)}`));
}

function signed(rest: string): Lack {
  return { kind: "signed", what: "provenance", rest };
}

/** The first thing that this attestation lacks, in the order signer, builder, source, build type, age. */
function missOf(
  attestation: Attestation,
  {
    settings,
    quorum,
    context,
  }: { readonly settings: Settings; readonly quorum: Quorum; readonly context: GateContext },
): Miss | undefined {
  const miss = quorum.mismatch(attestation);
  if (miss !== undefined) {
    const advice = miss.advice ?? FINDINGS["signature/untrusted-identity"];
    const lack = lacking("provenance/untrusted-builder", signed(miss.clause));
    return { ...lack, nearness: miss.nearness, advice };
  }
  const { provenance: build, unreadable = "it holds none" } = attestation;
  if (build === undefined) {
    const message = `its provenance cannot be read: ${printable(unreadable, 200)}`;
    return { code: "provenance/missing", message, nearness: AFTER_SIGNER, advice: WRONG_TYPE };
  }
  return (
    factsMiss(build, attestation.signer, settings) ??
    buildTypeMiss(build, settings) ??
    ageMiss(build, attestation, { settings, context })
  );
}

function factsMiss(build: Provenance, signer: Signer, settings: Settings): Miss | undefined {
  const allowed: Readonly<Record<Fact["name"], readonly Pattern[] | undefined>> = {
    builder: settings.builders,
    "source repository": settings.sourceRepositories,
    "source ref": settings.sourceRefs,
    "source commit": undefined,
    workflow: settings.workflows,
    trigger: settings.triggers,
  };
  for (const fact of factsOf(build, signer)) {
    const message = factMiss(fact, allowed[fact.name], build);
    if (message === undefined) continue;
    const code = fact.name === "builder" ? "provenance/untrusted-builder" : "provenance/wrong-source";
    return { code, message, nearness: fact.name === "builder" ? AFTER_SIGNER : AFTER_BUILDER };
  }
  return undefined;
}

function factMiss(
  { name, declared, certified }: Fact,
  allowed: readonly Pattern[] | undefined,
  build: Provenance,
): string | undefined {
  if (declared !== undefined && certified !== undefined && declared !== certified) {
    return `its provenance names the ${name} ${declared}, but its signer's certificate says ${certified}`;
  }
  const fact = certified ?? declared;
  if (allows(allowed, fact)) return undefined;
  return `its ${name} is ${fact ?? notStated(build)}, but must be ${sourcesOf(allowed)}`;
}

/** By whom a fact is not stated, so that people know whether another builder would help. */
function notStated({ buildType, unstated }: Provenance): string {
  if (buildType === undefined) return "not stated: its provenance names no build type";
  const why = unstated === undefined ? "" : ` (${unstated})`;
  return `not stated by build type ${printable(buildType, 200)}${why}`;
}

function buildTypeMiss({ buildType }: Provenance, { buildTypes }: Settings): Miss | undefined {
  if (allows(buildTypes, buildType)) return undefined;
  const message = `its build type is ${buildType ?? "not stated"}, but must be ${sourcesOf(buildTypes)}`;
  return { code: "provenance/untrusted-builder", message, nearness: AFTER_BUILDER };
}

/** The signer's own words count where they say that the build is older: late provenance makes no image young. */
function ageMiss(
  { finishedAt, startedAt, undated }: Provenance,
  attestation: Attestation,
  { settings, context }: { readonly settings: Settings; readonly context: GateContext },
): Miss | undefined {
  const what = { noun: "its build", verb: "it was built" };
  const declared = finishedAt ?? startedAt;
  const age = tooOld(attestation, {
    declared,
    undated,
    maxAge: settings.maxAge,
    now: context.now,
    what,
  });
  return age === undefined ? undefined : { code: "provenance/too-old", ...age, nearness: AFTER_SOURCE };
}

function allows(allowed: readonly Pattern[] | undefined, text: string | undefined): boolean {
  return allowed === undefined || (text !== undefined && allowed.some((pattern) => pattern.matches(text)));
}

function sourcesOf(allowed: readonly Pattern[] | undefined): string {
  return list((allowed ?? []).map(({ source }) => source));
}
