import { describe, expect, it } from "vitest";

import { aStatement } from "../../test/support/policies.ts";
import { type Attestation, PREDICATE_TYPES, type Vulnerability } from "../core/index.ts";
import { withSharedVulnerabilities } from "./shared-vulnerabilities.ts";

const FOUND: Vulnerability = {
  id: "CVE-2026-1111",
  aliases: ["GHSA-aaaa-bbbb-cccc"],
  severity: "high",
  fix: "available",
  fixedVersion: "2.0",
  package: "openssl",
};

function scanOf(...vulnerabilities: readonly Vulnerability[]): Attestation {
  return aStatement(PREDICATE_TYPES.cosignVuln, { scan: { scanner: "trivy", vulnerabilities } });
}

function listed(attestations: readonly Attestation[]): readonly Vulnerability[] {
  return attestations.flatMap(({ scan }) => scan?.vulnerabilities ?? []);
}

describe("vulnerabilities of several scans", () => {
  it("are one object where they are equal, and say what they said", () => {
    const scans = Array.from({ length: 365 }, () => scanOf({ ...FOUND }, { ...FOUND, id: "CVE-2026-2222" }));
    const found = withSharedVulnerabilities(scans);
    expect(found).toEqual(scans);
    expect(new Set(listed(found)).size).toBe(2);
  });

  it.each<Partial<Vulnerability>>([
    { id: "CVE-2026-1112" },
    { aliases: ["GHSA-aaaa-bbbb-dddd"] },
    { aliases: [] },
    { severity: "critical" },
    { fix: "none" },
    { fixedVersion: "2.1" },
    { package: "libssl" },
  ])("keep what differs: %j", (differing) => {
    const scans = [scanOf(FOUND), scanOf({ ...FOUND, ...differing }), scanOf(FOUND)];
    const found = withSharedVulnerabilities(scans);
    expect(found).toEqual(scans);
    expect(new Set(listed(found)).size).toBe(2);
  });

  it("leave other attestations as they are", () => {
    const sbom = aStatement(PREDICATE_TYPES.spdx);
    expect(withSharedVulnerabilities([sbom])[0]).toBe(sbom);
  });
});
