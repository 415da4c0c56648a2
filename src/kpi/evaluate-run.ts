import { type CalledWorkflow, refOf } from "../fleet/index.ts";
import { type Evaluation, type GateOutcome, type Profile, PROFILES, type Rule, RULES } from "./facts.ts";

/** A run of the reusable workflow, at one attempt. */
export interface RunFact {
  readonly id: number;
  readonly attempt: number;
  /** Path of the workflow that ran; `owner/name/path@ref` where a ruleset brought it. */
  readonly path: string;
  readonly event: string;
  readonly branch: string;
  readonly sha: string;
  /** Where the branch is: a fork, or the repository itself. */
  readonly from: number;
  readonly isCompleted: boolean;
  /** In ms. */
  readonly updatedAt: number;
  readonly called: readonly CalledWorkflow[];
}

/** A job of a run. */
export interface JobFact {
  readonly id: number;
  readonly name: string;
  /** Absent while it runs. */
  readonly conclusion?: string | undefined;
  /** In ms. */
  readonly startedAt?: number | undefined;
  readonly completedAt?: number | undefined;
}

/** Jobs of one call of the reusable workflow. */
interface Group {
  /** `mc / ` for the calling job `mc`. */
  readonly prefix: string;
  readonly gate: JobFact;
  readonly jobs: readonly JobFact[];
}

/** Reads the notes of a failed job; undefined where they cannot be read. */
export type NotesOf = (job: JobFact) => Promise<readonly Note[] | undefined>;

/** An annotation of a job. */
export interface Note {
  readonly title: string;
  readonly message: string;
}

/** Title of the annotation in which a scan names the rules that are broken. */
const RULES_NOTE = "MC rules";
/** Failed scans of one run whose notes are read; a run has at most 200. */
const MAX_NOTED = 20;
const BAD: ReadonlySet<string | undefined> = new Set(["failure", "timed_out", "startup_failure"]);
const STOPPED: ReadonlySet<string | undefined> = new Set(["cancelled", "skipped", "stale"]);

/** Whether a run called the reusable workflow, or is it by a ruleset. */
export function isOfWorkflow({ path, called }: Pick<RunFact, "path" | "called">, reusable: string): boolean {
  return (
    refOf(path, reusable) !== undefined || called.some((each) => refOf(each.path, reusable) !== undefined)
  );
}

/** The answers of the gates in a run: one for each call of the reusable workflow. */
export async function evaluateRun(
  {
    run,
    jobs,
    repository,
    reusable,
  }: { run: RunFact; jobs: readonly JobFact[]; repository: number; reusable: string },
  notesOf: NotesOf,
): Promise<Evaluation[]> {
  const version = run.called.find(({ path }) => refOf(path, reusable) !== undefined)?.sha;
  const common = { repository, run: run.id, attempt: run.attempt, sha: run.sha, version };
  const groups = groupsOf(jobs);
  if (groups.length === 0)
    return [{ ...common, job: "", at: run.updatedAt, profile: "unknown", outcome: "unknown", rules: [] }];
  const evaluations: Evaluation[] = [];
  for (const group of groups) {
    const outcome = outcomeOf(group);
    const rules = outcome === "failed" ? await rulesOf(group, notesOf) : [];
    evaluations.push({
      ...common,
      job: group.gate.name,
      at: group.gate.completedAt ?? run.updatedAt,
      thread: threadOf(run, group, repository),
      profile: profileOf(group),
      outcome,
      rules,
      seconds: secondsOf(group),
    });
  }
  return evaluations;
}

/** A gate is the job of that name next to a job `mode`, so that another workflow's `gate` is not taken for it. */
function groupsOf(jobs: readonly JobFact[]): Group[] {
  return jobs.flatMap((gate): Group[] => {
    const prefix = /^(.* \/ |)gate$/.exec(gate.name)?.[1];
    if (prefix === undefined) return [];
    const own = jobs.filter(
      ({ name }) => name.startsWith(prefix) && !name.slice(prefix.length).includes(" / "),
    );
    const hasMode = own.some(({ name }) => MODE.test(name.slice(prefix.length)));
    return hasMode ? [{ prefix, gate, jobs: own }] : [];
  });
}

const MODE = /^mode(?: \((\w*)\))?$/;

function profileOf({ prefix, jobs }: Group): Profile {
  const said = jobs
    .map(({ name }) => MODE.exec(name.slice(prefix.length))?.[1])
    .find((each) => each !== undefined);
  return PROFILES.find((each) => each === said) ?? "unknown";
}

/** A gate fails as well where a newer push cancelled its jobs: that does not answer anything about the change. */
function outcomeOf({ gate, jobs }: Group): GateOutcome {
  const { conclusion } = gate;
  const others = jobs.filter((job) => job !== gate).map((job) => job.conclusion);
  if (conclusion === "success") return "passed";
  if (STOPPED.has(conclusion)) return "cancelled";
  if (!BAD.has(conclusion)) return "unknown";
  return others.includes("cancelled") && !others.some((each) => BAD.has(each)) ? "cancelled" : "failed";
}

async function rulesOf({ prefix, gate, jobs }: Group, notesOf: NotesOf): Promise<Rule[]> {
  const failed = jobs.filter((job) => job !== gate && BAD.has(job.conclusion));
  const rules = new Set<Rule>();
  const scans = failed.filter(({ name }) => name.slice(prefix.length).startsWith("scan"));
  for (const { name } of failed) {
    const job = `job/${/^\w+/.exec(name.slice(prefix.length))?.[0]}`;
    const rule = RULES.find((each) => each === job && each !== "job/scan");
    if (rule !== undefined) rules.add(rule);
  }
  for (const scan of scans.slice(0, MAX_NOTED))
    for (const rule of noted(await notesOf(scan))) rules.add(rule);
  if (scans.length > MAX_NOTED) rules.add("unread");
  return rules.size === 0 ? ["other"] : RULES.filter((each) => rules.has(each));
}

/** A scan that broke no rule failed by itself. */
function noted(notes: readonly Note[] | undefined): Rule[] {
  if (notes === undefined) return ["unread"];
  const said = notes
    .filter(({ title }) => title === RULES_NOTE)
    .flatMap(({ message }) => message.split(","))
    .map((each) => each.trim())
    .filter((each) => each !== "");
  return said.length === 0
    ? ["job/scan"]
    : said.map((code) => RULES.find((each) => each === code) ?? "other");
}

/**
 * Answers of the same workflow, event and gate about the same branch. A merge queue tries each change on a separate branch,
 * which no later answer is about.
 */
function threadOf(
  { path, event, branch, from }: RunFact,
  { gate }: Group,
  repository: number,
): string | undefined {
  if (event === "merge_group") return undefined;
  return JSON.stringify([repository, event, from, branch, path, gate.name]);
}

function secondsOf({ jobs }: Group): number | undefined {
  const ran = jobs.filter(({ conclusion }) => conclusion !== "skipped");
  const starts = ran.flatMap(({ startedAt }) => startedAt ?? []);
  const ends = ran.flatMap(({ completedAt }) => completedAt ?? []);
  if (starts.length === 0 || ends.length === 0) return undefined;
  const ms = Math.max(...ends) - Math.min(...starts);
  return ms < 0 ? undefined : ms / 1000;
}
