/**
 * Whether the cost of a call grows with its input and no faster: at the largest input that there may be, and at a quarter of
 * it. A ratio between two sizes on the same machine, so that no clock decides.
 */
export interface Scaling {
  /** What is read, as the report calls it. */
  readonly name: string;
  /** Bytes, about, of the largest input. */
  readonly bytes: number;
  readonly inputOf: (bytes: number) => string;
  /** Must not throw; refusing an input is an answer. */
  readonly call: (input: string) => unknown;
}

/** What was measured. */
export interface Growth {
  /** Processor time at the largest input over that at a quarter of it. */
  readonly ratio: number;
  /** Processor time at the largest input, ms. */
  readonly ms: number;
}

/** Four times the input may cost so much: 4 where it is linear, 16 where it is quadratic; memory and caches cost the rest. */
export const MAX_RATIO = 9;
const QUARTER = 4;
const REPEATS = 2;
/** Shorter calls say nothing: what is measured then is the machine. */
const MIN_MS = 4;

/** The least of several measurements each, since a busy machine only adds to them. */
export function growthOf({ bytes, inputOf, call }: Scaling): Growth {
  const [small, large] = [inputOf(bytes / QUARTER), inputOf(bytes)];
  call(small); // compiled before it is measured
  const [least, most] = [leastOf(() => call(small)), leastOf(() => call(large))];
  return { ratio: most / Math.max(least, MIN_MS), ms: most };
}

function leastOf(call: () => unknown): number {
  let least = Infinity;
  for (let at = 0; at < REPEATS; at += 1) {
    const before = process.threadCpuUsage();
    call();
    const { user, system } = process.threadCpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}
