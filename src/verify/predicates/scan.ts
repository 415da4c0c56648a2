import type { Scan, Vulnerability } from "../../core/index.ts";
import { isObject, type JsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { at, dropUndefined, declaredTime, textOf } from "./fields.ts";
import { readGrype } from "./scan-grype.ts";
import { readInToto } from "./scan-in-toto.ts";
import { readSarif } from "./scan-sarif.ts";
import { isTrivy, readTrivy } from "./scan-trivy.ts";
import { MAX_LISTED } from "./vulnerability.ts";

const MAX_SCANNER = 256;

/** What one kind of report gives. */
export interface Report {
  /** The tool's name, for predicates that name none. */
  readonly tool: string;
  /** When the tool says that it finished. */
  readonly finishedAt?: unknown;
  readonly vulnerabilities: readonly Vulnerability[];
}

/**
 * A vulnerability scan: cosign's predicate and in-toto's, which wrap the report of a tool. Throws Rejected for every
 * report that is not readable as a whole: what cannot be read is not clean.
 * Sources: cosign specs/COSIGN_VULN_ATTESTATION_SPEC.md; in-toto attestation spec/predicates/vulns.md and vulns_02.md.
 */
export function readScan(predicate: JsonObject): Scan {
  const report = reportOf(at(predicate, "scanner", "result"));
  if (report.vulnerabilities.length > MAX_LISTED) {
    const found = `${report.vulnerabilities.length} vulnerabilities`;
    throw new Rejected("too-large", `${found}; at most ${MAX_LISTED} are read`);
  }
  const declared = at(predicate, "metadata", "scanFinishedOn") ?? report.finishedAt;
  const { instant: finishedAt, undated } = declaredTime(declared);
  return dropUndefined<Scan>({
    scanner: scannerOf(at(predicate, "scanner", "uri")) ?? report.tool,
    finishedAt,
    undated,
    vulnerabilities: report.vulnerabilities,
  });
}

/** Formats by a key that only they have. Of those without a reader the name is reported. */
const FORMATS: readonly {
  readonly name: string;
  readonly has: (result: JsonObject) => boolean;
  readonly read?: (result: JsonObject) => Report;
}[] = [
  { name: "SARIF", has: (result) => result["runs"] !== undefined, read: readSarif },
  { name: "Grype", has: (result) => result["matches"] !== undefined, read: readGrype },
  { name: "Trivy", has: isTrivy, read: readTrivy },
  { name: "CycloneDX", has: (result) => result["bomFormat"] === "CycloneDX" },
  { name: "osv-scanner (JSON)", has: ({ results }) => Array.isArray(results) },
  { name: "Snyk (JSON)", has: (result) => result["dependencyCount"] !== undefined },
  { name: "Clair (JSON)", has: (result) => result["package_vulnerabilities"] !== undefined },
  { name: "Amazon ECR", has: (result) => result["imageScanFindings"] !== undefined },
  { name: "Anchore Enterprise", has: (result) => result["vulnerability_type"] !== undefined },
];
const READ = "read are Trivy (JSON), Grype (JSON), SARIF and in-toto lists";

/** By its shape: the predicates do not say which tool's format it is. */
function reportOf(result: unknown): Report {
  if (Array.isArray(result)) {
    const foreign = formatOf(result[0]); // Snyk writes a list where it was given several projects
    if (foreign === undefined) return readInToto(result);
    throw unread(foreign.name);
  }
  if (!isObject(result)) throw new Rejected("malformed", "it holds no result of a scanner");
  const format = formatOf(result);
  if (format?.read === undefined) throw unread(format?.name);
  return format.read(result);
}

function formatOf(result: unknown): (typeof FORMATS)[number] | undefined {
  return isObject(result) ? FORMATS.find(({ has }) => has(result)) : undefined;
}

function unread(name: string | undefined): Rejected {
  const what = name === undefined ? "of an unknown format" : `of ${name}, which is not read`;
  return new Rejected("unsupported", `its result is a report ${what}; ${READ}`);
}

/** `pkg:github/aquasecurity/trivy@v0.67.0` → without the version: a newer release is the same scanner. */
function scannerOf(uri: unknown): string | undefined {
  return textOf(uri, MAX_SCANNER)?.replace(/@[^/@]*$/, "");
}
