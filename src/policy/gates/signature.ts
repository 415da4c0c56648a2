import { z } from "zod";

import {
  type Advice,
  COSIGN_SIGN,
  type Evidence,
  parseImageRef,
  type Rejection,
  repositoryName,
  type Signature,
} from "../../core/index.ts";
import { ANOTHER_KEY, type Mismatch } from "../authorities.ts";
import { isOneComposition, ONE_COMPOSITION, signedBy } from "../signers.ts";
import { defineGate, type GateContext, type GateObjection } from "./gate.ts";
import { clause, count, lacking, nearest, reasonOf, skipped } from "./messages.ts";
import { type Quorum, quorumOf, usesOf } from "./quorum.ts";

const MISNAMED: Advice = {
  fix: "Sign the digest under the repository from which it is deployed.",
  brief: "Sign it in its own repository.",
};
/** A signature for another repository came nearer than any by another signer. */
const NEARER_THAN_ALL = 100;

const Settings = z
  .strictObject({
    ...signedBy("the image"),
    dockerReference: z
      .enum(["ignore", "match"])
      .default("ignore")
      .describe(
        "With match, a signature that names another repository does not count. A digest's bytes are the same everywhere, mirrors rename, and newer signatures name none, so it is not checked by default.",
      ),
  })
  .refine(isOneComposition, ONE_COMPOSITION);

/** The image is signed by an authority that the rule names. */
export const signature = defineGate({
  name: "signature",
  summary: "A signature of the image by one of the named authorities. An attestation is not a signature.",
  settings: Settings,
  needsEvidence: true,
  needsAllEvidence: () => false,
  predicateTypes: () => [COSIGN_SIGN],
  authorities: (settings) => usesOf(settings),
  objections: (settings, context) => {
    const quorum = quorumOf(settings, context);
    const accepted: Signature[] = [];
    const misses: Mismatch[] = [];
    for (const each of context.evidence.signatures) {
      const miss = quorum.mismatch(each) ?? misnamed(each, settings.dockerReference, context);
      if (miss === undefined) accepted.push(each);
      else misses.push(miss);
    }
    if (quorum.isMet(accepted)) return [];
    if (accepted.length === 0) return [objection(quorum, misses, context.evidence)];
    return [untrusted({ clause: `only ${quorum.shortage(accepted)}` })];
  },
});

/**
 * A signature by the right authority that names another repository than the image's, where the rule asks. Cosign spells
 * Docker Hub in its own way, so both are parsed.
 */
function misnamed(
  { dockerReference }: Signature,
  asked: "ignore" | "match",
  { image }: GateContext,
): Mismatch | undefined {
  if (asked === "ignore" || dockerReference === undefined) return undefined;
  const claimed = parseImageRef(dockerReference);
  if (claimed.ok && repositoryName(claimed.ref) === repositoryName(image)) return undefined;
  return {
    nearness: NEARER_THAN_ALL,
    clause: `the right authority, but for ${dockerReference}`,
    advice: MISNAMED,
  };
}

function objection(
  { wanted, mismatch }: Quorum,
  misses: readonly Mismatch[],
  evidence: Evidence,
): GateObjection {
  const found = nearest(misses);
  if (found !== undefined) return untrusted(found);
  const broken = evidence.rejections.filter(claimsToSign);
  if (broken.length > 0) {
    const all =
      broken.length === 1
        ? "its signature does not verify"
        : `none of its ${count(broken, "signature")} verifies`;
    const why = `${all} (${reasonOf(broken[0]!)})`;
    const message = clause(`${why}; it needs one by ${wanted()}`);
    const isStrange = broken.every(({ reason }) => reason === "untrusted");
    return { code: "signature/invalid", message, ...(isStrange && { advice: ANOTHER_KEY }) };
  }
  const isAttested = evidence.attestations.some((each) => mismatch(each) === undefined);
  const near = isAttested ? "; there is an attestation by that signer, which is not a signature" : "";
  const rest = `${wanted()}${near}${skipped(evidence.rejections)}`;
  return lacking("signature/missing", { kind: "missing", what: "signature", rest });
}

function untrusted({ clause: rest, advice }: Omit<Mismatch, "nearness">): GateObjection {
  return lacking("signature/untrusted-identity", { kind: "signed", what: "image", rest }, advice);
}

/** Foreign kinds, such as Notation's, are none of ours, broken or not. */
function claimsToSign({ claims, reason }: Rejection): boolean {
  return claims === "signature" && reason !== "unsupported";
}
