import { createHash } from "node:crypto";

import type { HashName } from "./signing-keys.ts";
import type { EntryBody, SignerMaterial } from "./sigstore-entries.ts";

/** A log entry's body for either generation of Rekor. */
export interface Bodies {
  readonly v1: EntryBody;
  readonly v2: EntryBody;
}

/** DER as PEM. */
export function pem(der: Uint8Array, label = "CERTIFICATE"): string {
  const body = Buffer.from(der)
    .toString("base64")
    .replaceAll(/(.{64})/g, "$1\n")
    .trimEnd();
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}

/** SHA-256. */
export function sha256(bytes: Uint8Array | string): Buffer {
  return createHash("sha256").update(bytes).digest();
}

/** A DSSE envelope (secure-systems-lab/dsse, envelope.md). */
export interface Envelope {
  readonly payload: string;
  readonly payloadType: string;
  readonly signatures: readonly { readonly sig: string }[];
}

function rekorHash(bytes: Uint8Array | string): { readonly algorithm: string; readonly value: string } {
  return { algorithm: "sha256", value: sha256(bytes).toString("hex") };
}

/** Bodies for a DSSE envelope. */
export function dsseBodies(envelope: Envelope, payload: Buffer, pae: Buffer, who: SignerMaterial): Bodies {
  const sig = envelope.signatures[0]!.sig;
  const signatures = [{ signature: sig, verifier: verifierPem(who) }];
  return {
    v1: {
      apiVersion: "0.0.1",
      kind: "dsse",
      spec: {
        envelopeHash: rekorHash(JSON.stringify(envelope)),
        payloadHash: rekorHash(payload),
        signatures,
      },
    },
    v2: hashedRekordV2(pae, sig, who),
  };
}

/** Bodies for a signature over plain bytes. */
export function messageBodies(bytes: Buffer, signature: Buffer, who: SignerMaterial): Bodies {
  const content = signature.toString("base64");
  const value = createHash(who.hash).update(bytes).digest("hex");
  return {
    v1: {
      apiVersion: "0.0.1",
      kind: "hashedrekord",
      spec: {
        data: { hash: { algorithm: who.hash, value } },
        signature: { content, publicKey: { content: verifierPem(who) } },
      },
    },
    v2: hashedRekordV2(bytes, content, who),
  };
}

/** A digest as Sigstore's messages state it (protobuf-specs sigstore_common.proto, HashOutput). */
export function messageDigestOf(bytes: Buffer, hash: HashName): { algorithm: string; digest: string } {
  const algorithm = { sha256: "SHA2_256", sha384: "SHA2_384", sha512: "SHA2_512" }[hash];
  return { algorithm, digest: createHash(hash).update(bytes).digest("base64") };
}

function hashedRekordV2(
  bytes: Buffer,
  content: string,
  { publicKey, certificate, hash }: SignerMaterial,
): EntryBody {
  const rawBytes = (certificate ?? publicKey.export({ format: "der", type: "spki" })).toString("base64");
  const verifier = {
    keyDetails: "PKIX_ECDSA_P256_SHA_256",
    ...(certificate === undefined ? { publicKey: { rawBytes } } : { x509Certificate: { rawBytes } }),
  };
  const data = messageDigestOf(bytes, hash);
  return {
    apiVersion: "0.0.2",
    kind: "hashedrekord",
    spec: { hashedRekordV002: { data, signature: { content, verifier } } },
  };
}

/** The verifier as Rekor v1 stores it: base64 of a PEM. */
function verifierPem({ publicKey, certificate }: SignerMaterial): string {
  const text =
    certificate === undefined ? publicKey.export({ format: "pem", type: "spki" }) : pem(certificate);
  return Buffer.from(text).toString("base64");
}
