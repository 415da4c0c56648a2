import { generateKeyPairSync, type KeyObject, type KeyPairKeyObjectResult, sign } from "node:crypto";

import { describe, expect, it } from "vitest";

import { RFC_8032_ED25519PH, SIGNING_KEYS } from "../../../test/support/signing-keys.ts";
import { isSignedBy } from "./is-signed-by.ts";

const MESSAGE = Buffer.from("what is signed");
const OTHER = Buffer.from("something else");

describe.each(Object.entries(SIGNING_KEYS))("a signature by %s", (_, create) => {
  const [ours, theirs] = [create("acme"), create("stranger")];
  const signature = ours.sign(MESSAGE);

  it("is the key's", () => expect(isSignedBy(ours.publicKey, MESSAGE, signature)).toBe(true));

  it.each<[string, KeyObject, Buffer, Buffer]>([
    ["over other bytes", ours.publicKey, OTHER, signature],
    ["by another key", theirs.publicKey, MESSAGE, signature],
    ["that is cut off", ours.publicKey, MESSAGE, signature.subarray(0, -1)],
    ["that is empty", ours.publicKey, MESSAGE, Buffer.alloc(0)],
    ["with a byte changed", ours.publicKey, MESSAGE, changed(signature)],
  ])("%s is not", (__, key, bytes, other) => expect(isSignedBy(key, bytes, other)).toBe(false));
});

function changed(signature: Buffer): Buffer {
  const copy = Buffer.from(signature);
  copy[copy.length - 1]! ^= 1;
  return copy;
}

describe("Ed25519ph", () => {
  const { publicKey, message, signature } = RFC_8032_ED25519PH;

  it("is that of RFC 8032's test vector", () => {
    expect(isSignedBy(publicKey, message, signature)).toBe(true);
    expect(isSignedBy(publicKey, OTHER, signature)).toBe(false);
  });
});

function ec(namedCurve: string): KeyPairKeyObjectResult {
  return generateKeyPairSync("ec", { namedCurve });
}

describe("a signature by an algorithm of nobody's registry", () => {
  const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const pss = generateKeyPairSync("rsa-pss", { modulusLength: 2048 });

  it.each<[string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }, string | null]>([
    ["ECDSA on P-256 with SHA-1", ec("P-256"), "sha1"],
    ["ECDSA on P-256 with SHA-384", ec("P-256"), "sha384"],
    ["ECDSA on P-384 with SHA-512", ec("P-384"), "sha512"],
    ["ECDSA on P-521 with SHA-384", ec("P-521"), "sha384"],
    ["ECDSA on secp256k1", ec("secp256k1"), "sha256"],
    ["RSA with SHA-1", rsa, "sha1"],
    ["RSA-PSS with a key for PSS alone", pss, "sha256"],
    ["Ed448", generateKeyPairSync("ed448"), null],
  ])("such as %s is not the key's", (_, { privateKey, publicKey }, hash) => {
    expect(isSignedBy(publicKey, MESSAGE, sign(hash, MESSAGE, privateKey))).toBe(false);
  });
});
