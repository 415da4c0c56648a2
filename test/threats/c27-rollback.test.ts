import { describe, expect, it } from "vitest";

import { PREDICATE_TYPES } from "../../src/core/index.ts";
import { verifyAttachments } from "../../src/verify/index.ts";
import { anImage, aPolicy, codes, objections } from "../support/policies.ts";
import { summary } from "../support/predicates.ts";
import { attestation, type FormedLayer, provenance, world } from "../support/signed-layers.ts";
import { GITHUB_ISSUER, RELEASE_WORKFLOW } from "../support/sigstore-claims.ts";

const DAY = 86_400_000;
const VERIFIER = "https://acme.test/promoter";
const { sigstore, subject, now, release, material, attachmentsOf } = await world();

/** What a rule finds wanting about these layers, some days from now. */
function found(require: object, layers: readonly FormedLayer[], days: number): string[] {
  const policy = aPolicy(
    JSON.stringify({
      trustRoots: { test: { source: "inline", trustedRoot: JSON.stringify(sigstore.trustedRoot) } },
      authorities: {
        release: { keyless: { trustRoot: "test", issuer: GITHUB_ISSUER, identity: RELEASE_WORKFLOW } },
      },
      rules: [{ name: "r", images: ["ghcr.io/**"], require }],
    }),
  );
  const evidence = verifyAttachments(attachmentsOf(layers), material(), now);
  const image = anImage(`ghcr.io/acme/app@${subject}`);
  return codes(objections(policy, evidence, { image, keys: [], now: new Date(now.getTime() + days * DAY) }));
}

/** A summary by the release workflow, with words of its own about when it was verified. */
function summarised(result: "PASSED" | "FAILED", daysAgo: number): Promise<FormedLayer> {
  const timeVerified = new Date(now.getTime() - daysAgo * DAY).toISOString();
  const said = summary({ verifier: { id: VERIFIER }, verificationResult: result, timeVerified });
  return attestation(PREDICATE_TYPES.summaryV1, said).bundle(sigstore, release, subject);
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
    ["signed 31 days ago", 0, 31, ["promotable/unknown"]],
    ["signed 31 days ago, with words of today", -31, 31, ["promotable/unknown"]],
    ["signed today over a verification of 31 days ago", 31, 0, ["promotable/unknown"]],
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
});
