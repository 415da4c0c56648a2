import type { Result } from "./scenario.ts";

const HEAD = [
  "scenario",
  "what fails",
  "pods",
  "admitted",
  "refused",
  "not known",
  "wrongly admitted",
  "wrongly refused",
  "no answer",
  "API server away",
  "recovered, s",
];

/** The results as a Markdown table. `not known` is a refusal with the reason code of a fault. */
export function table(results: readonly Result[]): string {
  const rows = results.map(({ scenario, tally: { counts }, recoveredAfter }) => [
    scenario.name,
    scenario.fault,
    Object.values(counts).reduce((sum, each) => sum + each, 0),
    counts.admitted,
    counts.refused,
    counts.fault,
    counts["wrong-admission"],
    counts["wrong-refusal"] + counts["no-reason"],
    counts.failed,
    counts.away,
    recoveredAfter.toFixed(1),
  ]);
  const rule = HEAD.map((_, at) => (at < 2 ? "---" : "---:"));
  return [HEAD, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
