import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Outcome, run } from "../e2e/support/process.ts";
import { program, PROJECT } from "../e2e/support/programs.ts";
import type { Answer, Case } from "./case.ts";

const POLICY = join(PROJECT, "policy");
const DRIVER = join(PROJECT, "test/rego/corpus.rego");

/** What Rego makes of a case, and which rules the lint tells people of. */
export interface RegoAnswer extends Answer {
  readonly reported: readonly { readonly msg: string; readonly code: string; readonly waiver?: number }[];
}

/** The part of conftest's JSON that is read. */
interface FileResult {
  readonly failures?: readonly { readonly msg: string; readonly metadata: { readonly answer: RegoAnswer } }[];
}

/** The corpus as files, as conftest reads them; made once for any number of runs. */
export interface CorpusFiles {
  /** The answers by the case's name, of the policy in the project or in another folder. */
  readonly answers: (policy?: string) => Promise<ReadonlyMap<string, RegoAnswer>>;
  readonly remove: () => Promise<void>;
}

/** Runs conftest in the project's folder. */
export function conftest(...args: readonly string[]): Promise<Outcome> {
  return run(program("conftest"), args, { cwd: PROJECT, timeoutMs: 120_000 });
}

/** Writes each case to a file of its own. */
export async function writeCorpus(cases: readonly Case[]): Promise<CorpusFiles> {
  const folder = await mkdtemp(join(tmpdir(), "mc-corpus-"));
  const inputs = join(folder, "inputs");
  const data = join(folder, "data.json");
  const fileOf = (name: string) => join(inputs, `${name}.yaml`);
  await mkdir(inputs);
  await Promise.all(cases.map(({ name, text }) => writeFile(fileOf(name), text)));
  const asked = cases.map(({ name, now, asked: all }) => [
    fileOf(name),
    { name, now: now.getTime(), asked: all },
  ]);
  await writeFile(data, JSON.stringify({ cases: Object.fromEntries(asked) as object }));
  return {
    answers: (policy = POLICY) => answersOf({ inputs, data, policy }),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** One run over every file. Throws where conftest could not run the policy at all. */
async function answersOf(where: {
  readonly inputs: string;
  readonly data: string;
  readonly policy: string;
}): Promise<ReadonlyMap<string, RegoAnswer>> {
  const policies = ["--policy", where.policy, "--policy", DRIVER, "--data", where.data];
  const how = ["--combine", "--namespace", "corpus", "--output", "json"];
  const { stdout, stderr } = await conftest("test", where.inputs, ...policies, ...how);
  if (!stdout.startsWith("[")) throw new Error(`conftest gave no answer: ${stderr.slice(0, 2000)}`);
  const failures = (JSON.parse(stdout) as FileResult[]).flatMap((result) => result.failures ?? []);
  return new Map(failures.map(({ msg, metadata }) => [msg, metadata.answer]));
}
