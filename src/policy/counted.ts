import {
  type Attestation,
  type Digest,
  type Evidence,
  type ImageRef,
  type PublicKey,
} from "../core/index.ts";
import { proofsSeen, type SeenProof } from "./explain.ts";
import type { GateContext, Requirement } from "./gates/index.ts";
import type { Policy, Rule } from "./policy.ts";

/** Whose provenance a rule accepts. */
export interface ProvenanceSigners {
  /** Names of authorities. */
  readonly names: readonly string[];
  /** Whether that of each alone is enough; else only all together are. */
  readonly isEachEnough: boolean;
}

/** What the rules count of an image's evidence, summaries aside. */
export interface CountedEvidence {
  /** The blobs that hold it. */
  readonly attachments: readonly Digest[];
  /** One for each requirement of provenance. */
  readonly provenance: readonly ProvenanceSigners[];
}

/** By what evidence is counted. */
export interface Counting {
  readonly policy: Policy;
  readonly image: ImageRef;
  readonly namespace: string;
  readonly evidence: Evidence;
  readonly keys: readonly PublicKey[];
  readonly now: Date;
}

/** What of the evidence is by authorities that the rules name: what strangers signed and attached proves nothing. */
export function countedEvidence(rules: readonly Rule[], counting: Counting): CountedEvidence {
  const asked = rules
    .flatMap(({ require }) => require)
    .filter(({ gate, needsEvidence }) => needsEvidence && gate !== "promotable");
  const attachments = new Set<Digest>();
  const provenance: ProvenanceSigners[] = [];
  for (const requirement of asked) {
    const trusted = trustedBy(requirement, counting);
    const signers = requirement.gate === "provenance" ? signersOf(requirement, trusted, counting) : undefined;
    if (signers !== undefined) provenance.push(signers);
    for (const { proof, standsFor } of trusted)
      if (signers === undefined || standsFor.some((name) => signers.names.includes(name)))
        attachments.add(proof.attachment);
  }
  return { attachments: [...attachments].toSorted(), provenance };
}

function trustedBy(requirement: Requirement, { evidence, policy, keys }: Counting): SeenProof[] {
  return proofsSeen(requirement, evidence, { policy, keys }).filter(({ standsFor }) => standsFor.length > 0);
}

/** Authorities whose provenance is enough by itself; where that is none's, all who signed some. */
function signersOf(
  requirement: Requirement,
  trusted: readonly SeenProof[],
  counting: Counting,
): ProvenanceSigners {
  const names = [...new Set(trusted.flatMap(({ standsFor }) => standsFor))];
  const alone = names.filter((name) => {
    const own = trusted.filter(({ standsFor }) => standsFor.includes(name)).map(({ proof }) => proof);
    return requirement.objections(contextOf(counting, new Set(own))).length === 0;
  });
  return alone.length > 0 ? { names: alone, isEachEnough: true } : { names, isEachEnough: false };
}

function contextOf(
  { policy, image, namespace, evidence, keys, now }: Counting,
  only: ReadonlySet<unknown>,
): GateContext {
  const attestations = evidence.attestations.filter((each: Attestation) => only.has(each));
  return {
    image,
    namespace,
    policy: { digest: policy.revision, isNamespaced: policy.isNamespaced },
    evidence: { ...evidence, attestations },
    authorities: policy.authorities,
    keys,
    now,
  };
}
