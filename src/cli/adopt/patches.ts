import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { jsonPatchOf, type Candidate } from "../../argocd/index.ts";
import { UsageError } from "../../core/index.ts";
import type { ManifestPlace } from "./inputs.ts";

const RESOURCES = { Application: "applications.argoproj.io", ApplicationSet: "applicationsets.argoproj.io" };

/** A patch of an object in a cluster, and the command by which a person applies it. */
export interface ClusterPatch {
  readonly subject: Candidate<ManifestPlace>;
  readonly patch: string;
  readonly command: string;
}

/** The patches of what was read from a cluster; with a folder, the commands name the files there. */
export function clusterPatches(
  subjects: readonly Candidate<ManifestPlace>[],
  folder: string | undefined,
): ClusterPatch[] {
  return subjects.flatMap((subject) => {
    const { changes, isLive, place } = subject;
    if (changes.length === 0 || !isLive || place === undefined) return [];
    const patch = JSON.stringify(jsonPatchOf(changes, place.value));
    const what = folder === undefined ? ["-p", patch] : ["--patch-file", join(folder, fileOf(subject))];
    return [{ subject, patch, command: commandOf(subject, what) }];
  });
}

/** Writes each patch into a file of a new or empty folder, which only its owner may read. Throws UsageError. */
export function writePatches(patches: readonly ClusterPatch[], folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (readdirSync(folder).length > 0)
      throw new UsageError(`${folder} is not empty: it would mix patches of different runs`);
    for (const { subject, patch } of patches)
      writeFileSync(join(folder, fileOf(subject)), `${patch}\n`, { flag: "wx", mode: 0o600 });
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(
      `cannot write into ${folder}: ${error instanceof Error ? error.message : "unknown"}`,
    );
  }
}

/** Names of objects hold no slash, and no two of one kind are alike in a namespace. */
function fileOf({ kind, namespace, name }: Candidate<ManifestPlace>): string {
  return `${namespace}_${name}_${kind.toLowerCase()}.json`;
}

function commandOf({ kind, namespace, name }: Candidate<ManifestPlace>, what: readonly string[]): string {
  const words = ["kubectl", "-n", namespace, "patch", RESOURCES[kind], name, "--type", "json", ...what];
  return words.map(quoted).join(" ");
}

/** A word as a shell reads it. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
