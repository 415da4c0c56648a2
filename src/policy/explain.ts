import {
  type Attestation,
  COSIGN_SIGN,
  type Evidence,
  isOfType,
  type Proof,
  type PublicKey,
} from "../core/index.ts";
import type { Requirement } from "./gates/index.ts";
import type { Policy } from "./policy.ts";

/** A proof that a gate reads. */
export interface SeenProof {
  /** `signature`, or the attestation's predicate type. */
  readonly what: string;
  readonly proof: Proof;
  /** The gate's authorities that made it. */
  readonly standsFor: readonly string[];
  /** Why it is none of theirs, by the one that came nearest. */
  readonly mismatch?: string;
}

/** The proofs that a gate of a rule reads, and which of its authorities each represents. */
export function proofsSeen(
  requirement: Requirement,
  evidence: Evidence,
  { policy, keys }: { readonly policy: Policy; readonly keys: readonly PublicKey[] },
): SeenProof[] {
  const { predicateTypes } = requirement;
  const reads = ({ predicateType }: Attestation): boolean => isOfType(predicateType, predicateTypes);
  const signatures = predicateTypes.includes(COSIGN_SIGN) ? evidence.signatures : [];
  const found = [
    ...signatures.map((proof) => ({ what: "signature", proof })),
    ...evidence.attestations.filter(reads).map((proof) => ({ what: proof.predicateType, proof })),
  ];
  const names = [...new Set(requirement.authorities.map(({ name }) => name))];
  return found.map((each) => ({ ...each, ...statusOf(each.proof, names, { policy, keys }) }));
}

function statusOf(
  proof: Proof,
  names: readonly string[],
  { policy, keys }: { readonly policy: Policy; readonly keys: readonly PublicKey[] },
): Pick<SeenProof, "standsFor" | "mismatch"> {
  const misses = names.flatMap((name) => {
    const authority = policy.authorities.get(name);
    return authority === undefined ? [] : [{ name, miss: authority.mismatch(proof, keys) }];
  });
  const standsFor = misses.flatMap(({ name, miss }) => (miss === undefined ? [name] : []));
  const [nearest] = misses.flatMap(({ miss }) => miss ?? []).toSorted((a, b) => b.nearness - a.nearness);
  return standsFor.length > 0 || nearest === undefined
    ? { standsFor }
    : { standsFor, mismatch: nearest.clause };
}
