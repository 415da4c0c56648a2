import { describe, expect, it } from "vitest";

import {
  aRejection,
  aSigner,
  aStatement,
  codes,
  evidenceOf,
  findings,
  findingsAbout,
  hoursAgo,
  policyAsking,
  SECURITY,
  without,
} from "../../../test/support/policies.ts";
import { type Attestation, type Finding, PREDICATE_TYPES, type Sbom } from "../../core/index.ts";

const { spdx, cyclonedx } = PREDICATE_TYPES;
const GOOD: Sbom = { format: "spdx", specVersion: "2.3", components: 3, createdAt: hoursAgo(2) };
const security = aSigner({ identity: SECURITY });
const mallory = aSigner({ identity: "https://github.com/mallory/app/x@y" });

function anSbom(said: Partial<Sbom> = {}, differing: Partial<Attestation> = {}): Attestation {
  const sbom = { ...GOOD, ...said };
  return aStatement(sbom.format === "spdx" ? `${spdx}/v2.3` : cyclonedx, { sbom, ...differing });
}

function about(settings: string, ...attestations: readonly Attestation[]): Finding[] {
  return findingsAbout(`{ sbom: { ${settings} } }`, attestations);
}

describe("the sbom gate", () => {
  it.each<[string, Attestation]>([
    ["SPDX", anSbom()],
    ["CycloneDX", anSbom({ format: "cyclonedx" })],
    ["SPDX without a version in its type", anSbom({}, { predicateType: spdx })],
    [
      "CycloneDX with a version in its type",
      anSbom({ format: "cyclonedx" }, { predicateType: `${cyclonedx}/v1.6` }),
    ],
  ])("passes %s by the right signer", (_, attestation) => {
    expect(about("anyOf: [release]", attestation)).toEqual([]);
  });

  it("says where it looked, and what it passed over, where there is none", () => {
    const policy = policyAsking("{ sbom: { anyOf: [release] } }");
    const [finding] = findings(policy, evidenceOf({ rejections: [aRejection({ claims: "attestation" })] }));
    expect(finding).toMatchObject({ code: "sbom/missing", rule: "app" });
    expect(finding?.message).toContain("it has no SBOM by release");
    expect(finding?.message).toContain("skipped 1 attachment (invalid");
  });

  it.each<[string, Attestation, string, string]>([
    ["of another type", anSbom({}, { predicateType: "https://acme.test/spdx" }), "missing", "no SBOM"],
    ["of a type that begins alike", anSbom({}, { predicateType: `${spdx}x` }), "missing", "no SBOM"],
    ["by somebody else", anSbom({}, { signer: mallory }), "untrusted-signer", "github.com/mallory/app"],
    [
      "that cannot be read",
      aStatement(spdx, { unreadable: "its packages are not a list" }),
      "wrong-format",
      "cannot be read: its packages are not a list",
    ],
    ["that holds nothing", aStatement(spdx), "wrong-format", "cannot be read: it holds none"],
    ["without components", anSbom({ components: 0 }), "incomplete", "lists 0 of at least 1"],
  ])("refuses one %s", (_, attestation, code, said) => {
    const [finding, ...more] = about("anyOf: [release]", attestation);
    expect(more).toEqual([]);
    expect(finding?.code).toBe(`sbom/${code}`);
    expect(finding?.message).toContain(said);
    expect(finding?.message).toMatch(/^[\x20-\x7e]{20,600}$/);
  });

  it.each<[string, Partial<Sbom>, string | undefined]>([
    ["formats: [spdx]", {}, undefined],
    ["formats: [cyclonedx]", {}, "sbom/wrong-format"],
    ["formats: [cyclonedx, spdx]", {}, undefined],
    ["minComponents: 3", {}, undefined],
    ["minComponents: 4", {}, "sbom/incomplete"],
    ["maxAge: 2h", {}, undefined],
    ["maxAge: 1h59m", {}, "sbom/too-old"],
    ["maxAge: 1d", { undated: "2026-11-24T10:00:00" }, "sbom/too-old"],
    ["formats: [spdx]", { undated: "2026-11-24T10:00:00" }, undefined],
    ["maxAge: 1h", { createdAt: hoursAgo(0) }, undefined],
    ["maxAge: 59m", { createdAt: hoursAgo(0) }, "sbom/too-old"],
  ])("%s of %o: %s", (settings, said, code) => {
    expect(codes(about(`anyOf: [release], ${settings}`, anSbom(said)))).toEqual(
      code === undefined ? [] : [code],
    );
  });

  it("has an age only where something vouches for its time, whatever it says itself", () => {
    const timeless = without(anSbom({ createdAt: hoursAgo(0) }), "trustedTime");
    const found = about("anyOf: [release], maxAge: 1d", timeless);
    expect(found[0]).toMatchObject({ code: "sbom/too-old" });
    expect(found[0]?.message).toContain("the time of its SBOM is unverified");
  });

  it("passes one good SBOM among others, and else tells of the nearest", () => {
    const bad = anSbom({ components: 0 });
    const foreign = anSbom({}, { signer: mallory });
    expect(about("anyOf: [release], minComponents: 2", foreign, bad, anSbom())).toEqual([]);
    const [finding] = about("anyOf: [release], formats: [spdx]", anSbom({ format: "cyclonedx" }), bad);
    expect(finding?.code).toBe("sbom/incomplete");
  });

  it.each<[string, readonly Attestation[], number]>([
    ["allOf: [release, security]", [anSbom(), anSbom({}, { signer: security })], 0],
    ["allOf: [release, security]", [anSbom(), anSbom()], 1],
    ["allOf: [release, security]", [anSbom(), anSbom({ components: 0 }, { signer: security })], 1],
    [
      "threshold: { count: 2, of: [release, security, shared] }",
      [anSbom(), anSbom({}, { signer: security })],
      0,
    ],
    ["threshold: { count: 2, of: [release, security, shared] }", [anSbom()], 1],
  ])("counts distinct signers of good SBOMs: %s (%#)", (settings, attestations, misses) => {
    const found = about(settings, ...attestations);
    expect(found).toHaveLength(misses);
  });

  it("fewer signers than required: the message says how many of how many", () => {
    const [finding] = about("allOf: [release, security]", anSbom());
    expect(finding?.code).toBe("sbom/untrusted-signer");
    expect(finding?.message).toContain("signed by only 1 of the 2 distinct signers of release or");
  });
});
