import { growth } from "./judge.ts";
import type { Sample } from "./samples.ts";
import type { Tally } from "./traffic.ts";

/** What a report is made of. */
export interface ReportOptions {
  readonly samples: readonly Sample[];
  readonly tally: Tally;
  readonly changes: Readonly<Record<string, number>>;
  readonly minutes: number;
}

const VALUES: readonly (readonly [string, (sample: Sample) => number])[] = [
  ["resident memory, MiB", ({ residentMib }) => residentMib],
  ["heap of the main thread, MiB", ({ heapMib }) => heapMib],
  ["memory outside of it, MiB", ({ externalMib }) => externalMib],
  ["descriptors", ({ descriptors }) => descriptors],
  ["event loop p99, ms", ({ loopP99Ms }) => loopP99Ms],
  ["event loop longest, ms", ({ loopMaxMs }) => loopMaxMs],
];

/** The figures of a soak as Markdown: medians of its quarters, and the growth over its second half. */
export function report({ samples, tally, changes, minutes }: ReportOptions): string {
  const head = ["", "1st quarter", "2nd", "3rd", "4th", "growth, 2nd half"];
  const rows = VALUES.map(([name, of]) => [
    name,
    ...quarters(samples).map((quarter) => median(quarter.map(of)).toFixed(1)),
    growth(samples, of).toFixed(1),
  ]);
  const table = [head, head.map((_, at) => (at === 0 ? "---" : "---:")), ...rows].map(line).join("\n");
  return [
    table,
    "",
    `${minutes} minutes, ${samples.length} samples, ${share(samples).toFixed(0)} % of a core`,
    `reviews: ${listed(tally.counts)}`,
    `changes: ${listed(changes)}`,
  ].join("\n");
}

function quarters(samples: readonly Sample[]): (readonly Sample[])[] {
  const size = samples.length / 4;
  return [0, 1, 2, 3].map((at) => samples.slice(Math.floor(at * size), Math.floor((at + 1) * size)));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** CPU time of the gate per time that passed, in percent. */
function share(samples: readonly Sample[]): number {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined || first === last) return 0;
  return (last.cpuMs - first.cpuMs) / (last.at - first.at) / 10;
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

function listed(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
