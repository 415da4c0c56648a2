import { z } from "zod";

import { readJson } from "../core/index.ts";

const MAX_JOBS = 100_000;

const Job = z.object({
  name: z.string(),
  conclusion: z.string().nullish(),
  started_at: z.iso.datetime({ offset: true }).nullish(),
  completed_at: z.iso.datetime({ offset: true }).nullish(),
});
const Jobs = z.object({ jobs: z.array(Job).max(MAX_JOBS) });
const Durations = z.union([
  Jobs.transform((run) => [run]),
  z.array(Jobs).max(1000),
  z.record(z.string(), z.number().nonnegative()),
]);

/**
 * Durations of stages in seconds, by their names: `{"build": 90}`, or what GitHub says of the jobs of one or several runs,
 * and then the median counts. Jobs that did not succeed say nothing. Undefined where the text is neither.
 * Source: docs.github.com, "List jobs for a workflow run".
 */
export function readDurations(text: string): ReadonlyMap<string, number> | undefined {
  const parsed = Durations.safeParse(readJson(text));
  if (!parsed.success) return undefined;
  if (!Array.isArray(parsed.data)) return new Map(Object.entries(parsed.data));
  const samples = parsed.data.map(({ jobs }) => secondsOf(jobs));
  const names = new Set(samples.flatMap((run) => [...run.keys()]));
  return new Map([...names].map((name) => [name, median(samples.flatMap((run) => run.get(name) ?? []))]));
}

/** Of jobs side by side, the longest: the next ones wait for it. */
function secondsOf(jobs: readonly z.output<typeof Job>[]): Map<string, number> {
  const longest = new Map<string, number>();
  for (const { name, conclusion, started_at: start, completed_at: end } of jobs) {
    if (
      conclusion !== "success" ||
      start === null ||
      start === undefined ||
      end === null ||
      end === undefined
    )
      continue;
    const seconds = Math.max(0, (Date.parse(end) - Date.parse(start)) / 1000);
    const base = name.replace(/ \([^()]*\)$/, "");
    longest.set(base, Math.max(seconds, longest.get(base) ?? 0));
  }
  return longest;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
