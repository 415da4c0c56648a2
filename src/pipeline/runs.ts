/** A workflow run, as far as its end is concerned. */
export interface WorkflowRun {
  readonly id: number;
  /** The workflow's name. */
  readonly name: string;
  /** Its page. */
  readonly url: string;
  /** `completed`, or how far it is. */
  readonly status: string;
  readonly conclusion: string | undefined;
  readonly commit: string;
  readonly createdAt: Date;
}

/** A job of a run. */
export interface RunJob {
  readonly name: string;
  /** Its page; GitHub gives none to some that never started. */
  readonly url: string | undefined;
  readonly status: string;
  readonly conclusion: string | undefined;
  readonly startedAt: Date | undefined;
  readonly steps: readonly {
    readonly name: string;
    readonly number: number;
    readonly conclusion: string | undefined;
  }[];
}

/** Where a run failed first. */
export interface RunFailure {
  readonly job: string;
  readonly conclusion: string;
  /** Absent where the job failed before its first step, or says nothing of its steps. */
  readonly step?: { readonly name: string; readonly number: number };
  /** The page that shows it; absent where there is none. */
  readonly url?: string;
}

/** Which run a signature came from. */
export interface RunAddress {
  /** `owner/name`. */
  readonly repository: string;
  readonly id: number;
  /** Absent for the last one. */
  readonly attempt?: number;
}

/** How a run ended, or that it has not. */
export type RunOutcome = "succeeded" | "failed" | "running";

const GOOD = new Set(["success", "skipped", "neutral"]);
/** Conclusions of jobs, the cause before what follows from it: a job that failed has others cancelled. */
const BAD = [["failure", "timed_out", "startup_failure"], ["action_required"], ["cancelled", "stale"]];
/** A run's page, or one below it, such as that of a job. */
const RUN_PATH =
  /^\/([^/]+\/[^/]+)\/actions\/runs\/([1-9][0-9]{0,14})(?:\/attempts\/([1-9][0-9]{0,8}))?(?:\/.*)?$/;

/** Whether a run ended well. A conclusion that is not known is a failure. */
export function outcomeOf({ status, conclusion }: Pick<WorkflowRun, "status" | "conclusion">): RunOutcome {
  if (status !== "completed") return "running";
  return conclusion !== undefined && GOOD.has(conclusion) ? "succeeded" : "failed";
}

/** Of all runs the one to show: of the newest commit one that failed, else one that runs, else the newest. */
export function runToShow<T extends WorkflowRun>(runs: readonly T[]): T | undefined {
  const sorted = runs.toSorted((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || b.id - a.id);
  const ofCommit = sorted.filter(({ commit }) => commit === sorted[0]?.commit);
  const first = (outcome: RunOutcome) => ofCommit.find((run) => outcomeOf(run) === outcome);
  return first("failed") ?? first("running") ?? ofCommit[0];
}

/** The job that failed first, and its first step that did; undefined where none has failed. */
export function firstFailure(jobs: readonly RunJob[]): RunFailure | undefined {
  const sorted = jobs.toSorted((a, b) => startOf(a) - startOf(b));
  for (const kind of BAD) {
    const job = sorted.find(({ conclusion }) => conclusion !== undefined && kind.includes(conclusion));
    if (job !== undefined) return failureOf(job, job.conclusion!);
  }
  return undefined;
}

function startOf({ startedAt }: RunJob): number {
  return startedAt?.getTime() ?? Number.MAX_SAFE_INTEGER;
}

function failureOf({ name, url, steps }: RunJob, conclusion: string): RunFailure {
  const step = steps
    .toSorted((a, b) => a.number - b.number)
    .find((each) => each.conclusion !== undefined && BAD.flat().includes(each.conclusion));
  return {
    job: name,
    conclusion,
    ...(step !== undefined && { step: { name: step.name, number: step.number } }),
    ...(url !== undefined && { url: step === undefined ? url : `${url}#step:${step.number}:1` }),
  };
}

/** The run of an address such as `https://github.com/acme/app/actions/runs/17/attempts/1`, on a server of GitHub's. */
export function runAddress(text: string, server: string): RunAddress | undefined {
  if (!URL.canParse(text) || !URL.canParse(server)) return undefined;
  const { origin, pathname } = new URL(text);
  const [, repository, id, attempt] = RUN_PATH.exec(pathname) ?? [];
  if (origin !== new URL(server).origin || repository === undefined) return undefined;
  return { repository, id: Number(id), ...(attempt !== undefined && { attempt: Number(attempt) }) };
}
