import type { RunsWhen } from "./pipeline.ts";

const STATUS = /\b(?:always|failure|cancelled)\s*\(\s*\)/;
const ALL_RESULTS = /needs\.\*\.result|toJSON\(\s*needs\s*\)/i;
const ONE_RESULT = /needs\.([A-Za-z_][\w-]*)\.result|needs\[\s*'([^']+)'\s*\]\.result/g;

/**
 * When a stage runs. Without a status function in its condition it runs only if everything before it succeeded, however
 * far back; with one, what failed before stops it only where the condition or its steps judge `needs.….result`.
 * Source: docs.github.com, "Evaluate expressions in workflows and actions", status check functions.
 */
export function runsWhen(
  condition: string | undefined,
  { needs, texts }: { readonly needs: readonly string[]; readonly texts: string },
): RunsWhen {
  const bare = (condition ?? "").replaceAll(/\$\{\{|\}\}/g, "").trim();
  if (bare === "false") return { kind: "never" };
  if (!STATUS.test(bare)) return { kind: "success" };
  const judged = `${bare}\n${texts}`;
  if (ALL_RESULTS.test(judged)) return { kind: "anyway", judges: needs };
  const named = new Set([...judged.matchAll(ONE_RESULT)].map(([, dotted, quoted]) => dotted ?? quoted));
  return { kind: "anyway", judges: needs.filter((each) => named.has(each)) };
}
