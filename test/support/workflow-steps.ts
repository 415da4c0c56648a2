import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { parse } from "yaml";

/** A step of a job, as far as tests read it. */
export interface Step {
  readonly name?: string;
  readonly id?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly shell?: string;
  readonly if?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** A job, as far as tests read it. */
export interface Job {
  readonly name?: string;
  readonly if?: string;
  readonly needs?: readonly string[];
  readonly uses?: string;
  readonly permissions?: Readonly<Record<string, string>>;
  readonly steps?: readonly Step[];
  readonly "timeout-minutes"?: number;
}

/** A workflow, as far as tests read it. */
export interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

/** The folder of the workflows. */
export const WORKFLOWS = ".github/workflows";

/** Reads a workflow of this repository, by its file name. */
export function readWorkflow(file: string): Workflow {
  return parse(readFileSync(join(WORKFLOWS, file), "utf8")) as Workflow;
}

/** The script of a step, which has one. Throws where there is no such step: a test of it would test nothing. */
export function scriptOf(file: string, job: string, step: string): string {
  const run = readWorkflow(file).jobs[job]?.steps?.find(({ name }) => name === step)?.run;
  if (run === undefined) throw new Error(`${file} has no step "${step}" with a script in its job ${job}`);
  return run;
}

/** What a step came to. */
export interface StepOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What it wrote to GITHUB_OUTPUT, by name. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What it wrote to GITHUB_STEP_SUMMARY. */
  readonly summary: string;
}

/** Where a step runs, and with which variables, beside those of every step. */
export interface StepContext {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs a script as a runner does for `shell: bash`. */
export async function runStep(script: string, { cwd, env }: StepContext): Promise<StepOutcome> {
  const temp = mkdtempSync(join(tmpdir(), "mc-step-"));
  const files = { GITHUB_OUTPUT: join(temp, "output"), GITHUB_STEP_SUMMARY: join(temp, "summary") };
  const all = { PATH: process.env["PATH"], HOME: temp, RUNNER_TEMP: temp, ...files, ...env };
  try {
    const args = ["--noprofile", "--norc", "-eo", "pipefail", "-c", script];
    const ended = await new Promise<Pick<StepOutcome, "code" | "stdout" | "stderr">>((resolve) => {
      execFile("bash", args, { cwd, env: all, maxBuffer: 1 << 24 }, (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
      );
    });
    return {
      ...ended,
      outputs: outputsIn(textOf(files.GITHUB_OUTPUT)),
      summary: textOf(files.GITHUB_STEP_SUMMARY),
    };
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function outputsIn(text: string): Record<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
  );
}
