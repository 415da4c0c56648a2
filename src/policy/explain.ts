import {
  type Attestation,
  type Evidence,
  type ImageRef,
  type Pattern,
  predicateFamily,
  type Proof,
  type PublicKey,
  repositoryName,
} from "../core/index.ts";
import type { Requirement } from "./gates/index.ts";
import { list } from "./gates/messages.ts";
import type { Policy, Rule } from "./policy.ts";

const COSIGN_SIGN = "https://sigstore.dev/cosign/sign/v1";

/** What rules are compared with. */
export interface Asked {
  readonly image: ImageRef;
  readonly namespace: string;
}

/** Why a rule does not cover an image, one clause; undefined where it does. The one place that decides it. */
export function outOfScope({ images, namespaces }: Rule, { image, namespace }: Asked): string | undefined {
  const name = repositoryName(image);
  if (!matchesAny(images, name)) return `${name} is not ${list(images.map(({ source }) => source))}`;
  if (namespaces === undefined || matchesAny(namespaces, namespace)) return undefined;
  return `the namespace ${namespace} is not ${list(namespaces.map(({ source }) => source))}`;
}

/** The rules that are for an image, without a word on why the others are not: there may be thousands. */
export function rulesInScope(rules: readonly Rule[], { image, namespace }: Asked): Rule[] {
  const name = repositoryName(image);
  return rules.filter(
    ({ images, namespaces }) =>
      matchesAny(images, name) && (namespaces === undefined || matchesAny(namespaces, namespace)),
  );
}

function matchesAny(patterns: readonly Pattern[], text: string): boolean {
  return patterns.some((pattern) => pattern.matches(text));
}

/** A proof that a gate looks at. */
export interface SeenProof {
  /** `signature`, or the attestation's predicate type. */
  readonly what: string;
  readonly proof: Proof;
  /** The gate's authorities that made it. */
  readonly standsFor: readonly string[];
  /** Why it is none of theirs, by the one that came nearest. */
  readonly mismatch?: string;
}

/** The proofs that a gate of a rule looks at, and for which of its authorities each stands. */
export function proofsSeen(
  requirement: Requirement,
  evidence: Evidence,
  { policy, keys }: { readonly policy: Policy; readonly keys: readonly PublicKey[] },
): SeenProof[] {
  const { predicateTypes } = requirement;
  const reads = ({ predicateType }: Attestation): boolean =>
    predicateTypes.includes(predicateType) || predicateTypes.includes(predicateFamily(predicateType));
  const signatures = predicateTypes.includes(COSIGN_SIGN) ? evidence.signatures : [];
  const found = [
    ...signatures.map((proof) => ({ what: "signature", proof })),
    ...evidence.attestations.filter(reads).map((proof) => ({ what: proof.predicateType, proof })),
  ];
  const names = [...new Set(requirement.authorities.map(({ name }) => name))];
  return found.map((each) => ({ ...each, ...standing(each.proof, names, { policy, keys }) }));
}

function standing(
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
