import { dependentsOf } from "./graph.ts";
import type { Notice } from "./pipeline.ts";
import { clausesOf, durationText, summaryLine, summaryOf, titleOf } from "./plan-words.ts";
import type { Plan, PlannedStage } from "./plan.ts";

/** Levels that are indented; what is deeper begins again at the margin. */
const MAX_DEPTH = 8;

interface Drawing {
  readonly plan: Plan;
  readonly width: number;
  readonly children: ReadonlyMap<string, readonly PlannedStage[]>;
  readonly parents: ReadonlyMap<string, string>;
  /** Stages whose branch begins again at the margin. */
  readonly later: PlannedStage[];
}

/** Plans as trees for a terminal of `width` columns, then what there is to say about them, and a summary. */
export function treeText(plans: readonly Plan[], width: number, unread: readonly Notice[] = []): string {
  const notices = [...plans.flatMap((plan) => plan.notices), ...unread];
  return [
    ...plans.flatMap((plan) => [...planLines(plan, width), ""]),
    ...notices.flatMap((notice) => noticeLines(notice, width)),
    ...(notices.length > 0 ? [""] : []),
    ...wrapped(summaryLine(summaryOf(plans, unread)), { width, first: "", rest: "" }),
  ].join("\n");
}

function planLines(plan: Plan, width: number): string[] {
  const events = plan.triggers.length === 0 ? "" : `, on ${plan.triggers.join(", ")}`;
  const title = wrapped(`${plan.name} (${plan.file}${events})`, { width, first: "", rest: "  " });
  const drawing = drawingOf(plan, width);
  const roots = plan.stages.filter(({ id, level }) => level !== undefined && !drawing.parents.has(id));
  const lines = roots.flatMap((stage) => branch(stage, { ...drawing, gutter: "", depth: 0, tip: "" }));
  for (let stage = drawing.later.shift(); stage !== undefined; stage = drawing.later.shift()) {
    lines.push(...wrapped(`after ${drawing.parents.get(stage.id)!}:`, { width, first: "", rest: "  " }));
    lines.push(...branch(stage, { ...drawing, gutter: "", depth: 0, tip: "" }));
  }
  const never = plan.stages.filter(({ level }) => level === undefined).map(({ id }) => id);
  return [
    ...title,
    ...lines,
    ...(never.length === 0
      ? []
      : wrapped(`never reached: ${never.join(", ")}`, { width, first: "", rest: "  " })),
    ...pathLines(plan, width),
  ];
}

function pathLines({ criticalPath }: Plan, width: number): string[] {
  if (criticalPath === undefined) return [];
  const text = `critical path, ${durationText(criticalPath.seconds)}: ${criticalPath.stages.join(" → ")}`;
  return wrapped(text, { width, first: "", rest: "  " });
}

/** Each stage is drawn once, under that of its needs that comes last. */
function drawingOf(plan: Plan, width: number): Drawing {
  const byId = new Map(plan.stages.map((stage) => [stage.id, stage]));
  const parents = new Map<string, string>();
  for (const { id, needs, level } of plan.stages) {
    const drawn = needs.filter((need) => byId.get(need)?.level !== undefined);
    const last = drawn.toSorted((a, b) => byId.get(b)!.level! - byId.get(a)!.level!)[0];
    if (level !== undefined && last !== undefined) parents.set(id, last);
  }
  const children = new Map(
    [...dependentsOf(plan.stages)].map(([id, ids]) => [
      id,
      ids.filter((each) => parents.get(each) === id).map((each) => byId.get(each)!),
    ]),
  );
  return { plan, width, children, parents, later: [] };
}

interface Branch extends Drawing {
  /** Before the branch's further lines. */
  readonly gutter: string;
  /** Before its first line. */
  readonly tip: string;
  readonly depth: number;
}

function branch(stage: PlannedStage, at: Branch): string[] {
  const { children, parents, later, width, gutter, tip, depth } = at;
  const own = children.get(stage.id) ?? [];
  const also = stage.needs.filter((need) => need !== parents.get(stage.id));
  const clauses = [...clausesOf(stage), ...(also.length === 0 ? [] : [`also needs ${also.join(", ")}`])];
  const below = `${gutter}${own.length > 0 && depth < MAX_DEPTH ? "│  " : "   "}`;
  const head = wrapped(titleOf(stage), { width, first: tip, rest: below });
  const lines = clauses.flatMap((clause) => wrapped(clause, { width, first: below, rest: `${below}  ` }));
  if (depth >= MAX_DEPTH) {
    later.push(...own);
    return [...head, ...lines];
  }
  return [
    ...head,
    ...lines,
    ...own.flatMap((child, index) => {
      const isLast = index === own.length - 1;
      const [next, mark] = isLast ? ["   ", "└─ "] : ["│  ", "├─ "];
      return branch(child, { ...at, gutter: `${gutter}${next}`, tip: `${gutter}${mark}`, depth: depth + 1 });
    }),
  ];
}

function noticeLines({ level, file, line, column, rule, stage, message }: Notice, width: number): string[] {
  const about = stage === undefined ? "" : `${stage}: `;
  const text = `${file}:${line}:${column}: ${about}${message} [${rule}]`;
  return wrapped(text, { width, first: `${level.padEnd(7)} `, rest: " ".repeat(8) });
}

interface Margins {
  readonly width: number;
  readonly first: string;
  readonly rest: string;
}

/** A text in lines of at most `width` columns, broken at spaces; a word that is longer than a line is broken, too. */
function wrapped(text: string, { width, first, rest }: Margins): string[] {
  const lines: string[] = [];
  let line = first;
  let isEmpty = true;
  const end = (): void => {
    lines.push(line);
    line = rest;
    isEmpty = true;
  };
  for (const word of text.split(" ")) {
    if (!isEmpty && line.length + 1 + word.length > width) end();
    let left = isEmpty ? word : ` ${word}`;
    for (let room = width - line.length; left.length > room; room = width - line.length) {
      line += left.slice(0, room);
      left = left.slice(room);
      end();
    }
    line += left;
    isEmpty = false;
  }
  if (!isEmpty) lines.push(line);
  return lines.map((each) => each.trimEnd());
}
