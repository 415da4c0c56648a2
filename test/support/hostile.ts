import type { FormedLayer } from "./signed-layers.ts";

/** A bundle of about 0.7 kB a log entry, each one different and none of them true. */
export function hostileBundle(entries: number): FormedLayer {
  const tlogEntries = Array.from({ length: entries }, (_, at) => ({
    logIndex: String(at),
    logId: { keyId: Buffer.alloc(32, at).toString("base64") },
    kindVersion: { kind: "dsse", version: "0.0.1" },
    integratedTime: "1700000000",
    inclusionPromise: { signedEntryTimestamp: Buffer.alloc(72, 1).toString("base64") },
    canonicalizedBody: Buffer.alloc(300, at % 251).toString("base64"),
  }));
  const bundle = {
    mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
    verificationMaterial: {
      publicKey: { hint: "x" },
      tlogEntries,
      timestampVerificationData: { rfc3161Timestamps: [] },
    },
    dsseEnvelope: {
      payload: "e30=",
      payloadType: "application/vnd.in-toto+json",
      signatures: [{ sig: "AA==", keyid: "" }],
    },
  };
  const bytes = Buffer.from(JSON.stringify(bundle));
  return { form: "bundle", mediaType: bundle.mediaType, bytes, annotations: {} };
}
