import type { Severity, Vulnerability } from "../../core/index.ts";
import { at, needList, needObject } from "./fields.ts";
import type { Report } from "./scan.ts";
import { severityOfScore, severityOfWord, worst } from "./severity.ts";
import { MAX_LISTED, vulnerabilityOf } from "./vulnerability.ts";

const MAX_SCORES = 64;
const CVSS = /cvss|nvd/i;

/**
 * The list of in-toto's predicate: `{id, severity: [{method, score}]}`, by the letter of v0.1 inside `vulnerability`.
 * It says nothing of packages and fixes. Throws Rejected.
 */
export function readInToto(result: readonly unknown[]): Report {
  return { tool: "unnamed scanner", vulnerabilities: needList(result, MAX_LISTED, "results").map(read) };
}

function read(value: unknown): Vulnerability {
  const entry = needObject(value, "a result");
  const found = entry["vulnerability"] === undefined ? entry : needObject(entry["vulnerability"], "a result");
  const scores = needList([found["severity"] ?? []].flat(), MAX_SCORES, "severities"); // v0.2 calls it an object
  return vulnerabilityOf({ id: found["id"], severity: worst(scores.map(severityOf)), fix: "unknown" });
}

/** Words mean the same by every method; numbers only where they are CVSS: EPSS counts from 0 to 1. */
function severityOf(entry: unknown): Severity {
  const [method, score] = [at(entry, "method"), at(entry, "score")];
  const isCvss = typeof method === "string" && CVSS.test(method);
  return worst([severityOfWord(score), isCvss ? severityOfScore(score) : "unknown"]);
}
