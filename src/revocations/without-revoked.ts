import type { Evidence, Proof } from "../core/index.ts";
import { type Revocation, type Revocations, voidedBy } from "./revocations.ts";

/** A proof that does not count, and why. */
export interface RevokedProof {
  readonly proof: Proof;
  readonly revocation: Revocation;
}

/** What is left of evidence, and what was taken away. */
export interface RemainingEvidence {
  readonly evidence: Evidence;
  readonly voided: readonly RevokedProof[];
}

/** Evidence without the proofs that revocations void. Applied at every decision, so that no cache outlives a revocation. */
export function withoutRevoked(evidence: Evidence, revocations: Revocations): RemainingEvidence {
  const voided: RevokedProof[] = [];
  const isUnrevoked = (proof: Proof): boolean => {
    const revocation = voidedBy(revocations, proof);
    if (revocation !== undefined) voided.push({ proof, revocation });
    return revocation === undefined;
  };
  const signatures = evidence.signatures.filter(isUnrevoked);
  const attestations = evidence.attestations.filter(isUnrevoked);
  return voided.length === 0
    ? { evidence, voided }
    : { evidence: { ...evidence, signatures, attestations }, voided };
}
