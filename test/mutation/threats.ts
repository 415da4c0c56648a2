import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readFlags } from "../support/flags.ts";
import { fileOf } from "../threats/files.ts";
import { type Mutant, MUTANTS } from "../threats/mutants/index.ts";
import { commitOfProject, firstLine, type Outcome, threatReport, type Tried } from "./threat-report.ts";

/**
 * `npm run mutation:threats`: opens each known way past the gate in a copy of the project, and looks whether the test of
 * that number, alone, fails, once they all pass on the unchanged code. Prints a line for each mutant, and
 * `N passed, N failed, N skipped` at the end.
 */

const PROJECT = join(import.meta.dirname, "../..");
const PARTS = [
  "src",
  "test",
  "charts",
  "manifests",
  "policy",
  "schemas",
  "deploy",
  "docs",
  "scripts",
  "alerts",
];
const FILES = [
  "package.json",
  "tsconfig.json",
  "vitest.config.ts",
  "rolldown.config.ts",
  "Dockerfile",
  "README.md",
];
/** More than one test may take, so that a test that hangs is said to have failed. */
const MAX_MS = 300_000;
const FLAGS = {
  only: { type: "string", default: Object.keys(MUTANTS).join(",") },
  out: { type: "string" },
} as const;
const HELP = `npm run mutation:threats -- [options]
  --only C26,E38    only these numbers
  --out FILE        writes what came of it to a page, such as docs/mutation-threats.md
`;

function copyOfProject(): string {
  const copy = mkdtempSync(join(tmpdir(), "mc-threats-"));
  for (const part of [...PARTS, ...FILES]) cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
  symlinkSync(join(PROJECT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

interface Ended {
  readonly status: number | null;
  readonly passed: number;
  readonly failed: number;
  readonly output: string;
}

/** Runs tests in the copy. Their last line says how many passed and failed. */
function runTests(copy: string, files: readonly string[], timeout: number): Ended {
  const vitest = join(PROJECT, "node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", "--configLoader", "native", "--project", "fast", ...files];
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: copy, encoding: "utf8", timeout });
  const output = stdout ?? "";
  const [, passed, failed] = /^(\d+) passed, (\d+) failed, /m.exec(output) ?? [];
  return { status, passed: Number(passed ?? 0), failed: Number(failed ?? 0), output };
}

/** A test that fails anyway would kill every mutant. */
function holdUnchanged(copy: string, files: readonly string[]): void {
  const { status, failed, output } = runTests(copy, files, files.length * MAX_MS);
  if (status !== 0) throw new Error(`${failed} tests fail on the unchanged code:\n${output.slice(-4000)}`);
}

/** The outcome of the test of one number. */
function outcomeOf(copy: string, file: string): Outcome {
  const { status, passed, failed } = runTests(copy, [file], MAX_MS);
  if (status === 0 && passed > 0) return "survived";
  return passed + failed > 1 || failed === 1 ? "killed" : "broken";
}

function tryMutant(copy: string, file: string, mutant: Mutant): Outcome {
  const path = join(copy, mutant.file);
  const text = readFileSync(path, "utf8");
  const parts = text.split(mutant.from);
  if (parts.length !== 2) return "broken";
  writeFileSync(path, parts.join(mutant.to));
  try {
    return outcomeOf(copy, file);
  } finally {
    writeFileSync(path, text);
  }
}

/** Tries the mutants of these numbers, a line each. */
function tryAll(numbers: readonly string[]): Tried[] {
  const copy = copyOfProject();
  try {
    const tasks = numbers.flatMap((number) =>
      MUTANTS[number]!.map((mutant) => ({ number, test: fileOf(number)!, mutant })),
    );
    holdUnchanged(copy, [...new Set(tasks.map(({ test }) => test))]);
    return tasks.map((task) => {
      const { number, test, mutant } = task;
      const outcome = tryMutant(copy, test, mutant);
      process.stdout.write(
        `${number.padEnd(4)} ${outcome.padEnd(9)} ${mutant.file}: ${firstLine(mutant.from)}\n`,
      );
      return { ...task, outcome };
    });
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function main(args: readonly string[]): number {
  const { only, out } = readFlags(args, FLAGS, HELP);
  const numbers = only.split(",");
  const unknown = numbers.filter((number) => MUTANTS[number] === undefined);
  if (unknown.length > 0) throw new Error(`no mutants of ${unknown.join(", ")}`);
  const [commit, began] = [commitOfProject(), new Date()];
  const tried = tryAll(numbers);
  if (out !== undefined) writeFileSync(out, threatReport({ commit, tried, began, ended: new Date() }, out));
  const killed = tried.filter(({ outcome }) => outcome === "killed").length;
  process.stdout.write(`\n${killed} passed, ${tried.length - killed} failed, 0 skipped\n`);
  return killed === 0 || tried.length > killed ? 1 : 0;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`mutation:threats: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
