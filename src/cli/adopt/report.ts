import type { Layer, ProjectNote, Candidate, Survey } from "../../argocd/index.ts";
import { printable } from "../../core/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { problemLine } from "../problems.ts";
import { print, say, table } from "../terminal.ts";
import type { FileEdit } from "./file-edits.ts";
import type { FileProblem, ManifestPlace } from "./inputs.ts";
import type { ClusterPatch } from "./patches.ts";

/** Version of the JSON answer; a change that readers must know of raises it. */
const JSON_VERSION = 2;

/** Everything that is reported. */
export interface Adoption extends Survey<ManifestPlace> {
  readonly edits: readonly FileEdit[];
  readonly patches: readonly ClusterPatch[];
  readonly problems: readonly FileProblem[];
  readonly layer: Layer;
  readonly written: boolean;
  /** Folder that holds the patches, where one does. */
  readonly out: string | undefined;
}

const LAST_SYNC = { ran: "ran", "did-not-run": "did not run", unknown: "-" };

export function printJson(adoption: Adoption): void {
  const { subjects, projects, edits, problems, written } = adoption;
  const patches = new Map(adoption.patches.map((each) => [each.subject, each]));
  const applications = subjects.map((subject) => {
    const { kind, namespace, name, place, isLive, hook, by, lastSync, operationGate, generated, notes } =
      subject;
    const { patch, command } = patches.get(subject) ?? {};
    return {
      kind,
      namespace,
      name,
      file: place?.file ?? null,
      line: place?.line ?? null,
      fromCluster: isLive,
      hook,
      by: by ?? null,
      lastSync,
      operationGate: operationGate ?? null,
      ...(generated !== undefined && { generated }),
      notes,
      ...(patch !== undefined && { patch, command }),
    };
  });
  const files = edits.map(({ file, diff }) => ({ file, diff, written }));
  print(jsonAnswer({ applications, files, projects, problems }, JSON_VERSION));
}

/** The answer for people: a table, what it does not say, and the changes; a summary on stderr. */
export function printText(adoption: Adoption): void {
  const { subjects, projects, edits, patches, problems, layer } = adoption;
  const heads = [
    "APPLICATION",
    "HOOK",
    "BY",
    "LAST SYNC",
    ...(layer === "hook" ? [] : ["OPERATION GATE"]),
    "FROM",
  ];
  print(
    table(
      heads,
      subjects.map((each) => row(each, layer)),
    ),
  );
  for (const line of [...untold(adoption), ...subjects.flatMap(notesOf)]) print(line);
  for (const { name, ...answers } of projects)
    for (const text of projectTexts(answers)) print(`AppProject ${printable(name, 120)}: ${text}`);
  for (const { diff } of edits) print(diff);
  for (const { command } of patches) print(command);
  for (const problem of problems) say(problemLine(problem));
  for (const line of summary(adoption)) say(line);
}

const PROJECT = {
  no: "its sourceRepos do not allow the hook's repository",
  unknown:
    "its sourceRepos contain patterns that are not evaluated here; check whether they allow the hook's repository",
  "not read": "not among what was read; its sourceRepos must allow the hook's repository",
};

const NO_JOBS =
  "it does not allow the hook's kind, batch/Job; if it allows Pods, the hook's chart creates one with kind: Pod";
const SIGNED =
  "it requires signed commits: each commit of the hook's repository must be signed by one of its keys";

function projectTexts({ allows, allowsJobs, wantsSignatures }: Omit<ProjectNote, "name">): string[] {
  return [
    ...(allows === "yes" ? [] : [PROJECT[allows]]),
    ...(allowsJobs === "no" ? [NO_JOBS] : []),
    ...(wantsSignatures ? [SIGNED] : []),
  ];
}

function row(subject: Candidate<ManifestPlace>, layer: Layer): string[] {
  const { kind, namespace, name, generated, hook, by, lastSync, operationGate } = subject;
  const set = kind === "ApplicationSet" ? ` (ApplicationSet, ${generated ?? 0} read)` : "";
  const gate = layer === "hook" ? [] : [operationGate ?? "-"];
  return [`${namespace}/${name}${set}`, hook, by ?? "-", LAST_SYNC[lastSync], ...gate, originOf(subject)];
}

/** One line for all of them: the table names each. */
function untold({ subjects, layer }: Adoption): string[] {
  const count = subjects.filter(({ hook, by }) => hook === "unknown" && by === undefined).length;
  if (count === 0 || layer === "operation") return [];
  return [
    `unknown: the Application does not say, and its chart or kustomization may contain the hook (${count}).`,
  ];
}

function originOf({ isLive, place }: Candidate<ManifestPlace>): string {
  if (place === undefined) return "-";
  return isLive ? "cluster" : `${place.file}:${place.line}`;
}

function notesOf({ namespace, name, notes }: Candidate<ManifestPlace>): string[] {
  return notes.map((note) => `${namespace}/${name}: ${note}.`);
}

function summary({ subjects, edits, patches, written, out }: Adoption): string[] {
  const count = (hook: Candidate<unknown>["hook"]): number =>
    subjects.filter((each) => each.hook === hook).length;
  const files = `${edits.length} file(s) ${written ? "written" : "would change; --apply writes them"}.`;
  const where = out === undefined ? "shown; --out FOLDER writes them" : `written into ${out}`;
  return [
    `${subjects.length} checked: ${count("yes")} with the hook, ${count("no")} without, ` +
      `${count("unknown")} undetermined, ${count("cannot")} in which it cannot run, ` +
      `${count("exempt")} exempt.`,
    ...(edits.length > 0 ? [files] : []),
    ...(patches.length > 0 ? [`${patches.length} patch(es) for the cluster ${where}.`] : []),
  ];
}
