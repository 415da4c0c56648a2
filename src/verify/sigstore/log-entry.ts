import { createPublicKey, X509Certificate } from "node:crypto";

import type { TransparencyLogEntry } from "@sigstore/bundle";
import { pem } from "@sigstore/core";
import type { TrustMaterial } from "@sigstore/verify";

import { isObject, parseJsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import type { CachingCertificate } from "./caching-certificate.ts";

/** Whom an entry must name: the key as DER SubjectPublicKeyInfo, and the certificate where there is one. */
export interface EntrySigner {
  readonly spki: Buffer;
  readonly leaf?: CachingCertificate | undefined;
}

/** Entries of logs that these authorities know. A foreign entry may neither count nor spoil what counts. */
export function knownEntries(
  entries: readonly TransparencyLogEntry[],
  tlogs: TrustMaterial["tlogs"],
): TransparencyLogEntry[] {
  return entries.filter(({ logId }) => tlogs.some(({ logID }) => logID.equals(logId.keyId)));
}

/**
 * Holds a verified entry to the signer and to its log's window: the library compares neither the entry's key with the
 * bundle's, nor the window of a log that vouches by checkpoint. Throws Rejected.
 */
export function checkEntry(
  entry: TransparencyLogEntry,
  {
    signer,
    time,
    tlogs,
  }: {
    readonly signer: EntrySigner;
    readonly time: Date | undefined;
    readonly tlogs: TrustMaterial["tlogs"];
  },
): void {
  const body = parseJsonObject(entry.canonicalizedBody, "the log entry");
  const verifier = verifierOf(isObject(body["spec"]) ? body["spec"] : {});
  if (!isCertificate(verifier, signer.leaf) && !spkiOf(verifier).equals(signer.spki))
    throw new Rejected("invalid", "the log entry names another key than the signer's");
  const inWindow = tlogs.some(
    ({ logID, validFor }) => logID.equals(entry.logId.keyId) && isWithin(time, validFor),
  );
  if (!inWindow) throw new Rejected("invalid", "the log's key was not valid when the entry was made");
}

function isWithin(
  time: Date | undefined,
  { start, end }: { readonly start: Date; readonly end: Date },
): boolean {
  return time === undefined || (start <= time && time <= end);
}

type Verifier = { readonly pem: string } | { readonly der: string };

/** The signer's half of an entry's body, in each kind that the library reads. */
function verifierOf(spec: Readonly<Record<string, unknown>>): Verifier {
  const found =
    hashedRekord(spec) ??
    dsse(spec) ??
    intoto(spec) ??
    v2(spec["hashedRekordV002"], false) ??
    v2(spec["dsseV002"], true);
  if (found === undefined) throw new Rejected("unsupported", "the log entry names no verifier");
  return found;
}

function hashedRekord({ signature }: Readonly<Record<string, unknown>>): Verifier | undefined {
  return isObject(signature) && isObject(signature["publicKey"])
    ? pemFrom(signature["publicKey"]["content"])
    : undefined;
}

function dsse({ signatures }: Readonly<Record<string, unknown>>): Verifier | undefined {
  const only = onlyOf(signatures);
  return isObject(only) ? pemFrom(only["verifier"]) : undefined;
}

function intoto({ content }: Readonly<Record<string, unknown>>): Verifier | undefined {
  const envelope = isObject(content) ? content["envelope"] : undefined;
  const only = isObject(envelope) ? onlyOf(envelope["signatures"]) : undefined;
  return isObject(only) ? pemFrom(only["publicKey"]) : undefined;
}

function v2(spec: unknown, many: boolean): Verifier | undefined {
  if (!isObject(spec)) return undefined;
  const signature = many ? onlyOf(spec["signatures"]) : spec["signature"];
  const verifier = isObject(signature) ? signature["verifier"] : undefined;
  if (!isObject(verifier)) return undefined;
  const half = verifier["x509Certificate"] ?? verifier["publicKey"];
  return isObject(half) && typeof half["rawBytes"] === "string" ? { der: half["rawBytes"] } : undefined;
}

function onlyOf(list: unknown): unknown {
  return Array.isArray(list) && list.length === 1 ? list[0] : undefined;
}

function pemFrom(base64: unknown): Verifier | undefined {
  return typeof base64 === "string" ? { pem: Buffer.from(base64, "base64").toString("utf8") } : undefined;
}

/** Whether the entry holds the signer's certificate, text for text: then its key need not be read out of it again. */
function isCertificate(verifier: Verifier, leaf: CachingCertificate | undefined): boolean {
  if (leaf === undefined) return false;
  return "pem" in verifier
    ? verifier.pem === pem.fromDER(leaf.der)
    : verifier.der === leaf.der.toString("base64");
}

/** DER SubjectPublicKeyInfo of a certificate or of a bare key. */
function spkiOf(verifier: Verifier): Buffer {
  const isKey = "pem" in verifier && verifier.pem.includes("BEGIN PUBLIC KEY");
  const bytes = "pem" in verifier ? verifier.pem : Buffer.from(verifier.der, "base64");
  if (isKey) return exported(createPublicKey(bytes));
  try {
    return exported(new X509Certificate(bytes).publicKey);
  } catch (error) {
    if ("pem" in verifier) throw error;
    return exported(
      createPublicKey({ key: Buffer.from(verifier.der, "base64"), format: "der", type: "spki" }),
    );
  }
}

function exported(key: ReturnType<typeof createPublicKey>): Buffer {
  return key.export({ format: "der", type: "spki" });
}
