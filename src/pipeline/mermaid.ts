import { UsageError } from "../core/index.ts";
import { edgesOf, numbered } from "./edges.ts";
import { titleOf } from "./plan-words.ts";
import type { Plan, PlannedStage } from "./plan.ts";

/** What Mermaid draws at most, unless its site is set up otherwise. Source: mermaid.js.org, maxEdges and maxTextSize. */
const MAX_EDGES = 500;
const MAX_CHARACTERS = 50_000;

/**
 * Plans as one Mermaid flowchart, each pipeline a subgraph. Needs that follow from others are left out, as a drawing shows
 * them anyway. Throws UsageError where Mermaid would refuse to draw it.
 */
export function mermaidText(plans: readonly Plan[]): string {
  const nodes = numbered(plans);
  const edges = plans.flatMap((plan) => edgesOf(plan));
  const text = [
    "flowchart TB",
    ...plans.flatMap((plan, at) => [
      `  subgraph p${at + 1} ["${escaped(plan.name)}"]`,
      ...plan.stages.map((stage) => `    ${nodes.get(stage)!}${shape(stage)}${classOf(stage)}`),
      "  end",
    ]),
    ...edges.map(({ from, to }) => `  ${nodes.get(from)!} --> ${nodes.get(to)!}`),
    "  classDef gate stroke:#1a7f37,stroke-width:3px",
    "  classDef release stroke:#0969da,stroke-width:3px",
    "  classDef ungated stroke:#bf8700,stroke-dasharray:4",
    "  classDef never stroke:#cf222e,stroke-dasharray:2",
  ].join("\n");
  if (edges.length > MAX_EDGES || text.length > MAX_CHARACTERS)
    throw new UsageError(
      `Mermaid draws at most ${MAX_EDGES} needs and ${MAX_CHARACTERS} characters; this has ${edges.length} and ${text.length}. Name fewer files, or use -o dot.`,
    );
  return text;
}

function shape(stage: PlannedStage): string {
  const words = [
    titleOf(stage),
    ...stage.checks.map(({ check, mode }) => `${check} (${mode})`),
    ...stage.releases,
  ];
  const label = `"${words.map(escaped).join("<br>")}"`;
  return stage.checks.length > 0 ? `{{${label}}}` : `[${label}]`;
}

function classOf({ level, releases, checks, gates }: PlannedStage): string {
  if (level === undefined) return ":::never";
  if (releases.length > 0) return ":::release";
  if (checks.length === 0) return "";
  return gates === false ? ":::ungated" : ":::gate";
}

/** Text in a quoted label, where Mermaid reads entities, HTML and Markdown. */
function escaped(text: string): string {
  return text.replaceAll(/[^\p{L}\p{N} .,:/()×?-]/gu, (character) => `#${character.codePointAt(0)!};`);
}
