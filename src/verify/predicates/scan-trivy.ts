import type { Vulnerability } from "../../core/index.ts";
import type { JsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { at, needList, needObject } from "./fields.ts";
import type { Report } from "./scan.ts";
import { severityOfWord } from "./severity.ts";
import { MAX_LISTED, vulnerabilityOf } from "./vulnerability.ts";

const MAX_TARGETS = 20_000;
/** Classes of targets in which Trivy looks for vulnerabilities; others are secrets, licences and configuration. */
const PACKAGES: readonly unknown[] = ["os-pkgs", "lang-pkgs"];

/** Whether a report is Trivy's: it may be one without Results. */
export function isTrivy({
  Results: results,
  SchemaVersion: schema,
  ArtifactName: name,
}: JsonObject): boolean {
  return results !== undefined || (typeof schema === "number" && typeof name === "string");
}

/** Trivy's JSON report. Throws Rejected. Source: aquasecurity/trivy pkg/types/report.go and result.go. */
export function readTrivy(report: JsonObject): Report {
  const listed = report["Results"] ?? undefined;
  if (listed === undefined) return { ...reportOf(report), vulnerabilities: withoutResults(report) };
  const results = needList(listed, MAX_TARGETS, "Results").map((each) =>
    needObject(each, "one of the Results"),
  );
  if (!results.some(looksAtPackages)) {
    throw new Rejected("malformed", "its Results name no target with packages: nothing was scanned");
  }
  const vulnerabilities = results.flatMap(({ Vulnerabilities: found }) =>
    found === undefined || found === null ? [] : needList(found, MAX_LISTED, "Vulnerabilities").map(read),
  );
  return { ...reportOf(report), vulnerabilities };
}

function reportOf(report: JsonObject): Pick<Report, "tool" | "finishedAt"> {
  return { tool: "trivy", finishedAt: report["CreatedAt"] };
}

/**
 * Trivy leaves the Results out where it saw no packages, as in an image from scratch. In an image with an operating
 * system there are packages: then it did not read them.
 */
function withoutResults(report: JsonObject): [] {
  if (report["ArtifactType"] !== "container_image")
    throw new Rejected("malformed", "it is a Trivy report without Results, and not about an image");
  if ((at(report, "Metadata", "OS") ?? undefined) !== undefined)
    throw new Rejected(
      "malformed",
      "it is a Trivy report without Results about an image with an operating system: its packages were not scanned",
    );
  return [];
}

/** Trivy leaves the list out where it found nothing, so the target's class says whether it looked. */
function looksAtPackages({ Class, Vulnerabilities }: JsonObject): boolean {
  return PACKAGES.includes(Class) || Array.isArray(Vulnerabilities);
}

function read(value: unknown): Vulnerability {
  const found = needObject(value, "a vulnerability");
  const fixedVersion = found["FixedVersion"];
  const isFixed = (fixedVersion !== undefined && fixedVersion !== "") || found["Status"] === "fixed";
  return vulnerabilityOf({
    id: found["VulnerabilityID"],
    severity: severityOfWord(found["Severity"]),
    fix: isFixed ? "available" : "none",
    fixedVersion,
    package: found["PkgName"],
  });
}
