import { createHash } from "node:crypto";

import { z } from "zod";

const ProposedDsse = z.object({
  apiVersion: z.string(),
  kind: z.literal("dsse"),
  spec: z.object({
    proposedContent: z.object({ envelope: z.string(), verifiers: z.array(z.string()).min(1) }),
  }),
});

const Envelope = z.object({
  payload: z.string(),
  signatures: z.array(z.object({ sig: z.string() })),
});

function sha256(data: string | Buffer): { algorithm: string; value: string } {
  return { algorithm: "sha256", value: createHash("sha256").update(data).digest("hex") };
}

/**
 * What Rekor v1 stores for a proposed entry. For the kind `dsse` that is hashes and signatures, not the envelope
 * itself (rekor, pkg/types/dsse/v0.0.1); every other kind that cosign proposes is stored as it came.
 */
export function storedEntry(proposed: unknown): unknown {
  const dsse = ProposedDsse.safeParse(proposed);
  if (!dsse.success) return proposed;
  const { apiVersion, kind, spec } = dsse.data;
  const { envelope, verifiers } = spec.proposedContent;
  const { payload, signatures } = Envelope.parse(JSON.parse(envelope));
  return {
    apiVersion,
    kind,
    spec: {
      envelopeHash: sha256(envelope),
      payloadHash: sha256(Buffer.from(payload, "base64")),
      signatures: signatures.map(({ sig }) => ({ signature: sig, verifier: verifiers[0] })),
    },
  };
}
