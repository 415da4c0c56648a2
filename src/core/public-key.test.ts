import { generateKeyPairSync, type KeyObject } from "node:crypto";

import { describe, expect, it } from "vitest";

import { digestOf } from "./digest.ts";
import { parsePublicKey } from "./public-key.ts";

function pemOf(key: KeyObject): string {
  return key.export({ format: "pem", type: "spki" }).toString();
}

const p256 = generateKeyPairSync("ec", { namedCurve: "P-256" });
const PEM = pemOf(p256.publicKey);

describe("parsePublicKey", () => {
  it.each([
    ["P-256", PEM],
    ["P-384", pemOf(generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey)],
    ["P-521", pemOf(generateKeyPairSync("ec", { namedCurve: "P-521" }).publicKey)],
    ["Ed25519", pemOf(generateKeyPairSync("ed25519").publicKey)],
    ["RSA 2048", pemOf(generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey)],
  ])("takes %s", (_, pem) => {
    expect(parsePublicKey(pem)).toMatchObject({ ok: true, key: { pem } });
  });

  it("names a key by the digest of its SubjectPublicKeyInfo, however its PEM is laid out", () => {
    const fingerprint = digestOf(p256.publicKey.export({ format: "der", type: "spki" }));
    const parsed = [PEM, `\n\n${PEM}\n\n`, PEM.replaceAll("\n", "\r\n")].map(parsePublicKey);
    expect(parsed.map((each) => each.ok && each.key)).toEqual(
      Array.from({ length: 3 }, () => ({ id: fingerprint, fingerprint, pem: PEM })),
    );
  });

  it.each([
    ["nothing", "", "exactly one PEM block"],
    ["text", "my key", "exactly one PEM block"],
    ["two keys", PEM + PEM, "exactly one PEM block"],
    ["a certificate", PEM.replaceAll("PUBLIC KEY", "CERTIFICATE"), "exactly one PEM block"],
    ["broken base64", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "readable key"],
    ["a weak RSA key", pemOf(generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey), "2048 bits"],
    ["a foreign curve", pemOf(generateKeyPairSync("ec", { namedCurve: "secp256k1" }).publicKey), "curve"],
    ["X25519", pemOf(generateKeyPairSync("x25519").publicKey), "x25519"],
    ["megabytes", PEM + "\n".repeat(9000), "longer than 8192"],
  ])("refuses %s", (_, pem, why) => {
    expect(parsePublicKey(pem)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });

  it("refuses a private key without repeating it", () => {
    const pem = p256.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
    const parsed = parsePublicKey(pem);
    expect(parsed).toMatchObject({ ok: false, why: expect.stringContaining("private key") });
    expect(JSON.stringify(parsed)).not.toContain(pem.split("\n")[1]);
  });
});
