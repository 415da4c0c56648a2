import type { Severity } from "../../core/index.ts";
import { at } from "./fields.ts";
import type { Finding } from "./sarif-texts.ts";
import { severityOfScore, severityOfWord, worst } from "./severity.ts";

/** Properties of a rule or a result that hold a CVSS score. */
const SCORES = ["security-severity", "cvssv3_baseScore", "cvssv4_baseScore"] as const;
/** Properties that hold a word: Docker Scout's, and what other producers use. */
const WORDS = ["cvssV3_severity", "severity"] as const;

/**
 * The worst severity that a result and its rule state. Producers fill these places from different sources: Grype writes any
 * CVSS score that it knows as the score, and its own severity into the texts. Of the levels only `error` says something:
 * osv-scanner writes `warning` for every result, and Trivy `note` for an unknown severity.
 */
export function severityIn(finding: Finding): Severity {
  const { result, rule } = finding;
  const scores = propertiesOf(finding, SCORES);
  const words = wordsOf(finding);
  const level = result["level"] ?? at(rule, "defaultConfiguration", "level");
  const known = worst([
    ...scores.map(severityOfScore),
    ...[...scores, ...words].map(severityOfWord),
    level === "error" ? "high" : "unknown",
  ]);
  if (known !== "unknown") return known;
  // a score of zero is "none" to CVSS; Trivy and Grype write it for "unknown" as well, and then say so in words
  const isNone = level === "note" && scores.some((each) => Number(each) === 0);
  return isNone && !words.some(saysUnknown) ? "negligible" : "unknown";
}

function wordsOf(finding: Finding): unknown[] {
  const { rule, message, about } = finding;
  const tags: unknown = at(rule, "properties", "tags");
  return [
    ...(Array.isArray(tags) ? (tags as readonly unknown[]) : []),
    ...propertiesOf(finding, WORDS),
    ...[message, about].flatMap(({ labels, severities }) => [
      ...(labels.get("severity") ?? []),
      ...severities,
    ]),
  ];
}

function propertiesOf({ result, rule }: Finding, keys: readonly string[]): unknown[] {
  return [rule, result]
    .flatMap((each) => keys.map((key) => at(each, "properties", key)))
    .filter((each) => each !== undefined && each !== null);
}

function saysUnknown(word: unknown): boolean {
  return typeof word === "string" && /^(?:unknown|unspecified|unassigned)$/i.test(word.trim());
}
