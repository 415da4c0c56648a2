import type { Notice, Pipeline } from "./pipeline.ts";

/** What only several workflows of a repository show: where one runs in the merge queue, the others have to as well. */
export function noticesAcross(pipelines: readonly Pipeline[]): Notice[] {
  if (!pipelines.some(isQueued)) return [];
  return pipelines
    .filter((each) => each.triggers.includes("pull_request") && !isQueued(each))
    .map(({ file }) => ({
      level: "note",
      file,
      line: 1,
      column: 1,
      rule: "not-in-merge-queue",
      stage: undefined,
      message:
        "Other workflows run in the merge queue, this one does not: required checks of it would never end.",
    }));
}

/** The pipelines that no other one calls, and those that nothing but a call starts where no other does. */
export function topLevel(pipelines: readonly Pipeline[]): Pipeline[] {
  const called = new Set(
    pipelines.flatMap(({ file, stages }) =>
      stages.map((stage) => stage.file).filter((each) => each !== file),
    ),
  );
  return pipelines.filter((each) => !(isOnlyCalled(each) && called.has(each.file)));
}

function isQueued({ triggers }: Pipeline): boolean {
  return triggers.includes("merge_group");
}

function isOnlyCalled({ triggers }: Pipeline): boolean {
  return triggers.length > 0 && triggers.every((event) => event === "workflow_call");
}
