import { describe, expect, it } from "vitest";

import { cosignVuln, grypeReport, inTotoResult, trivyReport } from "../../../test/support/predicates.ts";
import { digestOf, PREDICATE_TYPES, type Vulnerability } from "../../core/index.ts";
import { extractOf } from "./index.ts";

const subject = digestOf("an image");
const { cosignVuln: vuln, vulnsV01, vulnsV02 } = PREDICATE_TYPES;

type Extract = ReturnType<typeof extractOf>;

function read(predicateType: string, predicate: Record<string, unknown>): Extract {
  return extractOf({ predicateType, predicate, subject });
}

function scanned(result: unknown): readonly Vulnerability[] | string | undefined {
  const { scan, unreadable } = read(vuln, cosignVuln(result));
  return scan?.vulnerabilities ?? unreadable;
}

describe("scans", () => {
  const trivial = { severity: "critical", fix: "none", package: "openssl" };

  it("reads Trivy", () => {
    const report = trivyReport([
      { id: "CVE-2026-1" },
      { id: "CVE-2026-2", severity: "LOW", fixed: "1.0.1", name: "zlib" },
      { id: "CVE-2026-3", severity: "UNKNOWN" },
    ]);
    expect(scanned(report)).toEqual([
      { id: "CVE-2026-1", ...trivial },
      { id: "CVE-2026-2", severity: "low", fix: "available", fixedVersion: "1.0.1", package: "zlib" },
      { id: "CVE-2026-3", ...trivial, severity: "unknown" },
    ]);
    expect(scanned(trivyReport([]))).toEqual([]);
  });

  it.each([
    [{ FixedVersion: "1.0.1" }, "available"],
    [{ FixedVersion: "" }, "none"],
    [{ FixedVersion: "", Status: "fixed" }, "available"],
    [{ Status: "fixed" }, "available"],
    [{ Status: "affected" }, "none"],
    [{}, "none"],
  ])("takes Trivy's %j for a fix that is %s", (found, fix) => {
    const vulnerability = { VulnerabilityID: "CVE-2026-1", Severity: "LOW", PkgName: "zlib", ...found };
    expect(scanned({ Results: [{ Class: "os-pkgs", Vulnerabilities: [vulnerability] }] })).toMatchObject([
      { id: "CVE-2026-1", fix },
    ]);
  });

  it("reads Grype, with the one other name of an advisory", () => {
    const report = grypeReport([
      { id: "GHSA-aaaa-bbbb-cccc CVE-2026-1", severity: "High", fixed: "2.0" },
      { id: "CVE-2026-2", severity: "Negligible" },
    ]);
    expect(scanned(report)).toEqual([
      {
        id: "GHSA-aaaa-bbbb-cccc",
        aliases: ["CVE-2026-1"],
        severity: "high",
        fix: "available",
        fixedVersion: "2.0",
        package: "openssl",
      },
      { id: "CVE-2026-2", severity: "negligible", fix: "none", package: "openssl" },
    ]);
  });

  it.each<[unknown, unknown, string, string | undefined]>([
    ["fixed", ["2.0", "1.9"], "available", "2.0, 1.9"],
    ["wont-fix", [], "none", undefined],
    ["unknown", [], "unknown", undefined],
    ["later", undefined, "unknown", undefined],
    [undefined, [7], "unknown", undefined],
  ])("takes Grype's fix state %s with versions %j for %s", (state, versions, fix, fixedVersion) => {
    const report = grypeReport([{ id: "CVE-2026-1" }]);
    const [match] = report["matches"] as { vulnerability: Record<string, unknown> }[];
    match!.vulnerability["fix"] = { state, versions };
    const [found] = scanned(report) as readonly Vulnerability[];
    expect([found?.fix, found?.fixedVersion]).toEqual([fix, fixedVersion]);
  });

  it("takes no alias from an advisory about several vulnerabilities", () => {
    const report = grypeReport([{ id: "ALAS-2026-1" }]);
    const [match] = report["matches"] as Record<string, unknown>[];
    match!["relatedVulnerabilities"] = [{ id: "CVE-2026-1" }, { id: "CVE-2026-2" }];
    expect(scanned(report)).toEqual([{ id: "ALAS-2026-1", ...trivial }]);
  });

  it.each([vulnsV01, vulnsV02])("reads the list of %s", (type) => {
    const result = inTotoResult([
      { id: "CVE-1", score: "medium" },
      { id: "CVE-2", score: "9.1" },
      { id: "CVE-3", score: "CVSS:3.1/AV:N" },
    ]);
    const nested = { vulnerability: { id: "CVE-4", severity: { method: "nvd", score: "important" } } };
    const { scan } = read(type, cosignVuln([...result, nested]));
    expect(scan!.vulnerabilities.map(({ id, severity }) => [id, severity])).toEqual([
      ["CVE-1", "medium"],
      ["CVE-2", "critical"],
      ["CVE-3", "unknown"],
      ["CVE-4", "high"],
    ]);
    expect(read(type, cosignVuln([])).scan?.vulnerabilities).toEqual([]);
  });

  it.each([
    [{ method: "EPSS", score: "0.97" }, "unknown"],
    [{ method: "epss_percentile", score: "9.9" }, "unknown"],
    [{ score: "5.0" }, "unknown"],
    [{ method: "cvss_score", score: "5.0" }, "medium"],
    [{ method: "CVSSv3", score: 9.8 }, "critical"],
    [{ method: "nvd", score: "7.1" }, "high"],
    [{ method: "acme", score: " Critical " }, "critical"],
  ])("takes no probability for a severity: %j is %s", (severity, expected) => {
    expect(scanned([{ id: "CVE-1", severity: [severity] }])).toMatchObject([{ severity: expected }]);
  });

  it("keeps the scanner without its version, and the end of the scan", () => {
    expect(read(vuln, cosignVuln(trivyReport([]))).scan).toEqual({
      scanner: "pkg:github/aquasecurity/trivy",
      finishedAt: new Date("2026-11-24T11:00:00Z"),
      vulnerabilities: [],
    });
    const bare = { scanner: { result: grypeReport([]) } };
    expect(read(vuln, bare).scan).toMatchObject({
      scanner: "grype",
      finishedAt: new Date("2026-11-24T10:30:00Z"),
    });
  });

  const many = Array.from({ length: 50_001 }, (_, at) => ({ id: `CVE-2026-${at}` }));
  it.each([
    ["nothing", undefined],
    ["a text", "no vulnerabilities"],
    ["an object of no known shape", { vulnerabilities: [] }],
    ["Trivy without Results", { SchemaVersion: 2, Results: null }],
    ["Trivy with an empty list of Results", { SchemaVersion: 2, Results: [] }],
    ["Trivy that looked for secrets only", { Results: [{ Target: "app", Class: "secret" }] }],
    ["Trivy whose Vulnerabilities are no list", { Results: [{ Class: "os-pkgs", Vulnerabilities: {} }] }],
    [
      "a vulnerability without id",
      { Results: [{ Class: "os-pkgs", Vulnerabilities: [{ Severity: "LOW" }] }] },
    ],
    ["a vulnerability that is null", { Results: [{ Class: "os-pkgs", Vulnerabilities: [null] }] }],
    ["Grype whose matches are null", { matches: null }],
    ["Grype with a match of nothing", { matches: [{}] }],
    ["an in-toto entry without id", [{ severity: [] }]],
  ])("%s is unreadable, and never clean", (_, result) => {
    expect(scanned(result)).toEqual(expect.any(String));
  });

  it.each<[string, unknown, string]>([
    ["50,001 vulnerabilities", trivyReport(many), "at most 50000 are read"],
    [
      "a vulnerability whose id has 129 characters",
      trivyReport([{ id: "C".repeat(129) }]),
      "more than 128 characters",
    ],
  ])("%s are past a limit, which is neither clean nor unreadable", (_, result, message) => {
    const reading = (): unknown => read(vuln, cosignVuln(result));
    expect(reading).toThrow(message);
    expect(reading).toThrow(expect.objectContaining({ reason: "too-large" }));
  });

  it.each(["later", "2026-11-24T10:00:00", "2026-11-24T25:00:00Z", 5])(
    "keeps what it states as its end where that is no instant: %s",
    (finished) => {
      const { scan } = read(vuln, cosignVuln(trivyReport([]), { finished: finished as string }));
      expect(scan).toMatchObject({ vulnerabilities: [], undated: expect.any(String) });
      expect(scan).not.toHaveProperty("finishedAt");
    },
  );

  it("reads Trivy without Results as an image without packages, and not where it has an operating system", () => {
    const { Results: _, ...empty } = trivyReport([]);
    expect(scanned(empty)).toEqual([]);
    expect(scanned({ ...empty, Results: null, Metadata: {} })).toEqual([]);
    expect(scanned({ ...empty, Metadata: { OS: { Family: "alpine", Name: "3.9.4" } } })).toContain(
      "its packages were not scanned",
    );
    expect(scanned({ ...empty, ArtifactType: "filesystem" })).toContain("not about an image");
  });

  it.each<[string, unknown]>([
    ["CycloneDX", { bomFormat: "CycloneDX", vulnerabilities: [] }],
    ["osv-scanner", { results: [] }],
    ["Snyk", { ok: true, vulnerabilities: [], dependencyCount: 3 }],
    ["Snyk", [{ ok: true, vulnerabilities: [], dependencyCount: 3 }]],
    ["Clair", { vulnerabilities: {}, package_vulnerabilities: {} }],
    ["Amazon ECR", { imageScanFindings: { findings: [] } }],
    ["Anchore Enterprise", { vulnerabilities: [], vulnerability_type: "all" }],
    ["an unknown format", { vulnerabilities: [] }],
  ])("names a report of %s as one that is not read", (name, result) => {
    expect(scanned(result)).toContain(name);
  });
});
