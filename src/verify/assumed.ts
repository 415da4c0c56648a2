import type { Attestation, Digest, Evidence, Proof, Signature, Verified } from "../core/index.ts";
import type { JsonObject } from "./json.ts";
import { extractOf, predicateTextOf } from "./predicates/index.ts";

/** Evidence whose signatures were not verified. */
export type UnverifiedEvidence = Omit<Evidence, "signatures" | "attestations"> & {
  readonly signatures: readonly Signature[];
  readonly attestations: readonly Attestation[];
};

/**
 * Takes evidence for verified. For asking what a policy would say of an image that a person describes; never on the way to
 * an admission. test/architecture.test.ts holds it to src/policy-work.
 */
export function assumeVerified(evidence: UnverifiedEvidence): Evidence {
  return {
    ...evidence,
    signatures: evidence.signatures.map((each) => each as Verified<Signature>),
    attestations: evidence.attestations.map((each) => each as Verified<Attestation>),
  };
}

/** A statement as a person describes it. */
export interface DescribedStatement {
  readonly predicateType: string;
  readonly predicate: JsonObject;
  readonly subject: Digest;
  readonly subjectNames: readonly string[];
}

/** The attestation that a verified statement would become, read as those of a registry are. Throws where a limit is hit. */
export function describedAttestation(
  proof: Proof,
  { predicateType, predicate, subject, subjectNames }: DescribedStatement,
): Attestation {
  const text = predicateTextOf(predicate);
  return {
    ...proof,
    predicateType,
    ...extractOf({ predicateType, predicate, subject, subjectNames }),
    ...(text !== undefined && { predicateText: text }),
  };
}
