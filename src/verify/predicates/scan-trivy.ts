import type { Vulnerability } from "../../core/index.ts";
import type { JsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { needList, needObject } from "./fields.ts";
import type { Report } from "./scan.ts";
import { severityOfWord } from "./severity.ts";
import { vulnerabilityOf } from "./vulnerability.ts";

const MOST_TARGETS = 5_000;
const MOST = 20_000;
/** Classes of targets in which Trivy looks for vulnerabilities; others are secrets, licences and configuration. */
const PACKAGES: readonly unknown[] = ["os-pkgs", "lang-pkgs"];

/** Trivy's JSON report. Throws Rejected. Source: aquasecurity/trivy pkg/types/report.go and result.go. */
export function readTrivy(report: JsonObject): Report {
  const results = needList(report["Results"], MOST_TARGETS, "Results").map((each) =>
    needObject(each, "one of the Results"),
  );
  if (!results.some(looksAtPackages)) {
    throw new Rejected("malformed", "its Results name no target with packages: nothing was looked at");
  }
  return {
    tool: "trivy",
    finishedAt: report["CreatedAt"],
    vulnerabilities: results.flatMap(({ Vulnerabilities: found }) =>
      found === undefined || found === null ? [] : needList(found, MOST, "Vulnerabilities").map(read),
    ),
  };
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
