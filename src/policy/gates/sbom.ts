import { z } from "zod";

import { type Attestation, PREDICATE_TYPES, predicateFamily, printable } from "../../core/index.ts";
import { MaxAge } from "../fields.ts";
import { isOneComposition, ONE_COMPOSITION, signedBy } from "../signers.ts";
import { defineGate, type GateContext, type Miss } from "./gate.ts";
import { clause, lacking, list, nearest } from "./messages.ts";
import { absenceOf, quorumOf, split, tooOld, usesOf } from "./quorum.ts";

const FORMATS = ["spdx", "cyclonedx"] as const;
const FAMILIES: readonly string[] = [PREDICATE_TYPES.spdx, PREDICATE_TYPES.cyclonedx];
const MAX_COMPONENTS = 1_000_000;

const Settings = z
  .strictObject({
    ...signedBy("the SBOM"),
    formats: z
      .array(z.enum(FORMATS))
      .min(1, "An empty list would accept nothing.")
      .max(FORMATS.length)
      .optional()
      .describe("Accepted formats: spdx (2.x and 3.x), cyclonedx. Both if absent."),
    minComponents: z
      .int()
      .min(1)
      .max(MAX_COMPONENTS)
      .default(1)
      .describe("Minimum number of components: an empty SBOM says nothing."),
    maxAge: MaxAge,
  })
  .refine(isOneComposition, ONE_COMPOSITION);
type Settings = z.output<typeof Settings>;

/** A software bill of materials by a trusted signer, of an accepted format, complete and young enough. */
export const sbom = defineGate({
  name: "sbom",
  summary: "An SBOM (SPDX 2.x or 3.x, CycloneDX) that names the digest, by a trusted signer.",
  settings: Settings,
  needsEvidence: true,
  // An older copy of the same SBOM makes it old.
  needsAllEvidence: ({ maxAge }) => maxAge !== undefined,
  predicateTypes: () => FAMILIES,
  authorities: (settings) => usesOf(settings),
  objections: (settings, context) => {
    const quorum = quorumOf(settings, context);
    const found = context.evidence.attestations.filter(isSbom);
    const { trusted, misses } = split(found, quorum);
    if (trusted.length === 0) {
      const { isSigned, lack, advice } = absenceOf("SBOM", misses, quorum, context.evidence);
      return [lacking(isSigned ? "sbom/untrusted-signer" : "sbom/missing", lack, advice)];
    }
    const judged = trusted.map((each) => ({ each, miss: missOf(each, settings, context) }));
    const accepted = judged.flatMap(({ each, miss }) => (miss === undefined ? [each] : []));
    if (quorum.isMet(accepted)) return [];
    const miss = nearest(judged.flatMap((each) => each.miss ?? []));
    if (miss === undefined) {
      const rest = `only ${quorum.shortage(accepted)}`;
      return [lacking("sbom/untrusted-signer", { kind: "signed", what: "SBOM", rest })];
    }
    const { nearness: _, ...lack } = miss;
    return [{ ...lack, message: clause(lack.message) }];
  },
});

function isSbom({ predicateType }: Attestation): boolean {
  return FAMILIES.includes(predicateFamily(predicateType));
}

/** The first thing that an SBOM by a trusted signer lacks, in the order format, components, age. */
function missOf(
  attestation: Attestation,
  { formats = [...FORMATS], minComponents, maxAge }: Settings,
  { now }: GateContext,
): Miss | undefined {
  const { sbom: bill, unreadable } = attestation;
  if (bill === undefined) {
    const message = `its SBOM cannot be read: ${printable(unreadable ?? "it holds none", 200)}`;
    return { code: "sbom/wrong-format", message, nearness: 0 };
  }
  if (!formats.includes(bill.format)) {
    const message = `its SBOM is ${bill.format} ${bill.specVersion}, but must be ${list(formats)}`;
    return { code: "sbom/wrong-format", message, nearness: 1 };
  }
  if (bill.components < minComponents) {
    const message = `its SBOM lists ${bill.components} of at least ${minComponents} components`;
    return { code: "sbom/incomplete", message, nearness: 2 };
  }
  const what = { noun: "its SBOM", verb: "its SBOM was made" };
  const age = tooOld(attestation, { declared: bill.createdAt, undated: bill.undated, maxAge, now, what });
  return age === undefined ? undefined : { code: "sbom/too-old", ...age, nearness: 3 };
}
