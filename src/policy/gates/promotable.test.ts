import { describe, expect, it } from "vitest";

import {
  aSigner,
  aStatement,
  codes,
  findingsAbout,
  hoursAgo,
  SECURITY,
  without,
} from "../../../test/support/policies.ts";
import {
  type Attestation,
  type Finding,
  PREDICATE_TYPES,
  type VerificationSummary,
} from "../../core/index.ts";

const TYPE = PREDICATE_TYPES.summaryV1;
const VERIFIER = "https://acme.test/promoter";
const ANY = 'anyOf: [release], verifiers: ["https://acme.test/promoter"]';
const security = aSigner({ identity: SECURITY });
const mallory = aSigner({ identity: "https://github.com/mallory/app/x@y" });

function aSummary(
  said: Partial<VerificationSummary> = {},
  differing: Partial<Attestation> = {},
): Attestation {
  const summary = { verifier: VERIFIER, result: "PASSED", levels: ["SLSA_BUILD_LEVEL_3"], ...said } as const;
  return aStatement(TYPE, { summary, ...differing });
}

function about(settings: string, ...attestations: readonly Attestation[]): Finding[] {
  return findingsAbout(`{ promotable: { ${settings} } }`, attestations);
}

const passed = aSummary();
const failed = aSummary({ result: "FAILED" });
const olderFailure = aSummary({ result: "FAILED" }, { trustedTime: hoursAgo(2) });

const newerPass = aSummary({}, { trustedTime: hoursAgo(0) });

/** One that has a first copy of some hours ago. */
function copied(attestation: Attestation, hours: number): Attestation {
  return { ...attestation, copies: { since: hoursAgo(hours) } };
}

describe("the promotable gate", () => {
  it.each<[string, readonly Attestation[], string, string]>([
    ["there is no summary", [], "unknown", "no verification summary by release (https://github.com/acme/app"],
    [
      "it is of another type",
      [aSummary({}, { predicateType: `${TYPE}.1` })],
      "unknown",
      "searched referrers API",
    ],
    [
      "it is of an older type",
      [aSummary({}, { predicateType: "https://slsa.dev/verification_summary/v0.2" })],
      "unknown",
      "no verification summary",
    ],
    [
      "somebody else signed it",
      [aSummary({}, { signer: mallory })],
      "unknown",
      "signed by https://github.com/mallory",
    ],
    [
      "it is by another verifier",
      [aSummary({ verifier: `${VERIFIER}x` })],
      "unknown",
      "none of its verification summaries is by https://acme.test/promoter",
    ],
    [
      "it cannot be read",
      [aStatement(TYPE, { unreadable: "no verifier" })],
      "unknown",
      "cannot be read: no verifier",
    ],
    ["it holds nothing", [aStatement(TYPE)], "unknown", "cannot be read: it holds none"],
    ["it failed", [failed], "refused", "its verification by https://acme.test/promoter FAILED"],
  ])("refuses where %s", (_, attestations, code, said) => {
    const [finding, ...more] = about(ANY, ...attestations);
    expect(more).toEqual([]);
    expect(finding?.code).toBe(`promotable/${code}`);
    expect(finding?.message).toContain(said);
    expect(finding?.message).toMatch(/^[\x20-\x7e]{20,600}$/);
  });

  it.each<[string, Partial<VerificationSummary>, boolean]>([
    ["", {}, true],
    ["levels: [SLSA_BUILD_LEVEL_3]", {}, true],
    ["levels: [SLSA_BUILD_LEVEL_2]", {}, true],
    ["levels: [SLSA_BUILD_LEVEL_4]", {}, false],
    ["levels: [SLSA_BUILD_LEVEL_2]", { levels: ["SLSA_BUILD_LEVEL_10"] }, true],
    ["levels: [SLSA_BUILD_LEVEL_3]", { levels: ["SLSA_SOURCE_LEVEL_3"] }, false],
    ["levels: [SLSA_BUILD_LEVEL_3]", { levels: [] }, false],
    ["levels: [SLSA_BUILD_LEVEL_3, ACME_REVIEWED]", {}, false],
    [
      "levels: [SLSA_BUILD_LEVEL_3, ACME_REVIEWED]",
      { levels: ["ACME_REVIEWED", "SLSA_BUILD_LEVEL_3"] },
      true,
    ],
    ["levels: [ACME_REVIEWED_2]", { levels: ["ACME_REVIEWED_3"] }, false],
    ["resourceUris: [pkg:oci/app]", { resourceUri: "pkg:oci/app" }, true],
    ["resourceUris: [pkg:oci/app]", { resourceUri: "pkg:oci/app2" }, false],
    ["resourceUris: [pkg:oci/app]", {}, false],
    ['resourceUris: [{ pattern: "^pkg:oci/[a-z]+$" }]', { resourceUri: "pkg:oci/app" }, true],
    ["maxAge: 1h", {}, true],
    ["maxAge: 59m", {}, false],
    ["maxAge: 1h", { verifiedAt: hoursAgo(2) }, false],
    ["maxAge: 59m", { verifiedAt: hoursAgo(0) }, false],
  ])("%s of %o passes: %s", (settings, said, passes) => {
    const found = about(`${ANY}, ${settings}`, aSummary(said));
    expect(codes(found)).toEqual(passes ? [] : ["promotable/unknown"]);
  });

  it("is about nothing, and names no level, where the summary does not say", () => {
    const [nothing] = about(`${ANY}, resourceUris: [pkg:oci/app]`, aSummary());
    expect(nothing?.message).toContain("is about nothing, but must be about pkg:oci/app");
    const [other] = about(`${ANY}, resourceUris: [pkg:oci/app]`, aSummary({ resourceUri: "pkg:oci/b" }));
    expect(other?.message).toContain("is about pkg:oci/b, but must be");
    const [levels] = about(`${ANY}, levels: [SLSA_BUILD_LEVEL_4]`, aSummary({ levels: [] }));
    expect(levels?.message).toContain("names no level, but must name SLSA_BUILD_LEVEL_4");
    const [lower] = about(`${ANY}, levels: [SLSA_BUILD_LEVEL_4]`, aSummary());
    expect(lower?.message).toContain("names SLSA_BUILD_LEVEL_3, but must name SLSA_BUILD_LEVEL_4");
  });

  it("has an age only where something vouches for its time, and needs none otherwise", () => {
    const timeless = without(aSummary({ verifiedAt: hoursAgo(0) }), "trustedTime");
    expect(about(ANY, timeless)).toEqual([]);
    expect(about(`${ANY}, maxAge: 1d`, timeless)[0]?.message).toContain("is unverified");
  });

  it("is as old as its first copy, and of unknown age where a copy has no time", () => {
    expect(about(`${ANY}, maxAge: 1d`, copied(passed, 23))).toEqual([]);
    expect(about(`${ANY}, maxAge: 1d`, copied(passed, 25))[0]?.message).toContain(
      "it was verified 1d 1h ago",
    );
    expect(about(`${ANY}, maxAge: 1d`, { ...passed, copies: {} })[0]?.message).toContain(
      "the time of a copy of its verification",
    );
  });

  it.each<[string, readonly Attestation[], "refused" | "unknown" | undefined]>([
    ["a newer pass", [failed, aSummary({}, { trustedTime: hoursAgo(0) })], undefined],
    ["an older pass", [aSummary({}, { trustedTime: hoursAgo(2) }), failed], "refused"],
    ["an older pass, stamped again since", [copied(newerPass, 2), failed], "refused"],
    [
      "an older pass, stamped again since, where the failure names an early time",
      [copied(newerPass, 2), aSummary({ result: "FAILED", verifiedAt: hoursAgo(4) })],
      "refused",
    ],
    ["a pass stamped since, of which a copy is undated", [{ ...newerPass, copies: {} }, failed], "refused"],
    ["a newer pass, of which there is an older copy", [olderFailure, copied(newerPass, 1)], undefined],
    ["a pass in between two copies of a failure", [copied(failed, 3), copied(newerPass, 2)], "refused"],
    ["a pass of the same instant", [passed, failed], "refused"],
    ["a pass that nothing dates", [without(passed, "trustedTime"), failed], "refused"],
    ["a pass, where nothing dates the failure", [passed, without(failed, "trustedTime")], "refused"],
    [
      "a newer pass by another signer",
      [failed, aSummary({}, { signer: security, trustedTime: hoursAgo(0) })],
      "refused",
    ],
    [
      "a newer pass by another verifier",
      [failed, aSummary({ verifier: "https://acme.test/other" }, { trustedTime: hoursAgo(0) })],
      "refused",
    ],
    [
      "a pass signed before, whatever either says of its time",
      [
        aSummary({ verifiedAt: hoursAgo(3) }, { trustedTime: hoursAgo(2) }),
        aSummary({ result: "FAILED", verifiedAt: hoursAgo(4) }),
      ],
      "refused",
    ],
    [
      "a newer summary that cannot be read",
      [aSummary({}, { trustedTime: hoursAgo(2) }), aStatement(TYPE)],
      "unknown",
    ],
    ["a newer one that cannot be read, after a failure", [olderFailure, aStatement(TYPE)], "refused"],
    [
      "an older one that cannot be read",
      [aStatement(TYPE), aSummary({}, { trustedTime: hoursAgo(0) })],
      undefined,
    ],
    ["a failure by somebody else", [passed, aSummary({ result: "FAILED" }, { signer: mallory })], undefined],
    [
      "a failure by a verifier that nobody asked",
      [passed, aSummary({ result: "FAILED", verifier: "https://other.test" })],
      undefined,
    ],
  ])("of several summaries beside %s", (_, attestations, code) => {
    const settings = `anyOf: [release, security], verifiers: [{ pattern: "^https://acme\\\\.test/[a-z]+$" }]`;
    for (const order of [attestations, attestations.toReversed()]) {
      expect(codes(about(settings, ...order))).toEqual(code === undefined ? [] : [`promotable/${code}`]);
    }
  });

  it.each<[string, readonly Attestation[], boolean]>([
    ["allOf: [release, security]", [passed, aSummary({}, { signer: security })], true],
    ["allOf: [release, security]", [passed, aSummary({ verifier: "https://acme.test/b" })], false],
    ["allOf: [release, security]", [passed, aSummary({ result: "FAILED" }, { signer: security })], false],
    ["allOf: [release, security]", [passed, aSummary({ levels: [] }, { signer: security })], false],
    ["threshold: { count: 1, of: [release, security] }", [passed], true],
    ["threshold: { count: 2, of: [release, security, shared] }", [passed], false],
  ])("counts distinct signers: %s (%#)", (composition, attestations, passes) => {
    const settings = `${composition}, levels: [SLSA_BUILD_LEVEL_1], verifiers: [{ pattern: "^https://acme\\\\.test/.+$" }]`;
    expect(about(settings, ...attestations).length === 0).toBe(passes);
  });

  it("says how many signers are missing", () => {
    const settings = ANY.replace("anyOf: [release]", "allOf: [release, security]");
    expect(about(settings, passed)[0]?.message).toContain(
      "signed by only 1 of the 2 distinct signers of release (",
    );
  });
});
