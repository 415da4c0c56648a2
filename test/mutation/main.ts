import { declarationsOf, filesOf, sampleOf } from "./declarations.ts";
import { type Options, readOptions } from "./options.ts";
import { type Line, readLines, resultsFile } from "./results.ts";
import { runStryker } from "./run-stryker.ts";
import { scoreOf, survivorsOf } from "./score.ts";

/**
 * `npm run mutation`: changes the code that decides, one place at a time, and looks whether a unit test notices. Prints the
 * score of each folder and every mutation that no test noticed. What was tried is kept, so that a run that is ended goes on.
 */

const SURVIVED: readonly string[] = ["Survived", "NoCoverage"];

/** What is to be mutated that was not yet, as Stryker's ranges. */
function rangesOf(folder: string, known: readonly Line[], { sample, seed, again }: Options): string[] {
  const all = sample === undefined ? undefined : sampleOf(declarationsOf(folder), sample, seed);
  const wanted = all?.map(({ file, from, to }) => `${file}:${from}-${to}`) ?? filesOf(folder);
  const left = known.filter(({ status = "" }) => status === "" || (again && SURVIVED.includes(status)));
  const planned = new Set(known.map(({ file }) => file));
  const fresh = wanted.filter((each) => !planned.has(each.split(":")[0]!));
  return [...fresh, ...new Set(left.map(({ file, range }) => `${file}:${range}`))];
}

async function run(folder: string, until: number, options: Options): Promise<boolean> {
  const lines = resultsFile(options.results, folder);
  const mutate = rangesOf(folder, readLines(lines), options);
  if (mutate.length === 0) return true;
  if (Date.now() >= until) return false;
  process.stdout.write(`${folder}: ${mutate.length} places or files\n`);
  return await runStryker({ mutate, static: options.static, lines, until });
}

function report(folder: string, results: string): void {
  const tried = readLines(resultsFile(results, folder));
  process.stdout.write(`\n== ${folder}\n${survivorsOf(tried).join("")}`);
  process.stdout.write(`${folder.padEnd(12)} ${scoreOf(tried)}\n`);
}

async function main(args: readonly string[]): Promise<void> {
  const options = readOptions(args);
  const until = options.minutes === undefined ? Infinity : Date.now() + options.minutes * 60_000;
  let whole = true;
  for (const folder of options.folders) whole = (await run(folder, until, options)) && whole;
  for (const folder of options.folders) report(folder, options.results);
  if (!whole) process.stdout.write("\nnot everything was tried: run the same command again to go on\n");
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`mutation: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
