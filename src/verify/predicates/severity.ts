import { SEVERITIES, type Severity } from "../../core/index.ts";

/** How scanners and vendors spell severities. */
const WORDS: Readonly<Record<string, Severity>> = {
  critical: "critical",
  important: "high",
  high: "high",
  moderate: "medium",
  medium: "medium",
  low: "low",
  negligible: "negligible",
};
/** Least CVSS score of each severity. Source: CVSS v3.1 specification, section 5. */
const SCORES = [
  [9, "critical"],
  [7, "high"],
  [4, "medium"],
  [0.1, "low"],
] as const;

/** The severity that a word names; `unknown` where it names none. */
export function severityOfWord(word: unknown): Severity {
  const known = typeof word === "string" ? word.trim().toLowerCase() : "";
  return Object.hasOwn(WORDS, known) ? WORDS[known]! : "unknown";
}

/** The severity of a CVSS score from 0.1 to 10, as number or as text; `unknown` for all else. */
export function severityOfScore(score: unknown): Severity {
  const text = typeof score === "number" ? String(score) : score;
  if (typeof text !== "string" || !/^\d{1,2}(?:\.\d{1,4})?$/.test(text)) return "unknown";
  const value = Number(text);
  if (value > 10) return "unknown";
  return SCORES.find(([least]) => value >= least)?.[1] ?? "unknown";
}

/** The worst of several severities; `unknown` only where none is known. */
export function worst(severities: readonly Severity[]): Severity {
  return SEVERITIES.find((each) => severities.includes(each)) ?? "unknown";
}
