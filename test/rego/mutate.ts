import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { runOrThrow } from "../e2e/support/process.ts";
import { PROJECT } from "../e2e/support/programs.ts";
import type { Answer, Case } from "./case.ts";

/** One text of a file put in the place of another, and the cases that tell: by the beginning of their names. */
export interface Mutant {
  readonly what: string;
  readonly file: string;
  readonly from: string;
  readonly to: string;
  readonly caughtBy: string;
}

/** Runs `use` with a folder that holds copies of these parts of the project, and removes it. */
export async function inCopy<T>(parts: readonly string[], use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "mc-mutant-"));
  try {
    await Promise.all(parts.map((part) => cp(join(PROJECT, part), join(folder, part), { recursive: true })));
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Makes the mistake in a copy. Throws where its text does not stand there exactly once. */
export async function mutate(folder: string, { file, from, to }: Mutant): Promise<void> {
  const path = join(folder, file);
  const parts = (await readFile(path, "utf8")).split(from);
  if (parts.length !== 2) throw new Error(`"${from}" stands ${parts.length - 1} times in ${file}`);
  await writeFile(path, parts.join(to));
}

/** A mistake, if any, and the cases that are put to the TypeScript that has it. */
export interface Trial {
  readonly mutant?: Mutant;
  readonly cases: readonly Case[];
}

/** Answers, or why there are none. */
export type TrialAnswers = { readonly answers: readonly Answer[] } | { readonly failed: string };

const ANSWER = `
  import { readFileSync } from "node:fs";
  const answered = [];
  for (const { module, cases } of JSON.parse(readFileSync(0, "utf8"))) {
    try {
      const { answerOfTypeScript } = await import(module);
      answered.push({ answers: cases.map((each) => answerOfTypeScript({ ...each, now: new Date(each.now) })) });
    } catch (error) {
      answered.push({ failed: String(error) });
    }
  }
  process.stdout.write(JSON.stringify(answered));`;

/** What the TypeScript answers with each mistake: a copy for each, all in one process that is not this one. */
export function answersOfTrials(trials: readonly Trial[]): Promise<readonly TrialAnswers[]> {
  return inCopy(["package.json"], async (folder) => {
    await symlink(join(PROJECT, "node_modules"), join(folder, "node_modules"));
    const jobs = await Promise.all(trials.map((trial, index) => jobOf(join(folder, String(index)), trial)));
    const stdin = JSON.stringify(jobs);
    const args = ["--input-type=module", "--eval", ANSWER];
    return JSON.parse(
      await runOrThrow(process.execPath, args, { stdin, timeoutMs: 120_000 }),
    ) as TrialAnswers[];
  });
}

async function jobOf(folder: string, { mutant, cases }: Trial): Promise<object> {
  const parts = ["src/core", "src/documents", "src/waivers", "test/rego/typescript.ts"];
  await Promise.all(parts.map((part) => cp(join(PROJECT, part), join(folder, part), { recursive: true })));
  if (mutant !== undefined) await mutate(folder, mutant);
  return { module: join(folder, "test/rego/typescript.ts"), cases };
}
