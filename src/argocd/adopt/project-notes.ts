import type { SurveyOptions } from "./identity.ts";
import type { AppProject } from "./objects.ts";
import { allowsRepository } from "./repositories.ts";
import type { Candidate } from "./subjects.ts";

type Answer = "yes" | "no" | "unknown" | "not read";

/** Whether a project lets the hook in. */
export interface ProjectNote {
  readonly name: string;
  /** The hook's repository, as a source; `unknown`: its list is written in a way that is not read here. */
  readonly allows: Answer;
  /** A Job in its namespaces. */
  readonly allowsJobs: Answer;
  /** Whether it wants each commit signed, those of the hook's repository included. */
  readonly wantsSignatures: boolean;
}

/**
 * The projects of everything that has the hook, or would, by name. A component's repository they do not ask about: such
 * ones are reported where Jobs are not allowed.
 */
export function projectNotes(
  subjects: readonly Candidate<unknown>[],
  projects: readonly AppProject[],
  { hook, layer }: Pick<SurveyOptions, "hook" | "layer">,
): ProjectNote[] {
  if (layer === "operation") return [];
  const bySource = new Set(subjects.filter(isBySource).flatMap((each) => each.projects));
  const byComponent = new Set(subjects.filter(isByComponent).flatMap((each) => each.projects));
  return [...new Set([...bySource, ...byComponent])].toSorted().flatMap((name) => {
    const specs = projects.filter(({ metadata }) => metadata.name === name).map(({ spec }) => spec);
    const note = {
      name,
      allows: answerOf(specs.map((spec) => allowsRepository(spec.sourceRepos ?? [], hook.repo))),
      allowsJobs: answerOf(specs.map(allowsJobs)),
      wantsSignatures: specs.some(
        (spec) => (spec.signatureKeys?.length ?? 0) > 0 || spec.sourceIntegrity != null,
      ),
    };
    if (bySource.has(name)) return [note];
    return note.allowsJobs === "no" ? [{ ...note, allows: "yes", wantsSignatures: false } as const] : [];
  });
}

function isBySource({ by, changes }: Candidate<unknown>): boolean {
  const [change] = changes;
  if (change === undefined) return by === "source";
  return change.kind === "wrap" || (change.kind === "append" && change.path.at(-1) === "sources");
}

function isByComponent(subject: Candidate<unknown>): boolean {
  return !isBySource(subject) && (subject.by === "component" || subject.changes.length > 0);
}

/** Source: argo-cd, AppProject.IsGroupKindPermitted: a list that is there and empty allows nothing. */
function allowsJobs({ namespaceResourceWhitelist, namespaceResourceBlacklist }: AppProject["spec"]): boolean {
  const isAllowed = namespaceResourceWhitelist?.some(isJob) ?? true;
  return isAllowed && !(namespaceResourceBlacklist?.some(isJob) ?? false);
}

function isJob({ group, kind }: { readonly group: string; readonly kind: string }): boolean {
  return ["*", "batch"].includes(group) && ["*", "Job"].includes(kind);
}

/** Several of one name belong to several Argo CDs: all of them must allow it. */
function answerOf(answers: readonly (boolean | undefined)[]): Answer {
  if (answers.length === 0) return "not read";
  if (answers.includes(false)) return "no";
  return answers.includes(undefined) ? "unknown" : "yes";
}
