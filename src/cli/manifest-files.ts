import { type Dirent, readdirSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";

import { UsageError } from "../core/index.ts";

/** Without an ending, kustomize reads a file by that name. */
const MANIFEST = /\.(?:ya?ml|json)$|^Kustomization$/;
const OTHER = /\.(?:tf|tfvars|hcl|jsonnet|libsonnet|cue|tpl|tmpl)$/;
const MAX_FILES = 10_000;

/**
 * The manifest files under paths: files as they are, folders with all that lies below them, links to files included, as
 * kubectl reads them. Throws UsageError.
 */
export function manifestFiles(paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => (path !== "-" && statOf(path).isDirectory() ? below(path) : [path]));
  if (files.length > MAX_FILES)
    throw new UsageError(`more than ${MAX_FILES} files under ${paths.join(", ")}`);
  return files;
}

function statOf(path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw new UsageError(
      `cannot read ${path}: ${error instanceof Error ? error.message : "unknown failure"}`,
    );
  }
}

/** Files in folders among the paths that may name images and are not manifests: Terraform, Jsonnet, CUE, templates. */
export function otherFiles(paths: readonly string[]): string[] {
  return paths.flatMap((path) => (path !== "-" && statOf(path).isDirectory() ? below(path, OTHER) : []));
}

function below(folder: string, names = MANIFEST): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => names.test(entry.name) && isFile(entry))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

/** A link that leads nowhere is an error, since what it represented is not read. */
function isFile(entry: Dirent): boolean {
  return entry.isFile() || (entry.isSymbolicLink() && statOf(join(entry.parentPath, entry.name)).isFile());
}
