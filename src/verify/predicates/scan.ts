import type { Scan, Vulnerability } from "../../core/index.ts";
import { isObject, type JsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { at, dropUndefined, instantOf, textOf } from "./fields.ts";
import { readGrype } from "./scan-grype.ts";
import { readInToto } from "./scan-in-toto.ts";
import { readSarif } from "./scan-sarif.ts";
import { readTrivy } from "./scan-trivy.ts";

const MOST_VULNERABILITIES = 10_000;
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
  if (report.vulnerabilities.length > MOST_VULNERABILITIES) {
    const found = `${report.vulnerabilities.length} vulnerabilities`;
    throw new Rejected("too-large", `${found}; at most ${MOST_VULNERABILITIES} are read`);
  }
  const stated = at(predicate, "metadata", "scanFinishedOn");
  return dropUndefined<Scan>({
    scanner: scannerOf(at(predicate, "scanner", "uri")) ?? report.tool,
    finishedAt: instantOf(stated ?? report.finishedAt, "the end of the scan"),
    vulnerabilities: report.vulnerabilities,
  });
}

/** By its shape: the predicates do not say which tool's format it is. */
function reportOf(result: unknown): Report {
  if (Array.isArray(result)) return readInToto(result);
  if (!isObject(result)) throw new Rejected("malformed", "it holds no result of a scanner");
  if (result["runs"] !== undefined) return readSarif(result);
  if (result["matches"] !== undefined) return readGrype(result);
  if (result["Results"] !== undefined) return readTrivy(result);
  throw new Rejected(
    "unsupported",
    "its result is no report of Trivy or Grype, no SARIF and no in-toto list",
  );
}

/** `pkg:github/aquasecurity/trivy@v0.67.0` → without the version: a newer release is the same scanner. */
function scannerOf(uri: unknown): string | undefined {
  return textOf(uri, MAX_SCANNER)?.replace(/@[^/@]*$/, "");
}
