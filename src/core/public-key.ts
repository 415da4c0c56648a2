import { createPublicKey, type KeyObject } from "node:crypto";

import { digestOf } from "./digest.ts";
import type { PublicKey } from "./trust.ts";

const MAX_PEM = 8192;
const MIN_RSA_BITS = 2048;
const CURVES: readonly (string | undefined)[] = ["prime256v1", "secp384r1", "secp521r1"];

/** A public key, or one clause that says why the text is none that the gate takes. */
export type ParsedKey =
  | { readonly ok: true; readonly key: PublicKey }
  | { readonly ok: false; readonly why: string };

/**
 * Reads one PEM block `BEGIN PUBLIC KEY` (RFC 7468, section 13): ECDSA on P-256, P-384 or P-521, Ed25519, or RSA of
 * 2,048 bits and more. A private key is refused, and not repeated in the answer.
 */
export function parsePublicKey(pem: string): ParsedKey {
  if (pem.length > MAX_PEM) return no(`it is longer than ${MAX_PEM} characters`);
  if (pem.includes("PRIVATE KEY"))
    return no("it is a private key; give the public half, and replace the pair");
  if (
    (pem.match(/-----BEGIN /g) ?? []).length !== 1 ||
    !pem.trimStart().startsWith("-----BEGIN PUBLIC KEY-----")
  ) {
    return no("it is not exactly one PEM block BEGIN PUBLIC KEY");
  }
  try {
    return accept(createPublicKey(pem));
  } catch {
    return no("its PEM block does not hold a readable key");
  }
}

/**
 * A public key of these DER bytes: SubjectPublicKeyInfo (RFC 5280, section 4.1.2.7) or, for RSA, PKCS #1 (RFC 8017,
 * appendix A.1.1). Throws where they are neither.
 */
export function readPublicKey(der: Uint8Array): KeyObject {
  const key = Buffer.from(der);
  try {
    return createPublicKey({ key, format: "der", type: "spki" });
  } catch {
    return createPublicKey({ key, format: "der", type: "pkcs1" });
  }
}

function accept(key: KeyObject): ParsedKey {
  const weak = weakness(key);
  if (weak !== undefined) return no(weak);
  const fingerprint = digestOf(key.export({ format: "der", type: "spki" }));
  return {
    ok: true,
    key: { id: fingerprint, fingerprint, pem: key.export({ format: "pem", type: "spki" }).toString() },
  };
}

function weakness({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string | undefined {
  if (type === "ed25519") return undefined;
  if (type === "ec")
    return CURVES.includes(details?.namedCurve) ? undefined : "its curve is not P-256, P-384 or P-521";
  if (type !== "rsa") return `its kind (${type ?? "unknown"}) is not ECDSA, Ed25519 or RSA`;
  return (details?.modulusLength ?? 0) >= MIN_RSA_BITS
    ? undefined
    : `it is RSA of fewer than ${MIN_RSA_BITS} bits`;
}

function no(why: string): ParsedKey {
  return { ok: false, why };
}
