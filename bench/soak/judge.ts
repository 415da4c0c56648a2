import { wrongOf } from "../../test/support/outcome.ts";
import type { Sample } from "./samples.ts";
import type { Tally } from "./traffic.ts";

/** What a soak came to. */
export interface SoakRecord {
  readonly minutes: number;
  readonly samples: readonly Sample[];
  readonly tally: Tally;
  /** Log lines that a healthy gate does not write. */
  readonly cries: readonly string[];
  /** Whether the process ended by itself. */
  readonly ended: boolean;
  /** Whether the machine had other work. */
  readonly busy: boolean;
}

/** Most growth of resident memory over the second half, MiB. */
const MAX_MIB = 16;
/** So long the cache of evidence goes on filling, and so much it may grow by meanwhile. */
const FILLING_MINUTES = 40;
const FILLING_MIB = 48;
/** Connections come and go with a registry that fails; what leaks never goes, so that the fewest of a quarter count. */
const MAX_DESCRIPTORS = 8;
/** So many reviews may get no answer on a machine that has other work. */
const LOST_WHEN_BUSY = 0.1;
/** Fewer samples than this say nothing. */
const FEWEST = 12;

/** Growth of a value over the second half of the samples, by least squares. */
export function growth(samples: readonly Sample[], of: (sample: Sample) => number): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  const times = half.map(({ at }) => at);
  const values = half.map(of);
  const [middle, level] = [mean(times), mean(values)];
  const spread = times.reduce((sum, at) => sum + (at - middle) ** 2, 0);
  if (spread === 0) return 0;
  const slope = times.reduce((sum, at, index) => sum + (at - middle) * (values[index]! - level), 0) / spread;
  return slope * (times.at(-1)! - times[0]!);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}

function fewest(samples: readonly Sample[]): number {
  return Math.min(...samples.map(({ descriptors }) => descriptors));
}

/** What is wrong with a soak, one sentence each; nothing where it passed. */
export function problemsOf({ minutes, samples, tally, cries, ended, busy }: SoakRecord): string[] {
  const { counts, complaints } = tally;
  const all = Object.values(counts).reduce((sum, each) => sum + each, 0);
  const wrong = wrongOf(counts, busy ? all * LOST_WHEN_BUSY : 0);
  const quarter = Math.floor(samples.length / 4);
  const memory = growth(samples, ({ residentMib }) => residentMib);
  const descriptors = fewest(samples.slice(quarter * 3)) - fewest(samples.slice(quarter * 2, quarter * 3));
  const mostMib = minutes < FILLING_MINUTES ? FILLING_MIB : MAX_MIB;
  const problems: (string | false)[] = [
    ended && "the gate ended by itself",
    samples.length < FEWEST && `${samples.length} samples say nothing`,
    !counts["admitted"] && "nothing was admitted: there was no load",
    !counts["refused"] && "nothing was refused: there was no load",
    memory > mostMib && `resident memory grew by ${memory.toFixed(1)} MiB in the second half`,
    descriptors > MAX_DESCRIPTORS &&
      `${descriptors} descriptors more in the fourth quarter than in the third`,
    ...wrong.map((outcome) => `${counts[outcome]} times ${outcome}`),
    ...(wrong.length > 0 ? complaints : []),
    ...cries.map((line) => `the log says: ${line}`),
  ];
  return problems.filter((problem) => problem !== false);
}
