type Json = Record<string, unknown>;

/** One vulnerability, as a producer of SARIF knows it. */
export interface Vulnerable {
  readonly id?: string;
  /** In lower case, such as `high`. */
  readonly severity?: string;
  /** A CVSS score beside the producer's own severity. */
  readonly score?: number;
  readonly name?: string;
  /** The version with a fix; none where empty. */
  readonly fixed?: string;
}

/** A producer's way of writing one vulnerability into SARIF. */
export type Producer = (found: readonly Vulnerable[]) => Json;

const LEVELS: Readonly<Record<string, string>> = { critical: "error", high: "error", medium: "warning" };
const SCORES: Readonly<Record<string, string>> = { critical: "9.0", high: "7.0", medium: "4.0", low: "1.0" };

/** A log with one run of a tool. */
export function sarif(name: string, rules: readonly Json[], results: readonly Json[]): Json {
  return {
    version: "2.1.0",
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    runs: [{ tool: { driver: { name, rules } }, results }],
  };
}

function each(
  found: readonly Vulnerable[],
  read: (found: Required<Omit<Vulnerable, "score">> & Vulnerable) => Json,
): Json[] {
  return found.map((one) =>
    read({ id: "CVE-2026-1111", severity: "high", name: "openssl", fixed: "", ...one }),
  );
}

/** Grype: the score of any source, the own severity in the texts, the package behind the rule's id, and no level in results. */
export const grypeSarif: Producer = (found) =>
  sarif(
    "Grype",
    each(found, ({ id, severity, score, name, fixed }) => ({
      id: `${id}-${name}`,
      name: "DpkgMatcherExactDirectMatch",
      shortDescription: { text: `${id} ${severity} vulnerability for ${name} package` },
      fullDescription: { text: "a flaw" },
      help: {
        text: `Vulnerability ${id}\nSeverity: ${severity}\nPackage: ${name}\nVersion: 1.0.0\nFix Version: ${fixed}\nType: deb\nLocation: /var/lib/dpkg/status\nData Namespace: debian:distro:debian:13\nLink: ${id}`,
      },
      defaultConfiguration: { level: LEVELS[severity] ?? "note" },
      properties: {
        "security-severity": score === undefined ? (SCORES[severity] ?? "0.0") : score.toFixed(1),
      },
    })),
    each(found, ({ id, severity, name }) => ({
      ruleId: `${id}-${name}`,
      message: {
        text: `A ${severity} vulnerability in deb package: ${name}, version 1.0.0 was found at: /var/lib/dpkg/status`,
      },
      locations: [
        { logicalLocations: [{ fullyQualifiedName: "ghcr.io/acme/app@sha256:0:/var/lib/dpkg/status" }] },
      ],
    })),
  );

/** Trivy: the severity in the tags and the message. */
export const trivySarif: Producer = (found) =>
  sarif(
    "Trivy",
    each(found, ({ id, severity, score }) => ({
      id,
      name: "OsPackageVulnerability",
      defaultConfiguration: { level: LEVELS[severity] ?? "note" },
      properties: {
        precision: "very-high",
        "security-severity": score === undefined ? (SCORES[severity] ?? "0.0") : String(score),
        tags: ["vulnerability", "security", severity.toUpperCase()],
      },
    })),
    each(found, ({ id, severity, name, fixed }) => ({
      ruleId: id,
      level: LEVELS[severity] ?? "note",
      message: {
        text: `Package: ${name}\nInstalled Version: 1.0.0\nVulnerability ${id}\nSeverity: ${severity.toUpperCase()}\nFixed Version: ${fixed}\nLink: [${id}](https://avd.aquasec.com/nvd/${id})`,
      },
    })),
  );

/** Docker Scout: properties of the rule, and package URLs. */
export const scoutSarif: Producer = (found) =>
  sarif(
    "docker scout",
    each(found, ({ id, severity, score, name, fixed }) => ({
      id,
      name: "OsPackageVulnerability",
      shortDescription: { text: `${id}: a flaw` },
      properties: {
        affected_version: "<2",
        cvssV3_severity: severity === "unknown" ? "UNSPECIFIED" : severity.toUpperCase(),
        fixed_version: fixed === "" ? "not fixed" : fixed,
        purls: [`pkg:deb/debian/${name}@1.0.0?os_name=debian`],
        ...(score !== undefined && { "security-severity": String(score) }),
        tags: [severity === "unknown" ? "UNSPECIFIED" : severity.toUpperCase()],
      },
    })),
    each(found, ({ id, severity, name, fixed }) => ({
      ruleId: id,
      ruleIndex: 0,
      kind: "fail",
      level: LEVELS[severity] ?? "note",
      message: {
        text: `  Vulnerability   : ${id}\n  Severity        : ${severity === "unknown" ? "UNSPECIFIED" : severity.toUpperCase()}\n  Package         : pkg:deb/debian/${name}@1.0.0?os_name=debian\n  Affected range  : <2\n  Fixed version   : ${fixed === "" ? "not fixed" : fixed}\n`,
      },
    })),
  );

/** Snyk Container: ids of its own, the CVE in the description, the severity in sentences. */
export const snykSarif: Producer = (found) =>
  sarif(
    "Snyk Container",
    each(found, ({ id, severity, score, name }) => ({
      id: `SNYK-DEBIAN13-${name.toUpperCase()}-450908`,
      shortDescription: {
        text: `${severity.replace(/^./, (one) => one.toUpperCase())} severity - Out-of-bounds Read vulnerability in ${name}`,
      },
      fullDescription: { text: `(${id}) ${name}@1.0.0` },
      help: { text: "", markdown: `* Package Manager: deb\n* Vulnerable module: ${name}\n` },
      properties: {
        tags: ["security", "CWE-125", "deb"],
        ...(score !== undefined && { cvssv3_baseScore: score }),
      },
    })),
    each(found, ({ severity, name }) => ({
      ruleId: `SNYK-DEBIAN13-${name.toUpperCase()}-450908`,
      level: LEVELS[severity] ?? "note",
      message: {
        text: `This file introduces a vulnerable ${name} package with a ${severity} severity vulnerability.`,
      },
      locations: [{ logicalLocations: [{ fullyQualifiedName: `${name}@1.0.0` }] }],
    })),
  );

/** osv-scanner: a score where it knows one, no word, and the level warning for every result. */
export const osvSarif: Producer = (found) =>
  sarif(
    "osv-scanner",
    each(found, ({ id, score }) => ({
      id,
      shortDescription: { text: `${id}: a flaw` },
      deprecatedIds: [id, "GHSA-aaaa-bbbb-cccc"],
      ...(score !== undefined && { properties: { "security-severity": String(score) } }),
    })),
    each(found, ({ id, name }) => ({
      ruleId: id,
      level: "warning",
      message: {
        text: `Package '${name}@1.0.0' is vulnerable to '${id}' (also known as 'GHSA-aaaa-bbbb-cccc').`,
      },
    })),
  );
