import { constants, type KeyObject, verify } from "node:crypto";

import { ed25519ph } from "@noble/curves/ed25519.js";

/**
 * Hash functions that signers use with keys of a curve: the one of the curve's strength, and SHA-256, which older
 * clients used with each. Source: sigstore/sigstore pkg/signature/algorithm_registry.go.
 */
const HASHES_OF_CURVE: Readonly<Record<string, readonly string[]>> = {
  prime256v1: ["sha256"],
  secp384r1: ["sha384", "sha256"],
  secp521r1: ["sha512", "sha256"],
};
const RSA_HASHES = ["sha256", "sha384", "sha512"] as const;
const { RSA_PKCS1_PADDING, RSA_PKCS1_PSS_PADDING, RSA_PSS_SALTLEN_AUTO } = constants;

/**
 * Whether a key made a signature over these bytes, by any algorithm that Sigstore's clients use with a key of its kind:
 * ECDSA with the hash function of its curve or SHA-256, RSA PKCS #1 v1.5 or PSS, Ed25519 or Ed25519ph (RFC 8032, section
 * 5.1). A key of another kind made none.
 */
export function isSignedBy(key: KeyObject, bytes: Buffer, signature: Buffer): boolean {
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = key;
  if (kind === "ec") {
    const hashes = HASHES_OF_CURVE[details?.namedCurve ?? ""] ?? [];
    return hashes.some((hash) => holds(() => verify(hash, bytes, key, signature)));
  }
  if (kind === "rsa") return RSA_HASHES.some((hash) => isSignedByRsa(key, hash, { bytes, signature }));
  if (kind !== "ed25519") return false;
  return holds(() => verify(null, bytes, key, signature)) || isPrehashed(key, bytes, signature);
}

function isSignedByRsa(
  key: KeyObject,
  hash: (typeof RSA_HASHES)[number],
  { bytes, signature }: { readonly bytes: Buffer; readonly signature: Buffer },
): boolean {
  const pss = { key, padding: RSA_PKCS1_PSS_PADDING, saltLength: RSA_PSS_SALTLEN_AUTO };
  return [{ key, padding: RSA_PKCS1_PADDING }, pss].some((how) =>
    holds(() => verify(hash, bytes, how, signature)),
  );
}

/** Node's own library has no Ed25519ph. */
function isPrehashed(key: KeyObject, bytes: Buffer, signature: Buffer): boolean {
  const { x } = key.export({ format: "jwk" });
  const point = Buffer.from(x ?? "", "base64url");
  return holds(() => ed25519ph.verify(signature, bytes, point, { zip215: false }));
}

/** A signature that cannot be read was made by no one. */
function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
