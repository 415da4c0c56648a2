import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import { createSigstore } from "../../test/support/sigstore.ts";
import { checkTrustedRoot } from "./check-trusted-root.ts";
import { seedText } from "./public-good.ts";

type Json = Record<string, unknown>;

const minted = (await createSigstore()).trustedRoot as Record<string, Json[]> & { mediaType: string };
const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 }).publicKey;

/** The minted root with something of its first log changed. */
function withLog(change: (log: Json) => Json): Json {
  return { ...minted, tlogs: minted["tlogs"]!.map(change) };
}

function withKey(change: Json): Json {
  return withLog((log) => ({ ...log, publicKey: { ...(log["publicKey"] as Json), ...change } }));
}

/** Every name as the .proto file has it. */
function snakeCase(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(snakeCase);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => [
      name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
      snakeCase(each),
    ]),
  );
}

const keyId = (minted["tlogs"]![0]!["logId"] as Json)["keyId"] as string;
const start = "2020-01-01T00:00:00Z";

describe("a trusted root that protobuf JSON allows", () => {
  it.each<[string, Json]>([
    ["as sigstore-go writes it", minted],
    [
      "with null for a window that has no end, as sigstore-python writes it",
      withKey({ validFor: { start, end: null } }),
    ],
    [
      "with null for messages, lists and texts that are not there",
      { ...minted, timestampAuthorities: null, signingConfig: null },
    ],
    [
      "with null for a checkpoint key and an operator",
      withLog((log) => ({ ...log, checkpointKeyId: null, operator: null })),
    ],
    ["with the names of the .proto file", snakeCase(minted) as Json],
    [
      "with an enum as its number",
      withLog((log) => ({
        ...log,
        hashAlgorithm: 1,
        publicKey: { ...(log["publicKey"] as Json), keyDetails: 5 },
      })),
    ],
    [
      "with base64 of the alphabet for URLs",
      withLog((log) => ({ ...log, logId: { keyId: keyId.replaceAll("+", "-").replaceAll("/", "_") } })),
    ],
    [
      "with base64 without padding",
      withLog((log) => ({ ...log, logId: { keyId: keyId.replaceAll("=", "") } })),
    ],
    [
      "with an offset and nanoseconds in a time",
      withKey({ validFor: { start: "2020-01-01T01:00:00.123456789+01:00" } }),
    ],
    ["with a field that is not known yet", { ...minted, somethingNew: [1] }],
    [
      "with an RSA log key in PKIX form",
      withKey({
        rawBytes: rsa.export({ format: "der", type: "spki" }).toString("base64"),
        keyDetails: "PKIX_RSA_PKCS1V15_2048_SHA256",
      }),
    ],
    [
      "with an RSA log key in PKCS #1 form",
      withKey({
        rawBytes: rsa.export({ format: "der", type: "pkcs1" }).toString("base64"),
        keyDetails: "PKCS1_RSA_PKCS1V5",
      }),
    ],
  ])("%s can be used", (_, root) => {
    expect(checkTrustedRoot(JSON.stringify(root))).toEqual([]);
  });

  it("is the seed of the public-good instance", () => {
    expect(checkTrustedRoot(seedText())).toEqual([]);
  });
});

describe("a trusted root that cannot be used", () => {
  it.each<[string, Json, string]>([
    ["no start of a window", withKey({ validFor: {} }), "tlogs.0.publicKey.validFor.start: "],
    [
      "null for the start of a window",
      withKey({ validFor: { start: null } }),
      "tlogs.0.publicKey.validFor.start: ",
    ],
    ["null for a window", withKey({ validFor: null }), "tlogs.0.publicKey.validFor: "],
    ["null within a list", { ...minted, tlogs: [null] }, "tlogs.0: "],
    [
      "one field in two spellings",
      { ...minted, certificate_authorities: [] },
      "document: not JSON of a message (the field certificateAuthorities is there twice)",
    ],
    ["an unknown name of an enum", withKey({ keyDetails: "PKIX_FUTURE" }), "document: "],
    ["no certificate authority", { ...minted, certificateAuthorities: null }, "certificateAuthorities: "],
    ["a key that is none", withKey({ rawBytes: "AAAA" }), "log 1: "],
    [
      "base64 of no alphabet",
      withKey({ rawBytes: "A*==" }),
      "tlogs.0.publicKey.rawBytes: Invalid base64-encoded string",
    ],
  ])("has %s", (_, root, problem) => {
    expect(checkTrustedRoot(JSON.stringify(root))).toEqual(
      expect.arrayContaining([expect.stringContaining(problem)]),
    );
  });

  it.each(["", "{", `${JSON.stringify(minted)},`, `${JSON.stringify(minted)}{}`, "null", "[]"])(
    "is not a JSON object: %.20s",
    (text) => {
      expect(checkTrustedRoot(text)).not.toEqual([]);
    },
  );
});
