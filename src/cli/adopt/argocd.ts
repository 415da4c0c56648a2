import { type Hook, type Layer, type Candidate, survey, type Strategy } from "../../argocd/index.ts";
import { EXIT, type ExitCode, RetryLater, UsageError } from "../../core/index.ts";
import { editFile } from "../edit-file.ts";
import { type FileEdit, fileEdits } from "./file-edits.ts";
import { type ManifestPlace, readInputs } from "./inputs.ts";
import { clusterPatches, writePatches } from "./patches.ts";
import { type Adoption, printJson, printText } from "./report.ts";

export interface AdoptOptions {
  readonly filename: readonly string[];
  readonly repo: string;
  readonly revision: string;
  readonly hookPath: string;
  readonly componentPath: string;
  readonly way: Strategy;
  readonly layer: Layer;
  readonly movingRevisions: "refuse" | "judge";
  readonly cluster: readonly string[];
  readonly namespace: string;
  readonly exempt: readonly string[];
  readonly apply: boolean;
  /** Folder for patches of what was read from a cluster. */
  readonly out?: string;
  readonly output: "text" | "json";
}

/** `mc adopt argocd`: which Applications lack the hook, and the change of each. Asks no cluster and changes none. */
export async function adoptArgocd(options: AdoptOptions): Promise<ExitCode> {
  const { filename, way, layer, movingRevisions, cluster, namespace, exempt, apply, out, output } = options;
  if (filename.length === 0) throw new UsageError("name the input by -f");
  holdNames(exempt);
  const hook = hookOf(options);
  const inputs = readInputs(filename, hook.repo);
  const seen = survey(inputs.found, {
    hook,
    way,
    layer,
    movingRevisions,
    clusters: cluster,
    namespace,
    exempt,
  });
  const { edits, problems } = fileEdits(seen.subjects, inputs);
  const patches = clusterPatches(seen.subjects, out);
  if (apply) holdToFiles(edits);
  if (out !== undefined) writePatches(patches, out);
  if (apply) for (const edit of edits) await writeFile(edit);
  const told = {
    ...seen,
    layer,
    edits,
    patches,
    problems: [...inputs.problems, ...problems],
    written: apply,
    out,
  };
  if (output === "json") printJson(told);
  else printText(told);
  return isDone(told) ? EXIT.allowed : EXIT.refused;
}

/** Texts that go into manifests, kustomize addresses and templates of ApplicationSets as they are. */
function hookOf({ repo, revision, hookPath, componentPath }: AdoptOptions): Hook {
  const isAddress = repo.length <= 1000 && /^[^\s"'?#{}\\]+$/.test(repo) && /^[\x21-\x7e]+$/.test(repo);
  if (!isAddress) throw new UsageError(`--repo ${repo} is not the address of a repository`);
  if (!/^[A-Za-z0-9][A-Za-z0-9._/-]{0,254}$/.test(revision))
    throw new UsageError(`--revision ${revision} is not a branch, tag or commit`);
  for (const path of [hookPath, componentPath])
    if (!/^[A-Za-z0-9._-][A-Za-z0-9._/-]{0,999}$/.test(path) || path.split("/").includes(".."))
      throw new UsageError(`${path} is not a folder in a repository`);
  return { repo, path: hookPath, component: componentPath, revision };
}

function holdNames(names: readonly string[]): void {
  const bad = names.find((name) => !/^[a-z0-9.-]+\/[a-z0-9.-]+$/.test(name));
  if (bad !== undefined) throw new UsageError(`--exempt ${bad} is not NAMESPACE/NAME`);
}

function holdToFiles(edits: readonly FileEdit[]): void {
  if (edits.some(({ file }) => file === "-"))
    throw new UsageError("standard input has no file to write to; remove --apply, or name the file by -f");
}

/** What else was written meanwhile stays: the edit was made of the text that was read. */
async function writeFile({ file, before, after }: FileEdit): Promise<void> {
  const isWritten = await editFile(file, (now) => ({
    text: now === before ? after : undefined,
    result: now === before,
  }));
  if (!isWritten)
    throw new RetryLater(
      `${file} changed while it was being read, and was not written; run the command again`,
    );
}

/** Whether each has what the layer takes by now, and may take it. */
function isDone({ subjects, projects, problems, edits, written, layer }: Adoption): boolean {
  const repaired = new Set<Candidate<ManifestPlace>>(written ? edits.flatMap((each) => each.subjects) : []);
  const lacksHook = (each: Candidate<ManifestPlace>): boolean =>
    each.hook === "no" || each.hook === "unknown" || (each.hook === "cannot" && layer === "hook");
  const isLacking = (each: Candidate<ManifestPlace>): boolean =>
    each.operationGate === "refuses" || (layer !== "operation" && lacksHook(each) && !repaired.has(each));
  const isRefused = projects.some(({ allows, allowsJobs }) => allows === "no" || allowsJobs === "no");
  return problems.length === 0 && !subjects.some(isLacking) && !isRefused;
}
