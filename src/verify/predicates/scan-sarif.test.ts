import { describe, expect, it } from "vitest";

import { cosignVuln, sarifLog } from "../../../test/support/predicates.ts";
import {
  grypeSarif,
  osvSarif,
  type Producer,
  sarif,
  scoutSarif,
  snykSarif,
  trivySarif,
  type Vulnerable,
} from "../../../test/support/sarif.ts";
import { digestOf, PREDICATE_TYPES, type Vulnerability } from "../../core/index.ts";
import { extractOf } from "./index.ts";

function scanned(result: unknown): readonly Vulnerability[] | string | undefined {
  const subject = digestOf("an image");
  const { scan, unreadable } = extractOf({
    predicateType: PREDICATE_TYPES.cosignVuln,
    predicate: cosignVuln(result),
    subject,
  });
  return scan?.vulnerabilities ?? unreadable;
}

/** The scanner of a log with these runs, where the predicate names none. */
function scannerOf(runs: readonly unknown[]): string | undefined {
  const predicate = { scanner: { result: { runs } } };
  const about = { predicateType: PREDICATE_TYPES.cosignVuln, predicate, subject: digestOf("an image") };
  return extractOf(about).scan?.scanner;
}

function severityBy(producer: Producer, found: Vulnerable): string {
  const [vulnerability] = scanned(producer([found])) as readonly Vulnerability[];
  return vulnerability!.severity;
}

const PRODUCERS: readonly (readonly [string, Producer])[] = [
  ["Grype", grypeSarif],
  ["Trivy", trivySarif],
  ["Docker Scout", scoutSarif],
  ["Snyk", snykSarif],
];

describe.each(PRODUCERS)("SARIF of %s", (_, producer) => {
  it.each<[Vulnerable, string]>([
    [{ severity: "critical" }, "critical"],
    [{ severity: "high" }, "high"],
    [{ severity: "medium" }, "medium"],
    [{ severity: "low" }, "low"],
    [{ severity: "high", score: 5.5 }, "high"],
    [{ severity: "critical", score: 5.5 }, "critical"],
    [{ severity: "low", score: 9.8 }, "critical"],
    [{ severity: "unknown" }, "unknown"],
    [{ severity: "unknown", score: 3.1 }, "low"],
  ])("%j is %s", (found, expected) => {
    expect(severityBy(producer, found)).toBe(expected);
  });

  it("names the vulnerability and its package", () => {
    const [found] = scanned(
      producer([{ id: "CVE-2026-1234", name: "libfoo-dev" }]),
    ) as readonly Vulnerability[];
    expect(found?.package).toBe("libfoo-dev");
    expect([found?.id, ...(found?.aliases ?? [])]).toContain("CVE-2026-1234");
  });
});

function fixBy(producer: Producer, fixed: string): Vulnerability {
  return (scanned(producer([{ fixed }])) as readonly Vulnerability[])[0]!;
}

describe.each(PRODUCERS.filter(([name]) => name !== "Snyk"))("SARIF of %s", (_, producer) => {
  it("says which version has a fix, and where none has", () => {
    expect(fixBy(producer, "2.0")).toMatchObject({ fix: "available", fixedVersion: "2.0" });
    expect(fixBy(producer, "")).toMatchObject({ fix: "none" });
    expect(fixBy(producer, "")).not.toHaveProperty("fixedVersion");
  });
});

describe("SARIF of Grype", () => {
  it.each([
    ["ELSA-2026-1234", "openssl"],
    ["GO-2026-0001", "stdlib"],
    ["CVE-2026-1234", "libfoo-dev"],
    ["GHSA-aaaa-bbbb-cccc", "express"],
    ["ALAS2023-2026-1", "curl"],
  ])("names %s without its package %s", (id, name) => {
    expect(scanned(grypeSarif([{ id, name }]))).toMatchObject([{ id, package: name }]);
  });

  it("takes a score of zero for negligible, and not where it says unknown", () => {
    expect(severityBy(grypeSarif, { severity: "negligible" })).toBe("negligible");
    expect(severityBy(grypeSarif, { severity: "unknown" })).toBe("unknown");
  });

  it("counts results that old versions suppress without a status, and that all name the first rule by its index", () => {
    const name = "ANCHOREVULN_ghcr.io/acme/app_CVE-2026-1111_deb_openssl_1.0.0";
    const help = {
      text: "Vulnerability CVE-2026-1111\nSeverity: Critical\nPackage: openssl\nFix Version: \nType: deb",
    };
    const other = { id: "other", help: { text: "Vulnerability CVE-2026-2222\nSeverity: Low" } };
    const result = {
      ruleId: name,
      ruleIndex: 0,
      level: "error",
      suppressions: [{ kind: "external" }],
      message: { text: "m" },
    };
    expect(
      scanned(sarif("Anchore Container Vulnerability Report (T0)", [other, { id: name, help }], [result])),
    ).toEqual([{ id: "CVE-2026-1111", severity: "critical", fix: "none", package: "openssl" }]);
  });
});

describe("SARIF of osv-scanner", () => {
  it.each<[number | undefined, string]>([
    [9.8, "critical"],
    [3, "low"],
    [undefined, "unknown"],
  ])("a score of %s is %s: its level says nothing", (score, expected) => {
    expect(severityBy(osvSarif, score === undefined ? {} : { score })).toBe(expected);
  });

  it("keeps other names of the vulnerability", () => {
    expect(scanned(osvSarif([{ name: "@acme/web" }]))).toEqual([
      {
        id: "CVE-2026-1111",
        aliases: ["GHSA-aaaa-bbbb-cccc"],
        severity: "unknown",
        fix: "unknown",
        package: "@acme/web",
      },
    ]);
  });
});

describe("SARIF of Trivy", () => {
  it.each(["secret", "misconfiguration", "license"])("counts no %s as a vulnerability", (kind) => {
    const rules = [
      { id: "rule-1", properties: { tags: [kind, "security", "CRITICAL"], "security-severity": "9.5" } },
    ];
    const results = [{ ruleId: "rule-1", level: "error", message: { text: "Severity: CRITICAL" } }];
    expect(scanned(sarif("Trivy", rules, results))).toEqual([]);
    expect(scanned(sarif("Another", rules, results))).toHaveLength(1);
  });

  it("takes package and fix from the message of each result, not from the rule that several share", () => {
    const help = { text: "Vulnerability CVE-2026-1111\nSeverity: HIGH\nPackage: first\nFixed Version: 1.0" };
    const result = { ruleId: "CVE-2026-1111", message: { text: "Package: second\nFixed Version: " } };
    expect(scanned(sarif("Trivy", [{ id: "CVE-2026-1111", help }], [result]))).toEqual([
      { id: "CVE-2026-1111", severity: "high", fix: "none", package: "second" },
    ]);
  });
});

describe("SARIF of Docker Scout", () => {
  it("names no package where its rule lists several: what is said of one says nothing of the other", () => {
    const purls = ["pkg:deb/debian/openssl@3", "pkg:deb/debian/libssl@3"];
    const rule = { id: "CVE-2026-1111", properties: { purls, cvssV3_severity: "HIGH", fixed_version: "4" } };
    const message = { text: "  Package  : pkg:deb/debian/openssl@3\n" };
    expect(scanned(sarif("docker scout", [rule], [{ ruleId: rule.id, message }]))).toEqual([
      { id: rule.id, severity: "high", fix: "available", fixedVersion: "4" },
    ]);
  });
});

describe("SARIF", () => {
  const rule = { id: "CVE-2026-1111", properties: { "security-severity": "9.8" } };

  it("reads the worse of score and tag", () => {
    const log = sarifLog([
      { id: "CVE-2026-1", severity: "LOW", score: "9.8", fixed: "1.1" },
      { id: "AVD-0001", severity: "HIGH", score: "2.0" },
    ]);
    expect(scanned(log)).toEqual([
      { id: "CVE-2026-1", severity: "critical", fix: "available", fixedVersion: "1.1", package: "openssl" },
      { id: "AVD-0001", severity: "high", fix: "none", package: "openssl" },
    ]);
  });

  it("takes what stands behind an id of known shape for the package, where nothing names one", () => {
    expect(scanned(sarif("Acme", [], [{ ruleId: "CVE-2026-0002-libfoo", level: "error" }]))).toEqual([
      { id: "CVE-2026-0002", severity: "high", fix: "unknown", package: "libfoo" },
    ]);
  });

  it.each<[string, Record<string, unknown>, number]>([
    ["of kind pass", { kind: "pass" }, 0],
    ["of kind notApplicable", { kind: "notApplicable" }, 0],
    ["of kind review", { kind: "review" }, 1],
    ["of kind informational", { kind: "informational" }, 1],
    ["that only an older run had", { baselineState: "absent" }, 0],
    ["that did not change", { baselineState: "unchanged" }, 1],
    ["whose suppression is accepted", { suppressions: [{ kind: "external", status: "accepted" }] }, 0],
    ["whose suppression has no status", { suppressions: [{ kind: "external" }] }, 1],
    ["whose suppression is under review", { suppressions: [{ status: "underReview" }] }, 1],
    [
      "of which one suppression is rejected",
      { suppressions: [{ status: "accepted" }, { status: "rejected" }] },
      1,
    ],
    ["without suppressions", { suppressions: [] }, 1],
  ])("a result %s counts: %j → %i", (_, differing, count) => {
    const result = { ruleId: rule.id, message: { text: "m" }, ...differing };
    expect(scanned(sarif("Acme", [rule], [result]))).toHaveLength(count);
  });

  it.each<[string, Record<string, unknown>]>([
    ["by the index of a rule", { ruleIndex: 1 }],
    ["by the index in a rule object", { rule: { index: 1 } }],
    ["by the id in a rule object", { rule: { id: rule.id } }],
    ["by an id below the rule's", { ruleId: `${rule.id}/openssl` }],
  ])("finds the rule %s", (_, reference) => {
    const other = { id: "CVE-2026-2222", properties: { "security-severity": "1.0" } };
    const [found] = scanned(sarif("Acme", [other, rule], [reference])) as readonly Vulnerability[];
    expect(found).toMatchObject({ id: expect.stringContaining(rule.id), severity: "critical" });
  });

  it("finds the rule of an extension by its index", () => {
    const tool = { driver: { rules: [] }, extensions: [{ rules: [] }, { rules: [rule] }] };
    const result = { rule: { index: 0, toolComponent: { index: 1 } } };
    expect(scanned({ runs: [{ tool, results: [result] }] })).toMatchObject([
      { id: rule.id, severity: "critical" },
    ]);
  });

  it("reads a run that went well, and the rules of an extension", () => {
    const tagged = { id: "CVE-2026-1", properties: { tags: ["HIGH"] } };
    const tool = { driver: {}, extensions: [{ rules: [tagged] }] };
    const run = {
      tool,
      invocations: [{ executionSuccessful: true }, {}],
      results: [{ rule: { id: "CVE-2026-1" } }],
    };
    expect(scanned({ runs: [run] })).toEqual([{ id: "CVE-2026-1", severity: "high", fix: "unknown" }]);
    expect(scanned({ runs: [{ ...run, results: [{ ruleId: 7 }] }] })).toEqual(expect.any(String));
  });

  it.each<[string, Record<string, unknown>, string]>([
    ["the level error without a score", { level: "error" }, "high"],
    ["the level warning without a score", { level: "warning" }, "unknown"],
    ["the level note without a score", { level: "note" }, "unknown"],
    ["a word as the score", { properties: { "security-severity": "High" } }, "high"],
    ["a score that is too large", { properties: { "security-severity": "11" } }, "unknown"],
  ])("%s is %s", (_, differing, expected) => {
    expect(scanned(sarif("Acme", [], [{ ruleId: "CVE-2026-1111", ...differing }]))).toMatchObject([
      { severity: expected },
    ]);
  });

  it.each<[string, unknown]>([
    ["without runs", { runs: [] }],
    ["without results", { runs: [{ tool: { driver: { name: "Trivy" } } }] }],
    [
      "of a run that failed",
      { runs: [{ tool: { driver: {} }, results: [], invocations: [{ executionSuccessful: false }] }] },
    ],
    [
      "whose results are in another file",
      {
        runs: [
          { tool: { driver: {} }, results: [], externalPropertyFileReferences: { results: [{ guid: "1" }] } },
        ],
      },
    ],
    ["with a result that names no rule", sarif("Acme", [], [{ message: { text: "m" } }])],
  ])("%s is unreadable, and never clean", (_, log) => {
    expect(scanned(log)).toEqual(expect.any(String));
  });

  it("is by all of its tools, in whatever order its runs are", () => {
    const [grype, trivy] = [grypeSarif([]), trivySarif([])].map(({ runs }) => (runs as unknown[])[0]);
    expect(scannerOf([trivy])).toBe("Trivy");
    expect(scannerOf([trivy, grype])).toBe("Grype and Trivy");
    expect(scannerOf([grype, trivy, grype])).toBe("Grype and Trivy");
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>, string | undefined]>([
    ["docker scout", { properties: { purl: "pkg:npm/%40acme/web@1" } }, {}, "@acme/web"],
    ["osv-scanner", { deprecatedIds: "none" }, { message: { text: "something else" } }, undefined],
    [
      "Snyk Container",
      { fullDescription: {} },
      { locations: [{ logicalLocations: [{ fullyQualifiedName: "a@1" }, { fullyQualifiedName: "b@1" }] }] },
      undefined,
    ],
    ["Snyk Container", { fullDescription: { text: "no list" } }, { locations: "none" }, undefined],
    ["Acme", { help: { text: 7 } }, { message: {} }, undefined],
  ])("%s that writes %j and %j is about the package %s", (tool, rule_, result, name) => {
    const results = [{ ruleId: "CVE-2026-1111", level: "error", ...result }];
    const [found] = scanned(
      sarif(tool, [{ id: "CVE-2026-1111", ...rule_ }], results),
    ) as readonly Vulnerability[];
    expect(found?.package).toBe(name);
    expect(found).not.toHaveProperty("aliases");
  });

  it("reads the worst of several severities in one text", () => {
    const message = { text: "Severity: LOW\nSeverity: CRITICAL" };
    expect(scanned(sarif("Acme", [], [{ ruleId: "CVE-2026-1111", message }]))).toMatchObject([
      { severity: "critical" },
    ]);
  });

  it("grows linearly: many results of one rule read its texts once", () => {
    let reads = 0;
    const counted = {
      ...rule,
      get help() {
        return { text: `Severity: HIGH${"\n".repeat((reads += 1))}` };
      },
    };
    const results = Array.from({ length: 1000 }, () => ({ ruleId: rule.id, message: { text: "m" } }));
    expect(scanned(sarif("Acme", [counted], results))).toHaveLength(1000);
    expect(reads).toBe(1);
  });
});
