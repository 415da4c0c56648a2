import { p256 } from "@noble/curves/nist.js";
import { describe, expect, it } from "vitest";

import { PREDICATE_TYPES } from "../../src/core/index.ts";
import { verifyAttachments } from "../../src/verify/index.ts";
import { anImage, aPolicy, codes, objections } from "../support/policies.ts";
import { summary } from "../support/predicates.ts";
import { attestation, type FormedLayer, provenance, publicKeyOf, world } from "../support/signed-layers.ts";
import { GITHUB_ISSUER, RELEASE_WORKFLOW } from "../support/sigstore-claims.ts";

const DAY = 86_400_000;
const VERIFIER = "https://acme.test/promoter";
const { sigstore, subject, now, release, key, material, attachmentsOf } = await world();

/** What a rule finds wanting about these layers, some days from now. */
function found(require: object, layers: readonly FormedLayer[], days: number): string[] {
  const policy = aPolicy(
    JSON.stringify({
      trustRoots: { test: { source: "inline", trustedRoot: JSON.stringify(sigstore.trustedRoot) } },
      authorities: {
        key: { key: { pem: publicKeyOf(key).pem, transparencyLogNotRequiredUnsafe: true } },
        logged: { key: { pem: publicKeyOf(key).pem } },
        release: { keyless: { trustRoot: "test", issuer: GITHUB_ISSUER, identity: RELEASE_WORKFLOW } },
      },
      rules: [{ name: "r", images: ["ghcr.io/**"], require }],
    }),
  );
  const evidence = verifyAttachments(attachmentsOf(layers), material(key), now);
  const image = anImage(`ghcr.io/acme/app@${subject}`);
  return codes(
    objections(policy, evidence, {
      image,
      keys: [publicKeyOf(key)],
      now: new Date(now.getTime() + days * DAY),
    }),
  );
}

/** A summary by the release workflow, with words of its own about when it was verified. */
function summarised(result: "PASSED" | "FAILED", daysAgo: number): Promise<FormedLayer> {
  const timeVerified = new Date(now.getTime() - daysAgo * DAY).toISOString();
  const said = summary({ verifier: { id: VERIFIER }, verificationResult: result, timeVerified });
  return attestation(PREDICATE_TYPES.summaryV1, said).bundle(sigstore, release, subject);
}

/** A summary by a key without a time of its own words, stamped some seconds from now. */
async function byKey(verificationResult: "PASSED" | "FAILED", secondsFromNow: number): Promise<FormedLayer> {
  const { timeVerified: _, ...said } = summary({ verifier: { id: VERIFIER }, verificationResult });
  const how = { rekor: "none", secondsFromNow } as const;
  return attestation(PREDICATE_TYPES.summaryV1, said).bundle(sigstore, key, subject, how);
}

interface StampedBundle {
  readonly dsseEnvelope: { readonly signatures: [{ sig: string }] };
  readonly verificationMaterial: { timestampVerificationData: unknown };
}

/** The same bundle with a stamp of some seconds from now alone, over its own signature or the variant that ECDSA allows. */
async function stampedAgain(layer: FormedLayer, seconds: number, isVaried: boolean): Promise<FormedLayer> {
  const bundle = JSON.parse(layer.bytes.toString()) as StampedBundle;
  const [only] = bundle.dsseEnvelope.signatures;
  const given = Buffer.from(only.sig, "base64");
  const signature = isVaried ? variantOf(given) : given;
  only.sig = signature.toString("base64");
  const stamp = { signedTimestamp: await sigstore.stamp(signature, seconds) };
  bundle.verificationMaterial.timestampVerificationData = { rfc3161Timestamps: [stamp] };
  return { ...layer, bytes: Buffer.from(JSON.stringify(bundle)) };
}

/** (r, n - s) verifies wherever (r, s) does. */
function variantOf(signature: Buffer): Buffer {
  const { r, s } = p256.Signature.fromBytes(signature, "der");
  return Buffer.from(new p256.Signature(r, p256.Point.Fn.neg(s)).toBytes("der"));
}

describe("C27: an old but valid attestation", () => {
  it.each([
    [29, []],
    [31, ["provenance/too-old"]],
  ])("of a build, after %d days with maxAge 30d, leads to %j", async (days, expected) => {
    const layer = await provenance.bundle(sigstore, release, subject);
    expect(found({ provenance: { anyOf: ["release"], maxAge: "30d" } }, [layer], days)).toEqual(expected);
  });

  it.each([
    ["signed 29 days ago", 0, 29, []],
    ["signed 31 days ago", 0, 31, ["promotable/too-old"]],
    ["signed 31 days ago, with words of today", -31, 31, ["promotable/too-old"]],
    ["signed today over a verification of 31 days ago", 31, 0, ["promotable/too-old"]],
  ])(
    "that sums up a verification, %s with maxAge 30d, leads to the expected code",
    async (_, said, days, expected) => {
      const promotable = { anyOf: ["release"], verifiers: [VERIFIER], maxAge: "30d" };
      expect(found({ promotable }, [await summarised("PASSED", said)], days)).toEqual(expected);
    },
  );

  it.each([[0], [1]])(
    "that PASSED does not come back after a newer one that FAILED, whatever order they are listed in: %d",
    async (first) => {
      const promotable = { anyOf: ["release"], verifiers: [VERIFIER] };
      const passed = await summarised("PASSED", 2);
      const failed = await summarised("FAILED", 1);
      const layers = first === 0 ? [passed, failed] : [failed, passed];
      expect(found({ promotable }, layers, 0)).toEqual(["promotable/refused"]);
    },
  );

  it.each([
    ["its signature", false],
    ["a variant of its signature", true],
  ])("that PASSED does not come back by a new stamp on %s", async (_, isVaried) => {
    const promotable = { anyOf: ["key"], verifiers: [VERIFIER] };
    const [passed, failed] = [await byKey("PASSED", 0), await byKey("FAILED", 100)];
    const copy = await stampedAgain(passed, 200, isVaried);
    for (const layers of [
      [passed, failed, copy],
      [copy, failed, passed],
    ])
      expect(found({ promotable }, layers, 1)).toEqual(["promotable/refused"]);
    expect(found({ promotable }, [passed, failed, await byKey("PASSED", 200)], 1)).toEqual([
      "promotable/refused",
    ]);
    const [older, newer] = [await byKey("FAILED", 0), await byKey("PASSED", 100)];
    expect(found({ promotable }, [older, newer], 1)).toEqual([]);
  });

  it("that PASSED does not come back by a stamp beside the log's promise", async () => {
    const promotable = { anyOf: ["logged"], verifiers: [VERIFIER] };
    const { timeVerified: _, ...said } = summary({ verifier: { id: VERIFIER } });
    const signs = attestation(PREDICATE_TYPES.summaryV1, said);
    const passed = await signs.bundle(sigstore, key, subject, { timestamps: 1, secondsFromNow: 200 });
    const failed = await byKey("FAILED", 100);
    expect(found({ promotable: { ...promotable, anyOf: ["key"] } }, [passed, failed], 1)).toEqual([
      "promotable/refused",
    ]);
    expect(found({ promotable }, [passed], 1)).toEqual([]);
  });
});
