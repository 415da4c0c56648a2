import type { Candidate } from "../../argocd/index.ts";
import { type EditedManifests, editManifests, type ManifestEdit } from "../../documents/index.ts";
import { unifiedDiff } from "../unified-diff.ts";
import type { FileProblem, Inputs, ManifestPlace } from "./inputs.ts";

/** A manifest file with the hook in it. */
export interface FileEdit {
  readonly file: string;
  readonly before: string;
  readonly after: string;
  readonly diff: string;
  readonly subjects: readonly Candidate<ManifestPlace>[];
}

/** The files that change, and why others cannot be changed in place. */
export interface FileEdits {
  readonly edits: readonly FileEdit[];
  readonly problems: readonly FileProblem[];
}

/** Makes the changes of objects that are kept in files. Writes nothing. */
export function fileEdits(
  subjects: readonly Candidate<ManifestPlace>[],
  { texts }: Pick<Inputs, "texts">,
): FileEdits {
  const changing = subjects.filter(({ changes, isLive, place }) => changes.length > 0 && !isLive && place);
  const edits: FileEdit[] = [];
  const problems: FileProblem[] = [];
  for (const [file, own] of Map.groupBy(changing, ({ place }) => place!.file)) {
    const before = texts.get(file)!;
    const result = editManifests(before, own.flatMap(editsOf));
    if (result.ok) edits.push(fileEdit(file, before, own, result.value));
    else problems.push(...result.problems.map((problem) => ({ file, ...problem })));
  }
  return { edits, problems };
}

function editsOf({ changes, place }: Candidate<ManifestPlace>): ManifestEdit[] {
  const { document, path } = place!;
  return changes.map((change) => ({ document, edit: { ...change, path: [...path, ...change.path] } }));
}

function fileEdit(
  file: string,
  before: string,
  subjects: readonly Candidate<ManifestPlace>[],
  { text, splices }: EditedManifests,
): FileEdit {
  const left = [...splices];
  const labelled = subjects.map(({ kind, namespace, name, changes }) => ({
    label: `${kind} ${namespace}/${name}`,
    splices: left.splice(0, changes.length).flat(),
  }));
  return {
    file,
    before,
    after: text,
    diff: unifiedDiff(file, { before, after: text, edits: labelled }),
    subjects,
  };
}
