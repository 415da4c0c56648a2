import { createPrivateKey, type KeyObject, scryptSync } from "node:crypto";

import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { z } from "zod";

import { readJson, UsageError } from "../core/index.ts";

const MAX_PEM = 16_384;
const COSIGN = /-----BEGIN ENCRYPTED (?:SIGSTORE|COSIGN) PRIVATE KEY-----([\s\S]*?)-----END/;
/** 128 * N * r bytes; what cosign writes takes 64 MiB. */
const MAX_SCRYPT_BYTES = 256 * 1024 * 1024;

/** Source: secure-systems-lab/go-securesystemslib, encrypted/encrypted.go. */
const Encrypted = z.object({
  kdf: z.object({
    name: z.literal("scrypt"),
    params: z.object({
      N: z.int().min(1024).max(1_048_576),
      r: z.int().min(1).max(32),
      p: z.int().min(1).max(4),
    }),
    salt: z.base64(),
  }),
  cipher: z.object({ name: z.literal("nacl/secretbox"), nonce: z.base64() }),
  ciphertext: z.base64(),
});

/** A private key's text, what to call it in a message, and its password. */
export interface KeySource {
  readonly pem: string;
  readonly name: string;
  /** Of an encrypted key. Empty is a password, too: cosign's where none was typed. */
  readonly password?: string;
}

/**
 * Reads a private key: PKCS #8, encrypted or not, SEC 1, or as `cosign generate-key-pair` writes it. ECDSA on P-256 with
 * SHA-256 is what cosign and the gate both verify without being told more. Throws UsageError, which repeats nothing of it.
 */
export function readPrivateKey({ pem, name, password }: KeySource): KeyObject {
  if (pem.length > MAX_PEM) throw new UsageError(`${name} is longer than ${MAX_PEM} characters`);
  const key = opened(pem, name, password);
  if (key.asymmetricKeyType !== "ec" || key.asymmetricKeyDetails?.namedCurve !== "prime256v1")
    throw new UsageError(`${name} is not an ECDSA key on P-256; make one with cosign generate-key-pair`);
  return key;
}

function opened(pem: string, name: string, password: string | undefined): KeyObject {
  if (pem.includes("BEGIN PUBLIC KEY")) throw new UsageError(`${name} is a public key; give the private one`);
  if (pem.includes("ENCRYPTED") && password === undefined)
    throw new UsageError(`${name} is encrypted; give its password in COSIGN_PASSWORD`);
  try {
    const encrypted = COSIGN.exec(pem)?.[1];
    if (encrypted === undefined) return createPrivateKey({ key: pem, passphrase: password });
    return createPrivateKey({ key: decrypted(encrypted, password!), format: "der", type: "pkcs8" });
  } catch {
    const why =
      password === undefined ? "is not a readable private key" : "cannot be read with this password";
    throw new UsageError(`${name} ${why}`);
  }
}

function decrypted(base64: string, password: string): Buffer {
  const { kdf, cipher, ciphertext } = Encrypted.parse(readJson(Buffer.from(base64, "base64")));
  const { N, r, p } = kdf.params;
  if (128 * N * r > MAX_SCRYPT_BYTES) throw new Error("its key derivation takes too much memory");
  const key = scryptSync(password, Buffer.from(kdf.salt, "base64"), 32, {
    N,
    r,
    p,
    maxmem: 2 * MAX_SCRYPT_BYTES,
  });
  const nonce = Buffer.from(cipher.nonce, "base64");
  return Buffer.from(xsalsa20poly1305(key, nonce).decrypt(Buffer.from(ciphertext, "base64")));
}
