import type { Severity, Vulnerability } from "../../core/index.ts";
import { isObject, type JsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { at, needList, needObject, textOf } from "./fields.ts";
import type { Report } from "./scan.ts";
import { severityOfScore, severityOfWord, worst } from "./severity.ts";
import { vulnerabilityOf } from "./vulnerability.ts";

const MOST_RUNS = 64;
const MOST = 20_000;
const MOST_EXTENSIONS = 64;
const MAX_MESSAGE = 4096;
const MAX_NAME = 256;
/** Grype's rule ids end in the package: `CVE-2026-1234-openssl`. */
const RULE_ID = /^(CVE-\d{4}-\d{4,19}|GHSA(?:-[0-9a-z]{4}){3})(?:-(.+))?$/;

type Rules = ReadonlyMap<string, JsonObject>;

/**
 * A SARIF 2.1.0 log. Severity is the worse of the rule's `security-severity` and its tags. Throws Rejected, also for a
 * run that failed or has no results. Source: docs.oasis-open.org/sarif/sarif/v2.1.0, sections 3.14 to 3.27.
 */
export function readSarif(log: JsonObject): Report {
  const runs = needList(log["runs"], MOST_RUNS, "runs").map((each) => needObject(each, "a run"));
  if (runs.length === 0) throw new Rejected("malformed", "it holds no run: nothing was looked at");
  return {
    tool: textOf(at(runs[0], "tool", "driver", "name"), MAX_NAME) ?? "unnamed scanner",
    finishedAt: endOf(runs),
    vulnerabilities: runs.flatMap(readRun),
  };
}

function readRun(run: JsonObject): Vulnerability[] {
  const invocations = needList(run["invocations"] ?? [], MOST_RUNS, "invocations");
  if (invocations.some((each) => at(each, "executionSuccessful") === false)) {
    throw new Rejected("malformed", "one of its runs says that it failed");
  }
  const rules = rulesOf(needObject(run["tool"], "a run's tool"));
  return needList(run["results"], MOST, "results of a run").map((each) =>
    readResult(needObject(each, "a result"), rules),
  );
}

function rulesOf(tool: JsonObject): Rules {
  const extensions = needList(tool["extensions"] ?? [], MOST_EXTENSIONS, "extensions");
  const rules = [tool["driver"], ...extensions].flatMap((each) =>
    needList(at(each, "rules") ?? [], MOST, "rules").filter(isObject),
  );
  return new Map(rules.map((rule) => [String(rule["id"]), rule]));
}

function readResult(result: JsonObject, rules: Rules): Vulnerability {
  const written = result["ruleId"] ?? at(result, "rule", "id");
  const rule = typeof written === "string" ? rules.get(written) : undefined;
  const [, id = written, packageName] = RULE_ID.exec(String(written)) ?? [];
  const fixedVersion = fixedVersionOf(result);
  return vulnerabilityOf({
    id,
    severity: worst([severityOfScore(at(rule, "properties", "security-severity")), severityOfTags(rule)]),
    fix: fixedVersion === undefined ? "unknown" : "available",
    fixedVersion,
    package: packageName ?? lineOf(result, "Package"),
  });
}

function severityOfTags(rule: JsonObject | undefined): Severity {
  const tags = at(rule, "properties", "tags");
  return Array.isArray(tags) ? worst(tags.map(severityOfWord)) : "unknown";
}

/** Trivy writes it into the message. That it is missing there does not mean that there is no fix. */
function fixedVersionOf(result: JsonObject): string | undefined {
  return lineOf(result, "Fixed Version");
}

function lineOf(result: JsonObject, label: string): string | undefined {
  const message = at(result, "message", "text");
  if (typeof message !== "string") return undefined;
  const line = message
    .slice(0, MAX_MESSAGE)
    .split("\n")
    .find((each) => each.startsWith(`${label}:`));
  return textOf(line?.slice(label.length + 1).trim(), MAX_NAME);
}

/** The earliest end that a run states. */
function endOf(runs: readonly JsonObject[]): string | undefined {
  const ends = runs.flatMap(({ invocations }) =>
    Array.isArray(invocations) ? invocations.map((each) => at(each, "endTimeUtc")) : [],
  );
  return ends.filter((each) => typeof each === "string").toSorted()[0];
}
