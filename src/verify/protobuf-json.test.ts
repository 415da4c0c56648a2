import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import { attachmentsOf, cosignSign, publicKeyOf, world } from "../../test/support/signed-layers.ts";
import type { TrustRoot } from "../core/index.ts";
import { verifyAttachments } from "./evidence.ts";

type Json = Record<string, unknown>;

const { sigstore, subject, release, key, now } = await world();
const root = sigstore.trustRoot("ours");
const bundles = {
  keyless: await json(cosignSign.bundle(sigstore, release, subject)),
  stamped: await json(cosignSign.bundle(sigstore, release, subject, { rekor: "v2" })),
  key: await json(cosignSign.bundle(sigstore, key, subject)),
};

async function json(layer: ReturnType<typeof cosignSign.bundle>): Promise<Json> {
  return JSON.parse((await layer).bytes.toString("utf8")) as Json;
}

function outcomeOf(bundle: unknown, roots: readonly TrustRoot[] = [root]): string {
  const bytes = Buffer.from(JSON.stringify(bundle));
  const layer = { form: "bundle", mediaType: "application/json", bytes, annotations: {} } as const;
  const trust = { generation: "test", roots, keys: [publicKeyOf(key)] };
  const { signatures, rejections } = verifyAttachments(attachmentsOf(subject, [layer]), trust, now);
  return signatures.length === 1 ? "verified" : (rejections[0]?.reason ?? "nothing");
}

/** Every object of a value, changed from the inside out. */
function each(value: unknown, change: (object: Json) => Json): unknown {
  if (Array.isArray(value)) return value.map((item) => each(item, change));
  if (typeof value !== "object" || value === null) return value;
  return change(Object.fromEntries(Object.entries(value).map(([name, item]) => [name, each(item, change)])));
}

function rename(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

const spellings: readonly [string, (object: Json) => Json][] = [
  [
    "the names of the .proto file",
    (object) => Object.fromEntries(Object.entries(object).map(([name, value]) => [rename(name), value])),
  ],
  ["null for what is not there", (object) => ({ somethingElse: null, ...object })],
  ["a field that is not known", (object) => ({ somethingNew: { a: [1] }, ...object })],
  [
    "64-bit numbers as numbers",
    (object) =>
      Object.fromEntries(
        Object.entries(object).map(([name, value]) => [
          name,
          typeof value === "string" && /^\d{1,15}$/.test(value) ? Number(value) : value,
        ]),
      ),
  ],
  [
    "base64 of the alphabet for URLs",
    (object) =>
      Object.fromEntries(
        Object.entries(object).map(([name, value]) => [
          name,
          [
            "rawBytes",
            "sig",
            "keyId",
            "signedTimestamp",
            "canonicalizedBody",
            "rootHash",
            "payload",
          ].includes(name)
            ? String(value).replaceAll("+", "-").replaceAll("/", "_")
            : value,
        ]),
      ),
  ],
];

describe.each(Object.entries(bundles))("a %s bundle", (_, bundle) => {
  it.each(spellings)("with %s verifies", (__, change) => {
    expect(outcomeOf(each(bundle, change))).toBe("verified");
  });

  it("with one field in two spellings is malformed", () => {
    const material = bundle["verificationMaterial"] as Json;
    expect(outcomeOf({ ...bundle, verificationMaterial: { ...material, tlog_entries: [] } })).toBe(
      "malformed",
    );
  });
});

describe("limits", () => {
  it("hold for lists under the names of the .proto file, too", () => {
    const { tlogEntries, ...rest } = bundles.keyless["verificationMaterial"] as Json & {
      tlogEntries: unknown[];
    };
    const many = Array.from({ length: 64 }, () => tlogEntries[0]);
    expect(outcomeOf({ ...bundles.keyless, verificationMaterial: { ...rest, tlog_entries: many } })).toBe(
      "too-large",
    );
  });
});

describe("a trust root", () => {
  const parsed = JSON.parse(root.trustedRoot) as Json;

  it.each(spellings)("with %s is the same one", (_, change) => {
    const text = JSON.stringify(each(parsed, change));
    expect(outcomeOf(bundles.keyless, [{ ...root, trustedRoot: text }])).toBe("verified");
    expect(outcomeOf(bundles.stamped, [{ ...root, trustedRoot: text }])).toBe("verified");
  });

  it.each([
    ["PKIX", "spki", "PKIX_RSA_PKCS1V15_2048_SHA256"],
    ["PKCS #1", "pkcs1", "PKCS1_RSA_PKCS1V5"],
  ] as const)("that lists an RSA log in %s form beside others is still usable", (_, type, keyDetails) => {
    const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const rawBytes = publicKey.export({ format: "der", type }).toString("base64");
    const [log] = parsed["tlogs"] as Json[];
    const other = {
      ...log,
      logId: { keyId: "AAAA" },
      publicKey: { ...(log!["publicKey"] as Json), rawBytes, keyDetails },
    };
    const trustedRoot = JSON.stringify({
      ...parsed,
      tlogs: [other, log],
      ctlogs: [other, ...(parsed["ctlogs"] as Json[])],
    });
    expect(outcomeOf(bundles.keyless, [{ ...root, trustedRoot }])).toBe("verified");
  });
});
