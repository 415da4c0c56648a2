import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import { MC_ENTRYPOINT } from "./argocd-gate-hook.ts";
import type { Cluster } from "./cluster.ts";
import { type Outcome, run } from "./process.ts";
import { kubectlProgram } from "./programs.ts";

/** The repository of the hook that is added. */
export const HOOK_REPO = "https://git.example.com/platform/mc-presync";

/** What the API server makes of a folder or file, none of which it keeps. */
export interface DryCreation {
  /** Objects that it would create, as kubectl names them, in their order. */
  readonly accepted: readonly string[];
  /** Why it would not create the others. */
  readonly refused: readonly string[];
}

/** Writes files below a folder. */
export async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
}

/** Runs `mc adopt argocd`. Throws where it ends neither with a verdict about Applications nor with a refusal to read. */
export async function adopt(...args: readonly string[]): Promise<Outcome> {
  const [program = "", ...entrypoint] = MC_ENTRYPOINT;
  const call = [...entrypoint, "adopt", "argocd", "--repo", HOOK_REPO, "--revision", "v1", ...args];
  const outcome = await run(program, call);
  if (![0, 10, 12].includes(outcome.code)) throw new Error(outcome.stderr);
  return outcome;
}

/** Has the API server check all objects under a path as if they were created, fields that it does not know included. */
export async function dryCreate(cluster: Cluster, path: string): Promise<DryCreation> {
  return creationOf(await cluster.kubectl([...DRY_CREATE, "--recursive", "-f", path]));
}

/** The same with what kustomize renders; undefined where it renders nothing. */
export async function dryCreateRendered(cluster: Cluster, folder: string): Promise<DryCreation | undefined> {
  const { code, stdout } = await run(kubectlProgram(), ["kustomize", folder]);
  if (code !== 0) return undefined;
  return creationOf(await cluster.kubectl([...DRY_CREATE, "-f", "-"], { stdin: stdout }));
}

/** Not `apply`: the API server names some objects itself. */
const DRY_CREATE = ["create", "--dry-run=server", "--validate=strict"];

function creationOf({ stdout, stderr }: Outcome): DryCreation {
  const lines = stdout.split("\n").filter((line) => line.includes(" created"));
  const accepted = lines.map((line) => line.replace(/ created.*/, "").replace(/(?<=-)[a-z0-9]{5}$/, "…"));
  return { accepted, refused: stderr.split("\n").filter((line) => line.trim() !== "") };
}
