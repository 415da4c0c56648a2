import { applySplices, type Splice } from "../documents/index.ts";

const CONTEXT = 3;

/** What one edit replaces in a text, and what it is called. */
export interface LabelledEdit {
  readonly label: string;
  readonly splices: readonly Splice[];
}

/** Lines that an edit takes away and puts in their place; `start` counts from 0. */
interface Region {
  readonly label: string;
  readonly start: number;
  readonly gone: readonly string[];
  readonly fresh: readonly string[];
}

/** The edits of a file as a unified diff, which `git apply` and `patch` take. */
export function unifiedDiff(file: string, text: string, edits: readonly LabelledEdit[]): string {
  const lines = linesOf(text);
  const regions = spansOf(text, lines, edits).map((span) => regionOf(text, lines, span));
  const hunks: string[] = [];
  let shift = 0;
  for (const group of groupsOf(regions)) {
    hunks.push(hunkOf(lines, group, shift));
    shift += growth(group);
  }
  return [`--- ${file}\n`, `+++ ${file}\n`, ...hunks].join("").replace(/\n$/, "");
}

/** Lines with their ends. */
function linesOf(text: string): string[] {
  return text.split(/(?<=\n)/).filter((line) => line !== "");
}

/** Lines from `start` to before `end`, which lie at the offsets `from` and `to`, and what is done in them. */
interface Span extends LabelledEdit {
  readonly start: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** The lines of each edit, from the top down. Edits of one line, as in JSON without line ends, make one span. */
function spansOf(text: string, lines: readonly string[], edits: readonly LabelledEdit[]): Span[] {
  const starts = [0];
  for (const line of lines) starts.push(starts.at(-1)! + line.length);
  const last = text.endsWith("\n") ? lines.length : Math.max(0, lines.length - 1);
  const spans: Span[] = [];
  for (const edit of edits.toSorted((a, b) => firstOf(a) - firstOf(b))) {
    const span = spanOf(edit, starts, last);
    const before = spans.at(-1);
    if (before !== undefined && span.start < before.end) spans.splice(-1, 1, joined(before, span));
    else spans.push(span);
  }
  return spans;
}

/** An edit at the end of a text without a line end changes its last line. */
function spanOf({ label, splices }: LabelledEdit, starts: readonly number[], last: number): Span {
  const from = Math.min(...splices.map((each) => each.from));
  const to = Math.max(...splices.map((each) => each.to));
  const start = Math.min(last, lineAt(starts, from));
  const isInsertion = from === to && starts[start] === from;
  const end = isInsertion ? start : lineAt(starts, Math.max(from, to - 1)) + 1;
  return { label, splices, start, end, from: starts[start]!, to: starts[end] ?? starts.at(-1)! };
}

function joined(before: Span, next: Span): Span {
  return {
    ...before,
    label: `${before.label}, ${next.label}`,
    splices: [...before.splices, ...next.splices],
    end: Math.max(before.end, next.end),
    to: Math.max(before.to, next.to),
  };
}

function firstOf({ splices }: LabelledEdit): number {
  return Math.min(...splices.map(({ from }) => from));
}

function regionOf(text: string, lines: readonly string[], span: Span): Region {
  const { label, start, end, from, to } = span;
  const moved = span.splices.map((each) => ({ ...each, from: each.from - from, to: each.to - from }));
  const fresh = linesOf(applySplices(text.slice(from, to), moved));
  return trimmed({ label, start, gone: lines.slice(start, end), fresh });
}

/** Without the lines that an edit leaves as they were. */
function trimmed({ label, start, gone, fresh }: Region): Region {
  let head = 0;
  while (head < Math.min(gone.length, fresh.length) && gone[head] === fresh[head]) head += 1;
  return { label, start: start + head, gone: gone.slice(head), fresh: fresh.slice(head) };
}

/** The line that an offset lies in, by halving. */
function lineAt(starts: readonly number[], offset: number): number {
  let [low, high] = [0, starts.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle]! <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Regions whose surroundings would touch make one hunk. */
function groupsOf(regions: readonly Region[]): Region[][] {
  const groups: Region[][] = [];
  for (const region of regions) {
    const last = groups.at(-1)?.at(-1);
    if (last && region.start - (last.start + last.gone.length) <= 2 * CONTEXT) groups.at(-1)!.push(region);
    else groups.push([region]);
  }
  return groups;
}

function hunkOf(lines: readonly string[], group: readonly Region[], shift: number): string {
  const [first, last] = [group[0]!, group.at(-1)!];
  const from = Math.max(0, first.start - CONTEXT);
  const to = Math.min(lines.length, last.start + last.gone.length + CONTEXT);
  const body: string[] = [];
  let at = from;
  for (const { start, gone, fresh } of group) {
    body.push(...lines.slice(at, start).map((line) => ` ${line}`));
    body.push(...gone.map((line) => `-${line}`), ...fresh.map((line) => `+${line}`));
    at = start + gone.length;
  }
  body.push(...lines.slice(at, to).map((line) => ` ${line}`));
  const labels = group.map(({ label }) => label).join(", ");
  const head = `@@ -${from + 1},${to - from} +${from + 1 + shift},${to - from + growth(group)} @@ ${labels}\n`;
  return head + body.map(ended).join("");
}

/** By how many lines the text grows. */
function growth(group: readonly Region[]): number {
  return group.reduce((sum, { gone, fresh }) => sum + fresh.length - gone.length, 0);
}

function ended(line: string): string {
  return line.endsWith("\n") ? line : `${line}\n\\ No newline at end of file\n`;
}
