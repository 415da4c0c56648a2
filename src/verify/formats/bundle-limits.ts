import { isObject, type JsonObject, listOf } from "../json.ts";
import { LIMITS } from "../limits.ts";
import { Rejected } from "../rejected.ts";

/** Holds a bundle's JSON to the limits before the library sees it. Throws Rejected `too-large` or `malformed`. */
export function checkBundleLimits(bundle: JsonObject): void {
  const material = objectOf(bundle["verificationMaterial"], "the bundle's verification material");
  for (const entry of listOf(material["tlogEntries"], LIMITS.tlogEntries, "log entries")) checkEntry(entry);
  const stamps = material["timestampVerificationData"];
  if (isObject(stamps)) listOf(stamps["rfc3161Timestamps"], LIMITS.timestamps, "timestamps");
  const chain = material["x509CertificateChain"];
  if (isObject(chain)) listOf(chain["certificates"], LIMITS.certificates, "certificates");
  const certificates = [
    material["certificate"],
    ...(isObject(chain) && Array.isArray(chain["certificates"]) ? chain["certificates"] : []),
  ];
  if (certificates.some((each) => isObject(each) && longerThan(each["rawBytes"], LIMITS.certificate))) {
    throw new Rejected("too-large", "a certificate is too large");
  }
  const envelope = bundle["dsseEnvelope"];
  if (isObject(envelope) && listOf(envelope["signatures"], 1, "signatures in the envelope").length !== 1) {
    throw new Rejected("malformed", "the envelope has no signature");
  }
}

function checkEntry(value: unknown): void {
  const entry = objectOf(value, "a log entry");
  if (longerThan(entry["canonicalizedBody"], LIMITS.entryBody))
    throw new Rejected("too-large", "a log entry's body is too large");
  const proof = entry["inclusionProof"];
  if (!isObject(proof)) return;
  listOf(proof["hashes"], LIMITS.proofHashes, "hashes in an inclusion proof");
  const checkpoint = isObject(proof["checkpoint"]) ? proof["checkpoint"]["envelope"] : undefined;
  if (longerThan(checkpoint, LIMITS.checkpoint)) throw new Rejected("too-large", "a checkpoint is too long");
}

function objectOf(value: unknown, what: string): JsonObject {
  if (!isObject(value)) throw new Rejected("malformed", `${what} is not a JSON object`);
  return value;
}

function longerThan(value: unknown, most: number): boolean {
  return typeof value === "string" && value.length > most;
}
