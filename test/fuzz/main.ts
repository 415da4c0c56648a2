import { readOptions, type Options } from "./options.ts";
import type { Outcome } from "./run-target.ts";
import { growthOf, MAX_RATIO } from "./scaling.ts";
import { type Order, Supervisor } from "./supervise.ts";
import { TARGETS } from "./targets.ts";

/**
 * `npm run fuzz`: throws hostile input at everything that reads what others wrote. Prints a line for each target, and
 * `N passed, N failed, N skipped` at the end; exits with 1 where anything failed, or nothing was run.
 */

const STUCK_MS = 30_000;

function chosen({ only }: Options): [string, URL][] {
  const unknown = only.find((name) => !Object.hasOwn(TARGETS, name));
  if (unknown !== undefined)
    throw new Error(`no target ${unknown}; there are ${Object.keys(TARGETS).join(", ")}`);
  return Object.entries(TARGETS).filter(([name]) => only.length === 0 || only.includes(name));
}

async function run(supervisor: Supervisor, order: Order): Promise<Outcome> {
  try {
    return await supervisor.run(order);
  } catch (error) {
    const message = error instanceof Error ? (error.stack ?? error.message) : "no Error";
    return {
      runs: 0,
      slowestMs: 0,
      failure: { message, seed: order.seed, path: "0", counterexample: "none" },
    };
  }
}

function isGood({ runs, failure }: Outcome): boolean {
  return failure === undefined && runs > 0;
}

function report(name: string, seconds: number, outcome: Outcome): void {
  const { runs, slowestMs, failure } = outcome;
  const figures = `${String(runs).padStart(8)} runs ${seconds.toFixed(1).padStart(6)} s  slowest ${slowestMs.toFixed(1)} ms`;
  process.stdout.write(`${isGood(outcome) ? "ok    " : "FAILED"} ${name.padEnd(20)} ${figures}\n`);
  if (failure === undefined) return;
  process.stdout.write(`  ${failure.message.replaceAll("\n", "\n  ")}\n  input: ${failure.counterexample}\n`);
  process.stdout.write(
    `  again: npm run fuzz -- --only ${name} --seed ${failure.seed} --path ${failure.path}\n`,
  );
}

/** A line for each reader: what four times its input costs. */
async function compareSizes(): Promise<boolean> {
  const { SCALINGS } = await import("./scalings.ts");
  let failed = 0;
  for (const scaling of SCALINGS) {
    const { ratio, ms } = growthOf(scaling);
    const isLinear = ratio <= MAX_RATIO;
    if (!isLinear) failed += 1;
    const figures = `${ratio.toFixed(1).padStart(5)} times for 4 times the input, ${ms.toFixed(0).padStart(5)} ms`;
    process.stdout.write(`${isLinear ? "ok    " : "FAILED"} ${figures}  ${scaling.name}\n`);
  }
  process.stdout.write(`\n${SCALINGS.length - failed} passed, ${failed} failed, 0 skipped\n`);
  return failed === 0 && SCALINGS.length > 0;
}

async function main(args: readonly string[]): Promise<boolean> {
  const options = readOptions(args);
  if (options.scaling) return compareSizes();
  const targets = chosen(options);
  process.stdout.write(`seed ${options.seed}, ${targets.length} targets, ${options.seconds} s\n`);
  const end = Date.now() + options.seconds * 1000;
  const supervisor = new Supervisor(STUCK_MS);
  const { seed, path } = options;
  let failed = 0;
  for (const [at, [name, module]] of targets.entries()) {
    const started = Date.now();
    const share = Math.max(500, (end - started) / (targets.length - at));
    const outcome = await run(supervisor, { module: module.href, seed, path, ms: share });
    report(name, (Date.now() - started) / 1000, outcome);
    if (!isGood(outcome)) failed += 1;
  }
  await supervisor.close();
  process.stdout.write(`\n${targets.length - failed} passed, ${failed} failed, 0 skipped\n`);
  return failed === 0 && targets.length > 0;
}

try {
  process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;
} catch (error) {
  process.stderr.write(`fuzz: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
