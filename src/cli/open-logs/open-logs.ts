import { setTimeout } from "node:timers/promises";

import { EXIT, type ExitCode, printable, UsageError } from "../../core/index.ts";
import { type GitHub, type GitHubJob, type GitHubRun, OutboundError } from "../../outbound/index.ts";
import {
  firstFailure,
  outcomeOf,
  type RunAddress,
  runAddress,
  type RunFailure,
  runToShow,
} from "../../pipeline/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { print, say } from "../terminal.ts";
import { withGitHub } from "../with-github.ts";
import { openBrowser } from "./browser.ts";
import { type ImageRunOptions, runOfImage } from "./image-run.ts";

const MAX_TEXT = 200;
const MAX_FAILURES = 5;
/** Characters of a commit that tell it from others. */
const COMMIT = 12;

/** What `mc open-logs` takes. */
export interface OpenLogsOptions extends ImageRunOptions {
  readonly repo?: string;
  readonly branch?: string;
  readonly pull?: number;
  readonly commit?: string;
  readonly run?: string;
  readonly image?: string;
  readonly server: string;
  readonly follow: boolean;
  /** Seconds. */
  readonly interval: number;
  readonly browser: boolean;
  readonly output: "text" | "json";
}

interface Shown {
  readonly run: GitHubRun;
  readonly jobs: readonly GitHubJob[];
  readonly failure: RunFailure | undefined;
}

/** `mc open-logs`: the run of a branch, a pull request, a commit or an image, and where it failed first. */
export async function openLogs(options: OpenLogsOptions): Promise<ExitCode> {
  const targets = (["branch", "pull", "commit", "run", "image"] as const).filter(
    (key) => options[key] !== undefined,
  );
  if (targets.length !== 1)
    throw new UsageError("give exactly one of --branch, --pull, --commit, --run and --image");
  const address = await addressOf(options);
  if (address === null) return EXIT.unknown;
  const repo = address?.repository ?? options.repo;
  if (repo === undefined || repo === "") throw new UsageError("give --repo, or set GITHUB_REPOSITORY");
  return withGitHub({ repo }, async ({ github }) => {
    const found = address ?? (await newestRun(github, options));
    if (found === undefined) {
      say(`GitHub has no run for it in ${repo}; it may not have started yet.`);
      return EXIT.unknown;
    }
    const shown = options.follow ? await follow(github, found, options.interval) : await look(github, found);
    return report(shown, options);
  });
}

/** The run that is named; undefined where GitHub is to be asked for it, and null where it cannot be found out. */
async function addressOf(options: OpenLogsOptions): Promise<RunAddress | undefined | null> {
  const { run, image, server } = options;
  if (run !== undefined) {
    const address = runAddress(run, server);
    if (address === undefined) throw new UsageError(`${run} is not the address of a run on ${server}`);
    return address;
  }
  if (image === undefined) return undefined;
  const found = await runOfImage(image, options);
  if (typeof found !== "string") return found;
  say(`Cannot tell which run signed ${image}: ${found}`);
  return null;
}

async function newestRun(
  github: GitHub,
  { branch, pull, commit }: OpenLogsOptions,
): Promise<Pick<RunAddress, "id" | "attempt"> | undefined> {
  const query = branch === undefined ? { commit: commit ?? (await github.pull(pull!)).head.sha } : { branch };
  return runToShow(await github.runs(query));
}

async function look(github: GitHub, { id, attempt }: Pick<RunAddress, "id" | "attempt">): Promise<Shown> {
  const [run, jobs] = await Promise.all([github.run(id, attempt), github.jobs(id, attempt)]);
  return { run, jobs, failure: firstFailure(jobs) };
}

/** Asks until the run has ended. An answer that may come later is waited for, five in a row at most. */
async function follow(
  github: GitHub,
  address: Pick<RunAddress, "id" | "attempt">,
  interval: number,
): Promise<Shown> {
  const told = new Map<string, string>();
  let failures = 0;
  for (;;) {
    try {
      const shown = await look(github, address);
      failures = 0;
      tell(shown.jobs, told);
      if (outcomeOf(shown.run) !== "running") return shown;
    } catch (error) {
      failures += 1;
      if (!(error instanceof OutboundError) || !error.retryable || failures === MAX_FAILURES) throw error;
      say(`${error.message}; asking again.`);
    }
    await setTimeout(interval * 1000);
  }
}

/** Says which jobs are further than they were. */
function tell(jobs: readonly GitHubJob[], told: Map<string, string>): void {
  for (const { name, status, conclusion = status } of jobs) {
    if (told.get(name) !== conclusion)
      say(`${printable(name, MAX_TEXT)}: ${printable(conclusion, MAX_TEXT)}`);
    told.set(name, conclusion);
  }
}

function report({ run, failure }: Shown, { output, browser }: OpenLogsOptions): ExitCode {
  const outcome = outcomeOf(run);
  const url = failure?.url ?? run.url;
  if (output === "json") print(jsonAnswer({ outcome, run, failure: failure ?? null, url }));
  else {
    say(
      `${printable(run.name, MAX_TEXT)} (run ${run.id}, commit ${printable(run.commit.slice(0, COMMIT), MAX_TEXT)}): ${WORDS[outcome]}`,
    );
    if (failure !== undefined) say(failureText(failure));
    print(printable(url, 2 * MAX_TEXT));
  }
  if (browser) openBrowser(url);
  if (outcome === "succeeded") return EXIT.allowed;
  return outcome === "failed" || failure !== undefined ? EXIT.refused : EXIT.unknown;
}

const WORDS = { succeeded: "succeeded", failed: "failed", running: "has not ended" } as const;

function failureText({ job, conclusion, step }: RunFailure): string {
  const where = step === undefined ? "" : `, step ${step.number} (${printable(step.name, MAX_TEXT)})`;
  return `  job ${printable(job, MAX_TEXT)}${where}: ${conclusion}`;
}
