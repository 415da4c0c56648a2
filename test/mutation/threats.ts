import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readFlags } from "../support/flags.ts";
import { fileOf } from "../threats/files.ts";
import { type Mutant, MUTANTS } from "../threats/mutants/index.ts";

/**
 * `npm run mutation:threats`: opens each known way past the gate in a copy of the project, and looks whether the test of
 * that number, alone, fails. Prints a line for each mutant, and `N passed, N failed, N skipped` at the end.
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
const FILES = ["package.json", "tsconfig.json", "vitest.config.ts", "Dockerfile", "README.md"];
const MOST_MS = 180_000;
const FLAGS = { only: { type: "string", default: Object.keys(MUTANTS).join(",") } } as const;
const HELP = `npm run mutation:threats -- [options]
  --only C26,E38    only these numbers
`;

/** What one mutant came to: `killed` by a failed assertion, `survived`, or `broken` where no test ran at all. */
type Outcome = "killed" | "survived" | "broken";

function copyOfProject(): string {
  const copy = mkdtempSync(join(tmpdir(), "mc-threats-"));
  for (const part of [...PARTS, ...FILES]) cpSync(join(PROJECT, part), join(copy, part), { recursive: true });
  symlinkSync(join(PROJECT, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** Runs the test of one number. Its last line says how many passed and failed. */
function runTest(copy: string, file: string): Outcome {
  const vitest = join(PROJECT, "node_modules/vitest/vitest.mjs");
  const args = [vitest, "run", "--configLoader", "native", "--project", "threats", file];
  const { status, stdout } = spawnSync(process.execPath, args, {
    cwd: copy,
    encoding: "utf8",
    timeout: MOST_MS,
  });
  const [, passed, failed] = /^(\d+) passed, (\d+) failed, /m.exec(stdout ?? "") ?? [];
  if (status === 0 && Number(passed) > 0) return "survived";
  return Number(passed) + Number(failed) > 1 || Number(failed) === 1 ? "killed" : "broken";
}

function tryMutant(copy: string, file: string, mutant: Mutant): Outcome {
  const path = join(copy, mutant.file);
  const text = readFileSync(path, "utf8");
  const parts = text.split(mutant.from);
  if (parts.length !== 2) return "broken";
  writeFileSync(path, parts.join(mutant.to));
  try {
    return runTest(copy, file);
  } finally {
    writeFileSync(path, text);
  }
}

/** Tries the mutants of these numbers, a line each. Returns how many of how many were killed. */
function tryAll(numbers: readonly string[]): { readonly killed: number; readonly tried: number } {
  const copy = copyOfProject();
  try {
    const tasks = numbers.flatMap((number) => MUTANTS[number]!.map((mutant) => ({ number, mutant })));
    const outcomes = tasks.map(({ number, mutant }) => {
      const outcome = tryMutant(copy, fileOf(number)!, mutant);
      process.stdout.write(
        `${number.padEnd(4)} ${outcome.padEnd(9)} ${mutant.file}: ${firstLine(mutant.from)}\n`,
      );
      return outcome;
    });
    return { killed: outcomes.filter((each) => each === "killed").length, tried: outcomes.length };
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

function main(args: readonly string[]): number {
  const numbers = readFlags(args, FLAGS, HELP).only.split(",");
  const unknown = numbers.filter((number) => MUTANTS[number] === undefined);
  if (unknown.length > 0) throw new Error(`no mutants of ${unknown.join(", ")}`);
  const { killed, tried } = tryAll(numbers);
  process.stdout.write(`\n${killed} passed, ${tried - killed} failed, 0 skipped\n`);
  return killed === 0 || tried > killed ? 1 : 0;
}

function firstLine(text: string): string {
  return text.trim().split("\n")[0]!.slice(0, 80);
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`mutation:threats: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
