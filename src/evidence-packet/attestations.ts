import { z } from "zod";

import type { FactLine } from "../record/index.ts";

const Text = z.string().max(8192);
const Proof = z.object({
  signer: z.union([
    z.object({
      kind: z.literal("keyless"),
      identity: Text,
      issuer: Text,
      claims: z.object({ runInvocationURI: Text.optional() }).loose().optional(),
    }),
    z.object({ kind: z.literal("key"), fingerprint: Text }),
  ]),
  attachment: Text,
  statement: Text,
  trustedTime: Text.optional(),
  logged: z.boolean(),
});
/** The part of an evidence fact that a packet lists. */
const Evidence = z.object({
  subject: Text,
  signatures: z.array(Proof),
  attestations: z.array(Proof.extend({ predicateType: Text, summary: z.unknown().optional() })),
  rejections: z.array(z.object({ attachment: Text, reason: Text, message: Text })).optional(),
});

/** One line of `attestations.jsonl`: what was verified about a digest, and by whose signature. */
export function attestationLine({ digest, value }: FactLine): object | undefined {
  const { data } = Evidence.safeParse(value);
  if (data === undefined) return undefined;
  return {
    subject: data.subject,
    fact: digest,
    verified: [
      ...data.signatures.map((each) => ({ is: "signature", ...proofOf(each) })),
      ...data.attestations.map((each) => ({
        is: each.summary === undefined ? "attestation" : "verification summary",
        predicateType: each.predicateType,
        ...proofOf(each),
      })),
    ],
    rejected: data.rejections ?? [],
  };
}

function proofOf({ signer, attachment, statement, trustedTime, logged }: z.infer<typeof Proof>): object {
  const by =
    signer.kind === "key"
      ? { key: signer.fingerprint }
      : { identity: signer.identity, issuer: signer.issuer, run: signer.claims?.runInvocationURI };
  return { ...by, attachment, statement, trustedTime, logged };
}
