import { describe, expect, it } from "vitest";

import { attachmentsOf, cosignSign, publicKeyOf, world } from "../../../test/support/signed-layers.ts";
import { createSigstore, type Identity } from "../../../test/support/sigstore.ts";
import type { TrustRoot } from "../../core/index.ts";
import { verifyAttachments } from "../evidence.ts";

type Json = Record<string, unknown>;

const { sigstore, subject, release, key, now } = await world();
const foreign = await createSigstore({ logUrl: "https://rekor.foreign.test" });
const root = sigstore.trustRoot("ours");
const DAY = 86_400;

interface Verified {
  readonly timeSource: string | undefined;
  readonly logged: boolean;
}

function outcomeOf(bundle: unknown, trustRoot: TrustRoot = root): Verified | string {
  const layer = {
    form: "bundle",
    mediaType: "application/json",
    bytes: Buffer.from(JSON.stringify(bundle)),
    annotations: {},
  } as const;
  const trust = { generation: "test", roots: [trustRoot], keys: [publicKeyOf(key)] };
  const { signatures, rejections } = verifyAttachments(attachmentsOf(subject, [layer]), trust, now);
  const [found] = signatures;
  return found === undefined
    ? `${rejections[0]!.reason}: ${rejections[0]!.message}`
    : { timeSource: found.timeSource, logged: found.logged };
}

type Stamp = "within" | "after" | "foreign" | "foreign, after" | "of another signature";

/** A bundle with the stamps that are named, over its own signature where nothing else is said. */
async function stamped(who: Identity, rekor: "v1" | "v2" | "none", stamps: readonly Stamp[]): Promise<Json> {
  const { bytes } = await cosignSign.bundle(sigstore, who, subject, { rekor, timestamps: 0 });
  const bundle = JSON.parse(bytes.toString("utf8")) as Json & {
    readonly dsseEnvelope: { readonly signatures: readonly [{ readonly sig: string }] };
    readonly verificationMaterial: Json;
  };
  const signature = Buffer.from(bundle.dsseEnvelope.signatures[0].sig, "base64");
  const made: Record<Stamp, () => Promise<string>> = {
    within: () => sigstore.stamp(signature, 60),
    after: () => sigstore.stamp(signature, DAY),
    foreign: () => foreign.stamp(signature, 0),
    "foreign, after": () => foreign.stamp(signature, DAY),
    "of another signature": () => sigstore.stamp(Buffer.from("another"), DAY),
  };
  const rfc3161Timestamps: { signedTimestamp: string }[] = [];
  for (const stamp of stamps) rfc3161Timestamps.push({ signedTimestamp: await made[stamp]() });
  const timestampVerificationData = { rfc3161Timestamps };
  return { ...bundle, verificationMaterial: { ...bundle.verificationMaterial, timestampVerificationData } };
}

const NO_PATH = "invalid: Failed to verify certificate chain";

describe("a certificate's signature", () => {
  it.each<[string, "v1" | "v2", readonly Stamp[], unknown]>([
    ["a log's promise", "v1", [], { timeSource: "log", logged: true }],
    ["a stamp within the certificate's life", "v2", ["within"], { timeSource: "timestamp", logged: true }],
    ["both, the stamp later", "v1", ["within"], { timeSource: "log", logged: true }],
    ["the same stamp twice", "v2", ["within", "within"], { timeSource: "timestamp", logged: true }],
    [
      "a promise, beside a stamp by an authority that is not known",
      "v1",
      ["foreign"],
      { timeSource: "log", logged: true },
    ],
    [
      "a promise, beside a later stamp by an authority that is not known",
      "v1",
      ["foreign, after"],
      { timeSource: "log", logged: true },
    ],
    [
      "a stamp behind one by an authority that is not known",
      "v2",
      ["foreign", "within"],
      { timeSource: "timestamp", logged: true },
    ],
    [
      "a promise, beside a stamp of another signature",
      "v1",
      ["of another signature"],
      { timeSource: "log", logged: true },
    ],
  ])("verifies with %s", async (_, rekor, stamps, expected) => {
    expect(outcomeOf(await stamped(release, rekor, stamps))).toEqual(expected);
  });

  it.each<[string, "v1" | "v2", readonly Stamp[], string]>([
    ["a stamp after the certificate's life", "v2", ["after"], NO_PATH],
    ["a stamp after the certificate's life, beside a promise within it", "v1", ["after"], NO_PATH],
    ["a stamp after the certificate's life, beside one within it", "v2", ["within", "after"], NO_PATH],
    [
      "a stamp after the certificate's life, behind one that is not known",
      "v1",
      ["foreign", "after"],
      NO_PATH,
    ],
    [
      "only a stamp by an authority that is not known",
      "v2",
      ["foreign"],
      "invalid: expected 1 timestamps, got 0",
    ],
    ["no time at all", "v2", [], "invalid: expected 1 timestamps, got 0"],
  ])("is refused with %s", async (_, rekor, stamps, message) => {
    expect(outcomeOf(await stamped(release, rekor, stamps))).toBe(message);
  });
});

describe("a key's signature", () => {
  it.each<[string, "v1" | "none", readonly Stamp[], unknown]>([
    ["a stamp at any time", "none", ["after"], { timeSource: "timestamp", logged: false }],
    [
      "a promise, beside a stamp by an authority that is not known",
      "v1",
      ["foreign"],
      { timeSource: "log", logged: true },
    ],
    [
      "only a stamp by an authority that is not known",
      "none",
      ["foreign"],
      { timeSource: undefined, logged: false },
    ],
  ])("verifies with %s", async (_, rekor, stamps, expected) => {
    expect(outcomeOf(await stamped(key, rekor, stamps))).toEqual(expected);
  });
});

describe("a certificate with a timestamp of a certificate log", () => {
  const parsed = JSON.parse(root.trustedRoot) as { ctlogs: Json[] };
  const theirs = foreign.trustedRoot["ctlogs"] as Json[];
  /** Says that the log's id belongs to another key: its timestamps do not verify. */
  const falsified = [{ ...parsed.ctlogs[0], publicKey: theirs[0]!["publicKey"] }];

  it.each<[string, 0 | 1, Json[], unknown]>([
    ["required and the log known", 1, parsed.ctlogs, "verified"],
    ["required and the log known, beside others", 1, [...theirs, ...parsed.ctlogs], "verified"],
    ["required and no log known", 1, [], "invalid: expected 1 SCTs, got 0"],
    ["required and only another log known", 1, theirs, "invalid: expected 1 SCTs, got 0"],
    ["required and false", 1, falsified, "invalid: SCT verification failed"],
    ["not required and the log known", 0, parsed.ctlogs, "verified"],
    ["not required and no log known", 0, [], "verified"],
    ["not required and only another log known", 0, theirs, "verified"],
    ["not required and false", 0, falsified, "invalid: SCT verification failed"],
  ])("that is %s", async (_, ctlogThreshold, ctlogs, expected) => {
    const trustedRoot = JSON.stringify({ ...parsed, ctlogs });
    const outcome = outcomeOf(await stamped(release, "v1", []), { ...root, trustedRoot, ctlogThreshold });
    expect(typeof outcome === "string" ? outcome : "verified").toBe(expected);
  });

  it("is refused without one where one is required", async () => {
    const without = await createSigstore({ sct: false });
    const { bytes } = await cosignSign.bundle(without, await without.identity(), subject);
    const bundle: unknown = JSON.parse(bytes.toString("utf8"));
    expect(outcomeOf(bundle, without.trustRoot("theirs"))).toBe("invalid: expected 1 SCTs, got 0");
    expect(outcomeOf(bundle, without.trustRoot("theirs", { ctlogThreshold: 0 }))).toMatchObject({
      logged: true,
    });
  });
});
