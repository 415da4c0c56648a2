import type { AppProject } from "./objects.ts";
import { allowsRepository } from "./repositories.ts";
import type { Subject } from "./subjects.ts";

/** Whether a project allows the repository of the hook. */
export interface ProjectNote {
  readonly name: string;
  /** `unknown`: its list is written in a way that is not read here. */
  readonly allows: "yes" | "no" | "unknown" | "not read";
}

/** The projects of everything that takes the hook by a source, or would; by name. A component's repository they do not ask about. */
export function projectNotes(
  subjects: readonly Subject<unknown>[],
  projects: readonly AppProject[],
  repository: string,
): ProjectNote[] {
  const names = new Set(subjects.filter(isBySource).flatMap((each) => each.projects));
  return [...names].toSorted().map((name) => {
    const lists = projects
      .filter(({ metadata }) => metadata.name === name)
      .map(({ spec }) => spec.sourceRepos ?? []);
    return { name, allows: answerOf(lists.map((list) => allowsRepository(list, repository))) };
  });
}

function isBySource({ by, change }: Subject<unknown>): boolean {
  if (change === undefined) return by === "source";
  return change.kind === "wrap" || (change.kind === "append" && typeof change.value !== "string");
}

/** Several of one name belong to several Argo CDs: all of them must allow it. */
function answerOf(answers: readonly (boolean | undefined)[]): ProjectNote["allows"] {
  if (answers.length === 0) return "not read";
  if (answers.includes(false)) return "no";
  return answers.includes(undefined) ? "unknown" : "yes";
}
