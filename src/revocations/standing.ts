import type { Evidence, Proof } from "../core/index.ts";
import { type Revocation, type Revocations, voidedBy } from "./revocations.ts";

/** A proof that does not count, and why. */
export interface RevokedProof {
  readonly proof: Proof;
  readonly revocation: Revocation;
}

/** What is left of evidence, and what was taken away. */
export interface Standing {
  readonly evidence: Evidence;
  readonly voided: readonly RevokedProof[];
}

/** Evidence without the proofs that revocations void. Applied at every decision, so that no cache outlives a revocation. */
export function standing(evidence: Evidence, revocations: Revocations): Standing {
  const voided: RevokedProof[] = [];
  const stands = (proof: Proof): boolean => {
    const revocation = voidedBy(revocations, proof);
    if (revocation !== undefined) voided.push({ proof, revocation });
    return revocation === undefined;
  };
  const signatures = evidence.signatures.filter(stands);
  const attestations = evidence.attestations.filter(stands);
  return voided.length === 0
    ? { evidence, voided }
    : { evidence: { ...evidence, signatures, attestations }, voided };
}
