import { parseWorkflow, type PlacedWorkflow } from "../../pipeline/index.ts";

/** How a caller names the version that it calls. */
export type RefKind = "commit" | "tag" | "branch";

/** A job that calls the reusable workflow. */
export interface Caller {
  /** The calling workflow's path. */
  readonly file: string;
  readonly job: string;
  readonly ref: string;
  readonly kind: RefKind;
}

/** What workflows of a repository call. */
export interface Callers {
  readonly callers: readonly Caller[];
  /** Files that cannot be read as workflows, so that it is unknown what they call. */
  readonly unread: readonly string[];
}

/** Jobs that call `reusable` (`owner/name/.github/workflows/file.yml`). A comment, a step and a copied file do not. */
export function callersIn(
  files: readonly { readonly path: string; readonly text: string }[],
  reusable: string,
): Callers {
  const callers: Caller[] = [];
  const unread: string[] = [];
  for (const { path, text } of files) {
    const read = parseWorkflow(text);
    if (read.ok) callers.push(...callersOf(path, read.value, reusable));
    else if (text.includes(fileOf(reusable))) unread.push(path);
  }
  return { callers, unread };
}

function callersOf(file: string, { workflow }: PlacedWorkflow, reusable: string): Caller[] {
  return Object.entries(workflow.jobs).flatMap(([job, { uses }]): Caller[] => {
    const ref = uses === undefined ? undefined : refOf(uses, reusable);
    return ref === undefined ? [] : [{ file, job, ref, kind: refKind(ref) }];
  });
}

/** The ref by which a reusable workflow is named; undefined for other workflows. GitHub folds the case of owner and name. */
export function refOf(uses: string, reusable: string): string | undefined {
  const at = uses.indexOf("@");
  const path = at < 0 ? uses : uses.slice(0, at);
  return at > 0 && path.toLowerCase() === reusable.toLowerCase() ? uses.slice(at + 1) : undefined;
}

/** A full commit id, a version, or else a branch. */
function refKind(ref: string): RefKind {
  if (/^[0-9a-f]{40}$/.test(ref)) return "commit";
  return /^(?:refs\/tags\/|v\d)/.test(ref) ? "tag" : "branch";
}

function fileOf(reusable: string): string {
  return reusable.slice(reusable.lastIndexOf("/") + 1);
}
