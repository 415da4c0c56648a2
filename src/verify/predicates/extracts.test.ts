import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  cosignVuln,
  cycloneDx,
  grypeReport,
  inTotoResult,
  openVex,
  sarifLog,
  spdx23,
  spdx3,
  summary,
  trivyReport,
} from "../../../test/support/predicates.ts";
import { digestOf, PREDICATE_TYPES, type Vulnerability } from "../../core/index.ts";
import { extractOf, predicateTextOf } from "./index.ts";

const subject = digestOf("an image");
const { spdx, cyclonedx, cosignVuln: vuln, vulnsV01, vulnsV02, openVex: vex, summaryV1 } = PREDICATE_TYPES;

type Extract = ReturnType<typeof extractOf>;

function read(predicateType: string, predicate: Record<string, unknown>): Extract {
  return extractOf({ predicateType, predicate, subject });
}

function scanned(result: unknown): readonly Vulnerability[] | string | undefined {
  const { scan, unreadable } = read(vuln, cosignVuln(result));
  return scan?.vulnerabilities ?? unreadable;
}

describe("SBOMs", () => {
  const createdAt = new Date("2026-11-24T10:00:00Z");

  it.each([
    [spdx, spdx23(2), { format: "spdx", specVersion: "2.3", components: 2 }],
    [`${spdx}/v2.3`, spdx23(0), { format: "spdx", specVersion: "2.3", components: 0 }],
    [`${spdx}/v3`, spdx3(3), { format: "spdx", specVersion: "3.0.1", components: 3 }],
    [cyclonedx, cycloneDx(), { format: "cyclonedx", specVersion: "1.6", components: 2 }],
    [`${cyclonedx}/v1.6`, cycloneDx(), { format: "cyclonedx", specVersion: "1.6", components: 2 }],
  ])("%s is read", (type, predicate, expected) => {
    expect(read(type, predicate)).toEqual({ sbom: { ...expected, createdAt } });
  });

  it.each<[string, string, Record<string, unknown>]>([
    ["CycloneDX that says it is SPDX", spdx, cycloneDx()],
    ["SPDX that says it is CycloneDX", cyclonedx, spdx23()],
    ["no SBOM", spdx, {}],
    ["packages that are no list", spdx, { ...spdx23(), packages: { length: 9 } }],
    ["components that are no list", cyclonedx, { ...cycloneDx(), components: 7 }],
    ["a date that is none", spdx, spdx23(1, "yesterday")],
    ["an SPDX 3 graph of other things than objects", spdx, { "@graph": [null, "SpdxDocument"] }],
    ["an SPDX 3 graph without its document", spdx, { "@graph": [{ type: "software_Package" }] }],
    [
      "an SPDX 3 document whose CreationInfo is missing",
      spdx,
      { "@graph": [{ type: "SpdxDocument", creationInfo: "_:gone" }] },
    ],
  ])("%s is unreadable", (_, type, predicate) => {
    expect(read(type, predicate)).toEqual({ unreadable: expect.any(String) });
  });
});

describe("the version of SPDX", () => {
  it.each(["SPDX-3.0", "SPDX-2", "SPDX-2.3.1", "SPDX-2.123", "no SPDX-2.3"])("is not %s", (spdxVersion) => {
    expect(read(spdx, { ...spdx23(), spdxVersion })).toEqual({ unreadable: expect.stringContaining("2.x") });
  });

  it("may have two digits", () => {
    expect(read(spdx, { ...spdx23(), spdxVersion: "SPDX-2.10" })).toMatchObject({
      sbom: { specVersion: "2.10" },
    });
  });
});

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

  it("takes no alias from an advisory about several vulnerabilities", () => {
    const report = grypeReport([{ id: "ALAS-2026-1" }]);
    const [match] = report["matches"] as Record<string, unknown>[];
    match!["relatedVulnerabilities"] = [{ id: "CVE-2026-1" }, { id: "CVE-2026-2" }];
    expect(scanned(report)).toEqual([{ id: "ALAS-2026-1", ...trivial }]);
  });

  it("reads SARIF: the worse of score and tag, and grype's way of naming rules", () => {
    const log = sarifLog([
      { id: "CVE-2026-1", severity: "LOW", score: "9.8", fixed: "1.1" },
      { id: "CVE-2026-0002-libfoo", severity: "HIGH", score: "2.0" },
      { id: "AVD-0001", severity: "odd" },
    ]);
    expect(scanned(log)).toEqual([
      { id: "CVE-2026-1", severity: "critical", fix: "available", fixedVersion: "1.1", package: "openssl" },
      { id: "CVE-2026-0002", severity: "high", fix: "unknown", package: "libfoo" },
      { id: "AVD-0001", severity: "unknown", fix: "unknown", package: "openssl" },
    ]);
  });

  it("reads SARIF of a run that went well, and rules that an extension holds and a result names by its object", () => {
    const rule = { id: "CVE-2026-1", properties: { tags: ["HIGH"] } };
    const tool = { driver: {}, extensions: [{ rules: [rule] }] };
    const run = {
      tool,
      invocations: [{ executionSuccessful: true }, {}],
      results: [{ rule: { id: "CVE-2026-1" } }],
    };
    expect(scanned({ runs: [run] })).toEqual([{ id: "CVE-2026-1", severity: "high", fix: "unknown" }]);
    expect(scanned({ runs: [{ ...run, results: [{ ruleId: 7 }] }] })).toEqual(expect.any(String));
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

  const many = Array.from({ length: 10_001 }, (_, at) => ({ id: `CVE-2026-${at}` }));
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
    ["SARIF without runs", { runs: [] }],
    ["SARIF without results", { runs: [{ tool: { driver: { name: "Trivy" } } }] }],
    [
      "SARIF of a run that failed",
      { runs: [{ tool: { driver: {} }, results: [], invocations: [{ executionSuccessful: false }] }] },
    ],
    ["an in-toto entry without id", [{ severity: [] }]],
    ["more vulnerabilities than are read", trivyReport(many)],
  ])("%s is unreadable, and never clean", (_, result) => {
    expect(scanned(result)).toEqual(expect.any(String));
  });

  it("is unreadable where its end is no instant", () => {
    expect(read(vuln, cosignVuln(trivyReport([]), { finished: "later" })).unreadable).toContain("instant");
  });
});

describe("OpenVEX", () => {
  const hex = subject.slice(7);
  const other = digestOf("another image");

  function statements(...stated: Parameters<typeof openVex>[1]): unknown {
    const { vex: found, unreadable } = read(`${vex}/v0.2.0`, openVex(subject, stated));
    return found?.statements ?? unreadable;
  }

  it("keeps names, aliases, status, reason and time", () => {
    expect(statements({ name: "CVE-1", aliases: ["GHSA-1"], timestamp: "2026-11-23T00:00:00Z" })).toEqual([
      {
        vulnerabilities: ["CVE-1", "GHSA-1"],
        status: "not_affected",
        justification: "vulnerable_code_not_in_execute_path",
        statedAt: new Date("2026-11-23T00:00:00Z"),
      },
    ]);
  });

  it.each([
    ["by package URL", [{ "@id": `pkg:oci/app@sha256%3A${hex}?repository_url=ghcr.io/acme/app` }], 1],
    ["by an identifier", [{ "@id": "urn:app", identifiers: { purl: `pkg:oci/app@sha256:${hex}` } }], 1],
    ["by its hash", [{ "@id": "urn:app", hashes: { "sha-256": hex } }], 1],
    ["as a plain text", [`pkg:oci/app@sha256%3A${hex}`], 1],
    ["without products", [], 1],
    ["about another digest", [{ "@id": `pkg:oci/app@${other.replace(":", "%3A")}` }], 0],
    ["about another hash", [{ hashes: { "sha-256": other.slice(7) } }], 0],
    ["about a package", [{ "@id": "pkg:npm/express@4.0.0" }], 0],
    ["with the digest elsewhere than as the version", [{ "@id": `pkg:oci/x@1?checksum=sha256:${hex}` }], 0],
  ])("takes a statement %s: %s → %i", (_, products, count) => {
    expect(statements({ name: "CVE-1", products })).toHaveLength(count);
  });

  it.each([
    ["by its name alone", [{ "@id": "pkg:oci/app?repository_url=ghcr.io/acme/app" }], 1],
    ["by a tag", ["pkg:docker/acme/app@1.0"], 1],
    ["about another digest", [{ "@id": `pkg:oci/app@${other.replace(":", "%3A")}` }], 0],
    ["about another hash", [{ "@id": "pkg:oci/app", hashes: { "sha-256": other.slice(7) } }], 0],
    ["about a package", [{ "@id": "pkg:npm/express@4.0.0" }], 0],
  ])("hears a warning about an image %s, and no all-clear: %s → %i", (_, products, count) => {
    for (const status of ["affected", "under_investigation"])
      expect(statements({ name: "CVE-1", products, status })).toHaveLength(count);
    for (const status of ["not_affected", "fixed"])
      expect(statements({ name: "CVE-1", products, status })).toHaveLength(0);
  });

  it("takes a warning about packages that it cannot read for one about the whole image", () => {
    const subcomponents = [{ "@id": "pkg:deb/debian/openssl@3.0.1" }, { "@id": "no package URL" }];
    const products = [{ "@id": `pkg:oci/app@sha256%3A${hex}`, subcomponents }];
    const [warning] = statements({ name: "CVE-1", products, status: "affected" }) as object[];
    expect(warning).not.toHaveProperty("packages");
    const readable = [{ ...products[0], subcomponents: subcomponents.slice(0, 1) }];
    expect(statements({ name: "CVE-1", products: readable, status: "affected" })).toMatchObject([
      { packages: ["openssl"] },
    ]);
  });

  it("keeps which packages a statement is about", () => {
    const subcomponents = [
      { "@id": "pkg:deb/debian/openssl@3.0.1" },
      { "@id": "pkg:npm/%40acme/web@1.0.0" },
      { "@id": "no package URL" },
    ];
    const products = [{ "@id": `pkg:oci/app@sha256%3A${hex}`, subcomponents }];
    expect(statements({ name: "CVE-1", products })).toMatchObject([
      { packages: ["openssl", "@acme/web", "@acme:web"] },
    ]);
  });

  it.each([
    ["an unknown status", { ...openVex(subject, [{ name: "CVE-1", status: "fine" }]) }],
    ["no statements", { "@context": "https://openvex.dev/ns" }],
    ["another context", { ...openVex(subject, []), "@context": "https://example.test" }],
    [
      "a statement without vulnerability",
      { "@context": "https://openvex.dev/ns", statements: [{ status: "fixed" }] },
    ],
  ])("%s is unreadable", (_, document) => {
    expect(read(vex, document)).toEqual({ unreadable: expect.any(String) });
  });
});

describe("verification summaries", () => {
  it("keeps who, what, when and about which resource", () => {
    expect(read(summaryV1, summary()).summary).toEqual({
      verifier: "https://acme.test/promoter",
      result: "PASSED",
      levels: ["SLSA_BUILD_LEVEL_3"],
      verifiedAt: new Date("2026-11-24T11:00:00Z"),
      policyUri: "https://acme.test/policy",
      policyDigest: `sha256:${"b".repeat(64)}`,
      resourceUri: "pkg:oci/app?repository_url=ghcr.io/acme/app",
    });
  });

  it.each([
    { verificationResult: "passed" },
    { verifier: {} },
    { verifiedLevels: "all" },
    { timeVerified: 5 },
  ])("%j is unreadable", (differing) => {
    expect(read(summaryV1, summary(differing))).toEqual({ unreadable: expect.any(String) });
  });
});

describe("whatever a predicate holds", () => {
  it("is an extract or unreadable, and never throws", () => {
    const types = fc.constantFrom(...Object.values(PREDICATE_TYPES));
    const objects = fc.dictionary(
      fc.constantFrom(
        "scanner",
        "@graph",
        "packages",
        "components",
        "statements",
        "spdxVersion",
        "bomFormat",
      ),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(types, objects, fc.jsonValue(), (type, predicate, result) => {
        const keys = Object.keys(read(type, { ...predicate, scanner: { result } }));
        expect(keys).toHaveLength(1);
      }),
    );
  });

  it("is nothing to us where the type is unknown", () => {
    expect(read("https://example.test/review/v1", { ok: true })).toEqual({});
    expect(read("__proto__", {})).toEqual({});
  });

  it("is kept as text up to its bound, and not cut", () => {
    expect(predicateTextOf({ a: 1 })).toBe('{"a":1}');
    expect(predicateTextOf({ a: "x".repeat(64 * 1024) })).toBeUndefined();
  });
});
