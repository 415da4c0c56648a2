import { printable } from "../core/index.ts";
import type { PlainDocument } from "../documents/index.ts";
import { activityOf } from "./activity.ts";
import { copiesOf } from "./matrix.ts";
import { parseWorkflow } from "./parse-workflow.ts";
import type { Notice, ReadPipeline, RunsWhen, Stage } from "./pipeline.ts";
import { noticeOf } from "./read-build-pipeline.ts";
import { runsWhen } from "./run-condition.ts";
import { hasIdToken, type Workflow, type WorkflowJob } from "./workflow-document.ts";
import { callNotices, jobNotices, pathFilters } from "./workflow-notices.ts";
import { flattenSteps, isTrue } from "./workflow-steps.ts";

/** GitHub's issuer of workflow tokens. */
const ISSUER = "https://token.actions.githubusercontent.com";
/** Levels of workflows, the first included. Source: docs.github.com, "Reuse workflows", nesting. */
const MAX_LEVELS = 10;
const REMOTE_CALL = /^([\w.-]+\/[\w.-]+)\/([^@]+)@(.+)$/;

/** What reading a workflow takes from outside. */
export interface WorkflowSource {
  /**
   * The text of a file of a repository, by its path from the root; undefined where there is none. `repository` is undefined
   * for the one that the workflow is in.
   */
  readonly read: (path: string, repository?: string) => string | undefined;
  /** Whether the files of a repository are there to be read. */
  readonly isAvailable: (repository: string) => boolean;
  /** `owner/name`; undefined where it is not known. */
  readonly repository: string | undefined;
  /** The ref that is built, such as `refs/heads/main`; undefined where it is not known. */
  readonly ref: string | undefined;
  /** `https://github.com`, or another server. */
  readonly server: string;
  /** The repository's folder, put before its paths when they are shown; empty or ending in a slash. */
  readonly root: string;
}

/** A workflow that is read, and how it came to be called. */
interface Reading {
  readonly source: WorkflowSource;
  readonly document: PlainDocument;
  readonly workflow: Workflow;
  /** Where it is, for people. */
  readonly file: string;
  /** Its path in its repository. */
  readonly path: string;
  /** For a workflow of another repository. */
  readonly remote: { readonly repository: string; readonly ref: string } | undefined;
  /** Put before ids: the jobs that call it. */
  readonly prefix: string;
  /** Whether the calling job may have an OIDC token; undefined where there is no caller. */
  readonly callerGrants: boolean | undefined;
  /** Files on the way here, itself included. */
  readonly callers: readonly string[];
}

interface JobsRead {
  readonly stages: readonly Stage[];
  readonly notices: readonly Notice[];
}

/** Reads a workflow of GitHub Actions with everything that it calls. Does not throw. */
export function readWorkflow(file: string, text: string, source: WorkflowSource): ReadPipeline {
  const parsed = parseWorkflow(text);
  if (!parsed.ok) return { ok: false, notices: parsed.problems.map((each) => noticeOf(file, each)) };
  const { document, workflow } = parsed.value;
  const path = file.startsWith(source.root) ? file.slice(source.root.length) : file;
  const own = { source, document, workflow, file, path, remote: undefined };
  // Of a workflow that is only called, the caller is not known here; it is not said to lack anything.
  const callerGrants = Object.keys(workflow.on).every((event) => event === "workflow_call")
    ? true
    : undefined;
  const { stages, notices } = readJobs({ ...own, prefix: "", callerGrants, callers: [file] });
  const { name } = workflow;
  return {
    ok: true,
    pipeline: {
      name: name === undefined || name === null ? file : printable(String(name), 200),
      file,
      kind: "github-workflow",
      triggers: Object.keys(workflow.on),
      stages,
      notices: [...pathFilters(workflow, { file, document }), ...notices],
    },
  };
}

/**
 * The jobs of one workflow, each as its stages. What needs a job needs the stages that its call ends with, and the stages
 * that a call begins with need what the job needs.
 */
function readJobs(reading: Reading): JobsRead {
  const read = Object.entries(reading.workflow.jobs).map(([id, job]) => ({
    id,
    job,
    ...(job.uses === undefined
      ? readJob(id, job, reading)
      : readCall(id, job, { ...reading, uses: job.uses })),
  }));
  const ends = new Map(read.map(({ id, stages }) => [id, endsOf(stages)]));
  const stagesOf = (id: string): readonly string[] => ends.get(id) ?? [`${reading.prefix}${id}`];
  const stages = read.flatMap(({ job, stages: own }) => {
    const needs = job.needs ?? [];
    const runs = jobRuns(job);
    const before = needs.flatMap(stagesOf);
    const resolved = runs.kind === "anyway" ? { ...runs, judges: runs.judges.flatMap(stagesOf) } : runs;
    return own.map((stage) => joined(stage, { before, runs: resolved, isCall: job.uses !== undefined }));
  });
  return { stages, notices: read.flatMap(({ notices }) => notices) };
}

interface Caller {
  readonly before: readonly string[];
  readonly runs: RunsWhen;
  readonly isCall: boolean;
}

/** A stage with what its job needs, and when that runs. */
function joined(stage: Stage, { before, runs, isCall }: Caller): Stage {
  const isFirst = stage.needs.length === 0;
  const needs = isFirst ? before : stage.needs;
  if (runs.kind === "never") return { ...stage, needs, runs };
  if (!isCall || (isFirst && stage.runs.kind === "success")) return { ...stage, needs, runs };
  // What failed before a call that runs anyway stops none of its jobs; what failed in it does.
  const isInside = runs.kind === "anyway" && stage.runs.kind === "success";
  return { ...stage, needs, ...(isInside && { runs: { kind: "anyway", judges: stage.needs } }) };
}

/** The stages that no other of the same job needs. */
function endsOf(stages: readonly Stage[]): readonly string[] {
  const needed = new Set(stages.flatMap(({ needs }) => needs));
  return stages.map(({ id }) => id).filter((id) => !needed.has(id));
}

function jobRuns(job: WorkflowJob): RunsWhen {
  const texts = JSON.stringify([job.env, job.steps, job.uses === undefined ? undefined : job]);
  return runsWhen(conditionOf(job), { needs: job.needs ?? [], texts });
}

/** GitHub calls a job by its name, or its id where it has none; its values of a matrix follow in parentheses. */
function titleOf(id: string, { name }: WorkflowJob): string {
  return name === undefined || name === null ? id : printable(String(name), 200);
}

function conditionOf({ if: condition }: WorkflowJob): string | undefined {
  return condition === undefined || condition === null ? undefined : printable(String(condition), 300);
}

function readJob(id: string, job: WorkflowJob, reading: Reading): JobsRead {
  const { source, document, file, prefix, remote } = reading;
  const { steps, unread } = flattenSteps(job.steps ?? [], {
    read: (path) => source.read(path, remote?.repository),
  });
  const activity = activityOf(steps);
  const environment = typeof job.environment === "string" ? job.environment : job.environment?.name;
  const stage: Stage = {
    id: `${prefix}${id}`,
    title: titleOf(id, job),
    file,
    ...document.placeOf(["jobs", id]),
    needs: [],
    runs: { kind: "success" },
    condition: conditionOf(job),
    copies: copiesOf(job.strategy?.matrix),
    environment: environment === undefined ? undefined : printable(environment, 100),
    mayFail: isTrue(job["continue-on-error"]),
    activity,
    signer: activity.signsKeyless ? signerOf(reading) : undefined,
  };
  return { stages: [stage], notices: jobNotices(stage, { unread, hasIdToken: idTokenOf(job, reading) }) };
}

/** Without permissions of its own, a called workflow has its caller's, and any other no token; it never has more than its caller. */
function idTokenOf({ permissions }: WorkflowJob, { workflow, callerGrants }: Reading): boolean {
  const own = permissions ?? workflow.permissions ?? undefined;
  return own === undefined ? (callerGrants ?? false) : hasIdToken(own) && (callerGrants ?? true);
}

/** The certificate's SAN is the workflow that the job is written in, at its ref. Source: sigstore/fulcio docs/oid-info.md. */
function signerOf({ source, path, remote }: Reading): Stage["signer"] {
  const { repository, ref } = remote ?? source;
  if (repository === undefined || ref === undefined) return undefined;
  return { issuer: ISSUER, identity: `${source.server}/${repository}/${path}@${ref}` };
}

/** A job that calls a workflow, as that workflow's jobs. */
function readCall(id: string, job: WorkflowJob, caller: Reading & { readonly uses: string }): JobsRead {
  const { file, prefix, document, uses } = caller;
  const opaque: Stage = {
    id: `${prefix}${id}`,
    title: titleOf(id, job),
    file,
    ...document.placeOf(["jobs", id, "uses"]),
    needs: [],
    runs: { kind: "success" },
    condition: conditionOf(job),
    copies: copiesOf(job.strategy?.matrix),
    environment: undefined,
    mayFail: isTrue(job["continue-on-error"]),
    activity: activityOf([{ action: uses.split("@")[0]!, inputs: {}, command: "", mayFail: false }]),
    signer: undefined,
  };
  const notices = callNotices(opaque, job);
  const called = calledWorkflow(job, caller);
  if ("level" in called) {
    const { id: stage, line, column } = opaque;
    return { stages: [opaque], notices: [...notices, { ...called, file, stage, line, column }] };
  }
  const inner = readJobs({ ...called, prefix: `${prefix}${id} / ` });
  const stages = inner.stages.map((stage) => within(stage, opaque));
  return { stages: stages.length === 0 ? [opaque] : stages, notices: [...notices, ...inner.notices] };
}

/** A job of a call: the call's own matrix, condition and leave to fail are its, too. */
function within(stage: Stage, { title, condition, copies, mayFail }: Stage): Stage {
  const conditions = [condition, stage.condition].filter((each) => each !== undefined);
  return {
    ...stage,
    title: `${title} / ${stage.title}`,
    condition: conditions.length === 0 ? undefined : conditions.join(" && "),
    copies: copies === undefined || stage.copies === undefined ? undefined : copies * stage.copies,
    mayFail: mayFail || stage.mayFail,
  };
}

type Called = Omit<Reading, "prefix"> | Pick<Notice, "level" | "rule" | "message">;

/** The workflow that a job calls, or why it is not read. */
function calledWorkflow(job: WorkflowJob, caller: Reading & { readonly uses: string }): Called {
  const { source, uses, callers } = caller;
  const { remote, path, file } = addressOf(uses, caller);
  const circle = refusedCall(file, caller);
  if (circle !== undefined) return circle;
  if (remote !== undefined && !source.isAvailable(remote.repository)) {
    const message = `${uses} was not read, so what it checks and signs is not known; give --checkout ${remote.repository}=DIR.`;
    return { level: "unknown", rule: "call-not-read", message };
  }
  const text = source.read(path, remote?.repository);
  if (text === undefined)
    return { level: "wrong", rule: "call-not-found", message: `There is no ${file} to call.` };
  const parsed = parseWorkflow(text);
  if (!parsed.ok) {
    const { line, message } = parsed.problems[0]!;
    return { level: "wrong", rule: "not-a-workflow", message: `${file}:${line}: ${message}` };
  }
  const callerGrants = idTokenOf(job, caller);
  return { ...parsed.value, source, file, path, remote, callerGrants, callers: [...callers, file] };
}

/** What a call names: a path in the caller's repository, or one in another. */
function addressOf(
  uses: string,
  { source, remote: here }: Reading,
): Pick<Reading, "remote" | "path" | "file"> {
  const [, repository, remotePath = "", ref = ""] = REMOTE_CALL.exec(uses) ?? [];
  const remote = repository === undefined ? here : { repository, ref: qualified(ref) };
  const path = repository === undefined ? uses.replace(/^\.\//, "") : remotePath;
  return {
    remote,
    path,
    file: remote === undefined ? `${source.root}${path}` : `${remote.repository}/${path}`,
  };
}

function refusedCall(
  file: string,
  { uses, callers }: Reading & { readonly uses: string },
): Pick<Notice, "level" | "rule" | "message"> | undefined {
  if (callers.includes(file))
    return { level: "wrong", rule: "call-circle", message: `It calls ${uses}, which is on the way to it.` };
  if (callers.length < MAX_LEVELS) return undefined;
  const message = `Workflows are nested deeper than ${MAX_LEVELS}, which GitHub refuses.`;
  return { level: "wrong", rule: "call-too-deep", message };
}

/** A ref as certificates have it; a commit stays as it is, and a short name is most often a tag. */
function qualified(ref: string): string {
  if (ref.startsWith("refs/") || /^[0-9a-f]{40}$/.test(ref)) return ref;
  return /^v?\d/.test(ref) ? `refs/tags/${ref}` : `refs/heads/${ref}`;
}
