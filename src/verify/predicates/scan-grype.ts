import type { Vulnerability } from "../../core/index.ts";
import { isObject, type JsonObject } from "../json.ts";
import { at, needList, needObject, textOf } from "./fields.ts";
import type { Report } from "./scan.ts";
import { severityOfWord } from "./severity.ts";
import { MAX_LISTED, vulnerabilityOf } from "./vulnerability.ts";

const MAX_ID = 128;
const FIX_STATES: Readonly<Record<string, Vulnerability["fix"]>> = {
  fixed: "available",
  "not-fixed": "none",
  "wont-fix": "none",
};

/** Grype's JSON report. Throws Rejected. Source: anchore/grype grype/presenter/models/document.go and match.go. */
export function readGrype(report: JsonObject): Report {
  return {
    tool: "grype",
    finishedAt: at(report, "descriptor", "timestamp"),
    vulnerabilities: needList(report["matches"], MAX_LISTED, "matches").map(read),
  };
}

function read(value: unknown): Vulnerability {
  const match = needObject(value, "a match");
  const found = needObject(match["vulnerability"], "a match's vulnerability");
  const state = at(found, "fix", "state");
  const versions = at(found, "fix", "versions");
  return vulnerabilityOf({
    id: found["id"],
    aliases: aliasesOf(found["id"], match["relatedVulnerabilities"]),
    severity: severityOfWord(found["severity"]),
    fix: typeof state === "string" && Object.hasOwn(FIX_STATES, state) ? FIX_STATES[state]! : "unknown",
    fixedVersion: Array.isArray(versions) ? versions.filter(isText).join(", ") : undefined,
    package: at(match, "artifact", "name"),
  });
}

/** The one related vulnerability. An advisory that relates to several is not another name of any of them. */
function aliasesOf(id: unknown, related: unknown): string[] | undefined {
  if (!Array.isArray(related)) return undefined;
  const ids = related.map((each) => textOf(isObject(each) ? each["id"] : undefined, MAX_ID));
  const others = new Set(ids.filter((each) => each !== undefined && each !== id)) as Set<string>;
  return others.size === 1 ? [...others] : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
