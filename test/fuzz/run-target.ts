import * as fc from "fast-check";

import type { AnyTarget } from "./target.ts";

const MAX_SHOWN = 2000;
/** Inputs of one seed; the next ones are of the next seed. All of a seed are made, also when the time is over. */
const RUNS_OF_SEED = 100;
const SHRINK_MS = 15_000;

/** What is run, for how long. */
export interface Plan {
  readonly seed: number;
  /** Where a run of before failed, as it was printed; then nothing else is run. */
  readonly path?: string | undefined;
  readonly ms: number;
  /** Called before each input, with its seed and its number among those of the seed. */
  readonly onRun?: (seed: number, at: number) => void;
}

/** How a target did. */
export interface Outcome {
  readonly runs: number;
  readonly slowestMs: number;
  readonly failure?: Failure;
}

/** What went wrong, and how to see it again. */
export interface Failure {
  readonly message: string;
  readonly seed: number;
  readonly path: string;
  readonly counterexample: string;
}

interface Figures {
  runs: number;
  slowestMs: number;
}

/** Feeds a target for as long as the plan says, the same inputs for the same seed, until something is wrong. */
export async function runTarget(target: AnyTarget, plan: Plan): Promise<Outcome> {
  const figures: Figures = { runs: 0, slowestMs: 0 };
  const end = Date.now() + plan.ms;
  for (let seed = plan.seed; ; seed = (seed + 1) | 0) {
    const found = await fc.check(propertyOf(target, { ...plan, seed }, { figures, end }), {
      seed,
      numRuns: RUNS_OF_SEED,
      ...(plan.path !== undefined && { path: plan.path }),
    });
    if (found.failed) return { ...figures, failure: failureOf(found) };
    if (Date.now() >= end || plan.path !== undefined) return figures;
  }
}

/** Once the time is over each input is as good as none, so that the rest of them and a long shrinking end soon. */
function propertyOf(
  { inputs, examine }: AnyTarget,
  { seed, onRun }: Plan,
  { figures, end }: { readonly figures: Figures; readonly end: number },
): fc.IAsyncProperty<[unknown]> {
  let [at, last] = [0, end];
  return fc.asyncProperty(inputs, async (input) => {
    if (figures.runs > 0 && Date.now() >= last) return;
    onRun?.(seed, at);
    at += 1;
    figures.runs += 1;
    try {
      figures.slowestMs = Math.max(figures.slowestMs, await examine(input));
    } catch (error) {
      if (last === end) last = Date.now() + SHRINK_MS;
      throw error;
    }
  });
}

function failureOf({
  seed,
  counterexample,
  counterexamplePath,
  errorInstance,
}: fc.RunDetails<[unknown]>): Failure {
  const message =
    errorInstance instanceof Error ? (errorInstance.stack ?? errorInstance.message) : "no Error";
  const shown = fc.stringify(counterexample?.[0]);
  return {
    message: message.split("\n").slice(0, 6).join("\n"),
    seed,
    path: counterexamplePath ?? "",
    counterexample:
      shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}… (${shown.length} characters)` : shown,
  };
}
