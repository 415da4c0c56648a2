import { ANNOTATIONS, type Attachment } from "../../core/index.ts";
import { isObject, type JsonObject, parseJsonObject } from "../json.ts";
import { LIMITS } from "../limits.ts";
import { Rejected } from "../rejected.ts";

const BUNDLE_V01 = "application/vnd.dev.sigstore.bundle+json;version=0.1";

/**
 * The verification material of a legacy layer as that of a bundle v0.1, the only version that takes a promise without
 * an inclusion proof. Throws Rejected.
 */
export function legacyBundle({ annotations }: Attachment, content: JsonObject): JsonObject {
  const certificate = annotations[ANNOTATIONS.certificate];
  const signer =
    certificate === undefined || certificate === ""
      ? { publicKey: { hint: "" } }
      : { x509CertificateChain: { certificates: [{ rawBytes: derOf(certificate) }] } };
  const verificationMaterial = {
    ...signer,
    tlogEntries: entriesOf(annotations[ANNOTATIONS.logEntry]),
    timestampVerificationData: { rfc3161Timestamps: stampsOf(annotations[ANNOTATIONS.timestamp]) },
  };
  return { mediaType: BUNDLE_V01, verificationMaterial, ...content };
}

/** The base64 inside the first PEM block. */
function derOf(pem: string): string {
  const block = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/.exec(
    pem.slice(0, LIMITS.certificate),
  );
  if (block === null) throw new Rejected("malformed", "the certificate annotation holds no PEM certificate");
  return block[1]!.replaceAll(/\s/g, "");
}

function entriesOf(annotation: string | undefined): JsonObject[] {
  if (annotation === undefined || annotation === "") return [];
  const { SignedEntryTimestamp: promise, Payload: payload } = parseJsonObject(
    annotation,
    "the Rekor annotation",
  );
  if (!isObject(payload) || typeof payload["body"] !== "string" || typeof payload["logID"] !== "string") {
    throw new Rejected("malformed", "the Rekor annotation holds no entry");
  }
  const { kind, apiVersion } = parseJsonObject(Buffer.from(payload["body"], "base64"), "the log entry");
  return [
    {
      logIndex: String(payload["logIndex"]),
      logId: { keyId: Buffer.from(payload["logID"], "hex").toString("base64") },
      kindVersion: { kind, version: apiVersion },
      integratedTime: String(payload["integratedTime"]),
      inclusionPromise: { signedEntryTimestamp: promise },
      canonicalizedBody: payload["body"],
    },
  ];
}

function stampsOf(annotation: string | undefined): JsonObject[] {
  if (annotation === undefined || annotation === "") return [];
  const { SignedRFC3161Timestamp: stamp } = parseJsonObject(annotation, "the timestamp annotation");
  return typeof stamp === "string" ? [{ signedTimestamp: stamp }] : [];
}
