import type { Figures } from "./measure.ts";

/** The first line of the table. */
export const HEADER = row([
  "case",
  "system",
  "c",
  "reviews",
  "rate/s",
  "p50 ms",
  "p90 ms",
  "p99 ms",
  "CPU ms",
  "peak MiB",
  "registry",
  "loop p99",
  "refused",
  "failed",
]);

/** One measurement as a line. */
export function line(figures: Figures): string {
  const { p50, p90, p99, cpuMsPerReview, loopP99Ms, rate, peakMib, registryPerReview } = figures;
  return row([
    figures.case,
    figures.system,
    String(figures.concurrency),
    String(figures.reviews),
    rate.toFixed(0),
    p50.toFixed(2),
    p90.toFixed(2),
    p99.toFixed(2),
    cpuMsPerReview.toFixed(3),
    peakMib.toFixed(0),
    registryPerReview.toFixed(2),
    loopP99Ms === undefined ? "-" : loopP99Ms.toFixed(1),
    String(figures.denied),
    String(figures.failed),
  ]);
}

/** For each case that several systems ran: how the first compares with each other one, by the means of all rounds. */
export function ratios(all: readonly Figures[]): string[] {
  const cases = Map.groupBy(
    all,
    ({ suite, case: name, concurrency }) => `${suite}: ${name}, c=${concurrency}`,
  );
  return [...cases].flatMap(([name, rows]) => {
    const [first, ...others] = [...Map.groupBy(rows, ({ system }) => system)];
    if (first === undefined) return [];
    return others.map(([system, theirs]) => ratioLine(name, [first[0], system], [first[1], theirs]));
  });
}

function ratioLine(
  name: string,
  [one, other]: readonly [string, string],
  [ours, theirs]: readonly [readonly Figures[], readonly Figures[]],
): string {
  const ratio = (of: (figures: Figures) => number): string => (mean(ours, of) / mean(theirs, of)).toFixed(2);
  const parts = [
    `rate ${ratio(({ rate }) => rate)}`,
    `p50 ${ratio(({ p50 }) => p50)}`,
    `p99 ${ratio(({ p99 }) => p99)}`,
    `CPU ${ratio(({ cpuMsPerReview }) => cpuMsPerReview)}`,
    `peak ${ratio(({ peakMib }) => peakMib)}`,
  ];
  return `${name}: ${one} / ${other}: ${parts.join(", ")}`;
}

/** The mean of one figure. */
function mean(rows: readonly Figures[], of: (figures: Figures) => number): number {
  return rows.reduce((sum, each) => sum + of(each), 0) / rows.length;
}

function row(cells: readonly string[]): string {
  const [name = "", system = "", ...figures] = cells;
  return `${name.padEnd(24)}${system.padEnd(8)}${figures.map((each) => each.padStart(9)).join("")}`;
}
