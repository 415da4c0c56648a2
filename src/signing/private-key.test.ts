import { generateKeyPairSync, scryptSync } from "node:crypto";

import { xsalsa20poly1305 } from "@noble/ciphers/salsa.js";
import { describe, expect, it } from "vitest";

import { readPrivateKey } from "./private-key.ts";

const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
const PLAIN = privateKey.export({ format: "pem", type: "pkcs8" }).toString();
const SEC1 = privateKey.export({ format: "pem", type: "sec1" }).toString();
const PKCS8 = privateKey
  .export({ format: "pem", type: "pkcs8", cipher: "aes-256-cbc", passphrase: "word" })
  .toString();

/** As cosign generate-key-pair writes it. */
function cosignKey(password: string, params: object = { N: 32_768, r: 8, p: 1 }): string {
  const [salt, nonce] = [Buffer.alloc(32, 1), Buffer.alloc(24, 2)];
  const key = scryptSync(password, salt, 32, { N: 32_768, r: 8, p: 1, maxmem: 2 ** 28 });
  const der = privateKey.export({ format: "der", type: "pkcs8" });
  const text = JSON.stringify({
    kdf: { name: "scrypt", params, salt: salt.toString("base64") },
    cipher: { name: "nacl/secretbox", nonce: nonce.toString("base64") },
    ciphertext: Buffer.from(xsalsa20poly1305(key, nonce).encrypt(der)).toString("base64"),
  });
  const label = "ENCRYPTED SIGSTORE PRIVATE KEY";
  return `-----BEGIN ${label}-----\n${Buffer.from(text).toString("base64")}\n-----END ${label}-----\n`;
}

function read(pem: string, password?: string) {
  return readPrivateKey({ pem, name: "key.pem", ...(password !== undefined && { password }) });
}

describe("a private key", () => {
  it.each<[string, string, string | undefined]>([
    ["in PKCS #8", PLAIN, undefined],
    ["in SEC 1", SEC1, undefined],
    ["in PKCS #8, encrypted", PKCS8, "word"],
    ["of cosign's", cosignKey("word"), "word"],
    ["of cosign's with an empty password", cosignKey(""), ""],
    ["under cosign's older label", cosignKey("word").replaceAll("SIGSTORE", "COSIGN"), "word"],
  ])("%s is read", (_, pem, password) => {
    expect(read(pem, password).equals(privateKey)).toBe(true);
  });

  it.each<[string, string, string | undefined, RegExp]>([
    ["that is encrypted, without a password", PKCS8, undefined, /password in COSIGN_PASSWORD/],
    ["of cosign's, without a password", cosignKey("word"), undefined, /password in COSIGN_PASSWORD/],
    ["with another password", PKCS8, "other", /cannot be read with this password/],
    ["of cosign's with another password", cosignKey("word"), "other", /cannot be read with this password/],
    [
      "whose derivation would take too much memory",
      cosignKey("word", { N: 1_048_576, r: 32, p: 1 }),
      "word",
      /cannot be read/,
    ],
    [
      "that is public",
      publicKey.export({ format: "pem", type: "spki" }).toString(),
      undefined,
      /is a public key/,
    ],
    [
      "on another curve",
      generateKeyPairSync("ec", { namedCurve: "secp384r1" })
        .privateKey.export({ format: "pem", type: "pkcs8" })
        .toString(),
      undefined,
      /not an ECDSA key on P-256/,
    ],
    ["that is no key", "hello", undefined, /not a readable private key/],
    ["that is too long", PLAIN.padEnd(20_000), undefined, /longer than/],
  ])("%s is refused, and not repeated", (_, pem, password, message) => {
    expect(() => read(pem, password)).toThrow(message);
    expect(() => read(pem, password)).not.toThrow(/MIGH|hello/);
  });
});
