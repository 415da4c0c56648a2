import { edgesOf, numbered } from "./edges.ts";
import { titleOf } from "./plan-words.ts";
import type { Plan, PlannedStage } from "./plan.ts";

/** Plans as one Graphviz digraph, each pipeline a cluster. Needs that follow from others are left out. */
export function dotText(plans: readonly Plan[]): string {
  const nodes = numbered(plans);
  return [
    "digraph plan {",
    "  rankdir=LR;",
    '  node [shape=box, fontname="sans-serif"];',
    ...plans.flatMap((plan, at) => [
      `  subgraph cluster_${at + 1} {`,
      `    label=${quoted(plan.name)};`,
      ...plan.stages.map((stage) => `    ${nodes.get(stage)!} [${attributes(stage)}];`),
      "  }",
    ]),
    ...plans
      .flatMap((plan) => edgesOf(plan))
      .map(({ from, to }) => `  ${nodes.get(from)!} -> ${nodes.get(to)!};`),
    "}",
  ].join("\n");
}

function attributes(stage: PlannedStage): string {
  const words = [
    titleOf(stage),
    ...stage.checks.map(({ check, mode }) => `${check} (${mode})`),
    ...stage.releases,
  ];
  return [`label=${quoted(words.join("\n"))}`, ...lookOf(stage)].join(", ");
}

function lookOf({ level, releases, checks, gates }: PlannedStage): string[] {
  if (level === undefined) return ["style=dotted", 'color="#cf222e"'];
  if (releases.length > 0) return ['color="#0969da"', "penwidth=2"];
  if (checks.length === 0) return [];
  return gates === false
    ? ["shape=hexagon", "style=dashed", 'color="#bf8700"']
    : ["shape=hexagon", 'color="#1a7f37"', "penwidth=2"];
}

/** A double-quoted string. Source: graphviz.org, "DOT language". */
function quoted(text: string): string {
  return `"${text
    .replaceAll("\\", "\\\\")
    .replaceAll('"', String.raw`\"`)
    .replaceAll("\n", String.raw`\n`)}"`;
}
