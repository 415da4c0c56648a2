import { readFileSync } from "node:fs";

import type { Figures } from "./measure.ts";

/** `npm run -s bench:spread -- run1.json run2.json ...`: what several runs with --json gave, as a Markdown table of ranges. */

interface Run {
  readonly figures: readonly Figures[];
  readonly edit?: readonly number[];
  readonly start?: { readonly readyMs: readonly number[]; readonly idleMib: number };
}

const HEAD = [
  "case",
  "system",
  "c",
  "reviews/s",
  "p50 ms",
  "p99 ms",
  "CPU ms",
  "peak MiB",
  "registry",
  "loop p99 ms",
];

/** Two digits, or as many as stand before the point. */
function rounded(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString("en");
  if (value >= 10 || Number.isInteger(value)) return value.toFixed(0);
  return value.toFixed(value >= 1 ? 1 : 2);
}

/** The least and the most; one of them where both are written alike. */
function range(values: readonly number[]): string {
  const [least, most] = [rounded(Math.min(...values)), rounded(Math.max(...values))];
  return least === most ? least : `${least}–${most}`;
}

function keyOf({ suite, case: name, concurrency, system }: Figures): string {
  return [suite, name, concurrency, system].join("\n");
}

function rowOf(rows: readonly Figures[]): string {
  const [{ case: name, system, concurrency }] = rows as readonly [Figures];
  const of = (figure: (figures: Figures) => number): string => range(rows.map(figure));
  const loop = rows.flatMap(({ loopP99Ms }) => loopP99Ms ?? []);
  const cells = [
    name,
    system,
    String(concurrency),
    of(({ rate }) => rate),
    of(({ p50 }) => p50),
    of(({ p99 }) => p99),
    of(({ cpuMsPerReview }) => cpuMsPerReview),
    of(({ peakMib }) => peakMib),
    of(({ registryPerReview }) => registryPerReview),
    loop.length > 0 ? range(loop) : "",
  ];
  return `| ${cells.join(" | ")} |`;
}

function linesOf(runs: readonly Run[]): string[] {
  const all = runs.flatMap(({ figures }) => figures);
  const failed = all.filter(({ failed: lost, denied }) => lost + denied > 0);
  const edits = runs.flatMap(({ edit }) => edit ?? []);
  const starts = runs.flatMap(({ start }) => start?.readyMs ?? []);
  const idle = runs.flatMap(({ start }) => start?.idleMib ?? []);
  return [
    `| ${HEAD.join(" | ")} |`,
    `| --- | --- |${" ---: |".repeat(HEAD.length - 2)}`,
    ...[...Map.groupBy(all, keyOf).values()].map(rowOf),
    "",
    `${runs.length} runs, ${all.length} measurements, ${failed.length} of them with a refused or failed review`,
    ...(edits.length > 0 ? [`an edit of the policy counts after ${range(edits)} ms (c=400)`] : []),
    ...(starts.length > 0 ? [`ready after ${range(starts)} ms; idle ${range(idle)} MiB`] : []),
  ];
}

const files = process.argv.slice(2);
if (files.length === 0) throw new Error("which files? see npm run bench -- --json");
const runs = files.map((file) => JSON.parse(readFileSync(file, "utf8")) as Run);
process.stdout.write(`${linesOf(runs).join("\n")}\n`);
