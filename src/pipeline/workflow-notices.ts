import type { PlainDocument } from "../documents/index.ts";
import { MAX_COPIES } from "./matrix.ts";
import type { Notice, Stage } from "./pipeline.ts";
import { hasPathFilter, type Workflow, type WorkflowJob } from "./workflow-document.ts";
import type { StepsRead } from "./workflow-steps.ts";

interface JobFacts {
  readonly unread: StepsRead["unread"];
  readonly hasIdToken: boolean;
}

/** What is to be said about one job. */
export function jobNotices(stage: Stage, { unread, hasIdToken }: JobFacts): Notice[] {
  const notices = unread.map(({ action, why }) =>
    about(stage, "unknown", "action-not-read", `The action ${action} was not read: ${why}.`),
  );
  if (stage.activity.signsKeyless && !hasIdToken) {
    const message = "It signs without a key but has no OIDC token; add permissions: id-token: write.";
    notices.push(about(stage, "wrong", "no-id-token", message));
  }
  return [...notices, ...matrixNotices(stage)];
}

/** What is to be said about a job that calls a workflow. */
export function callNotices(stage: Stage, { environment }: WorkflowJob): Notice[] {
  if (environment === undefined || environment === null) return matrixNotices(stage);
  const message = "A job that calls a workflow cannot have an environment; GitHub refuses the file.";
  return [about(stage, "wrong", "environment-on-call", message), ...matrixNotices(stage)];
}

function matrixNotices(stage: Stage): Notice[] {
  const { copies } = stage;
  if (copies === undefined || copies <= MAX_COPIES) return [];
  const message = `Its matrix makes ${copies} jobs; GitHub runs at most ${MAX_COPIES}.`;
  return [about(stage, "wrong", "matrix-too-large", message)];
}

/** A required check of a workflow that a filter of paths skips stays pending. */
export function pathFilters(
  { on }: Workflow,
  { file, document }: { readonly file: string; readonly document: PlainDocument },
): Notice[] {
  return ["pull_request", "pull_request_target", "merge_group"]
    .filter((event) => hasPathFilter(on[event]))
    .map((event) => ({
      level: "note",
      file,
      ...document.placeOf(["on", event]),
      rule: "path-filter",
      stage: undefined,
      message: `${event} has a path filter: a required check of this workflow stays pending where it is skipped.`,
    }));
}

function about(
  { id, file, line, column }: Stage,
  level: Notice["level"],
  rule: string,
  message: string,
): Notice {
  return { level, file, line, column, rule, stage: id, message };
}
