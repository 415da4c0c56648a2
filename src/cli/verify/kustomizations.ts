import { existsSync, statSync } from "node:fs";
import { basename, dirname, join, normalize } from "node:path";

import { z } from "zod";

import { UsageError } from "../../core/index.ts";
import { readManifests } from "../../documents/index.ts";
import { unusable } from "../problems.ts";
import { readText } from "../terminal.ts";

/** Names under which kustomize looks for its file. Source: kubernetes-sigs/kustomize, api/konfig, general.go. */
const NAMES: readonly string[] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
const MAX_FILES = 1000;

const Text = z
  .union([z.string(), z.number().transform(String)])
  .nullish()
  .transform((text) => text ?? undefined);
const Entry = z.object({ name: z.string(), newName: Text, newTag: Text, digest: Text });
const Paths = z.array(z.string()).nullish();
const Kustomization = z.object({
  images: z.array(Entry).nullish(),
  resources: Paths,
  bases: Paths,
  components: Paths,
});

/** An entry of `images` in a kustomization: what it puts in a name's place. */
export interface Replacement extends z.infer<typeof Entry> {
  readonly file: string;
  /** Line on which the entry is, from 1. */
  readonly line: number;
  /** Whether the kustomization reads a manifest, by itself or through another one. */
  readonly reads: (file: string) => boolean;
}

/** Whether a file is one that kustomize reads by its name. */
export function isKustomization(file: string): boolean {
  return NAMES.includes(basename(file));
}

/** The entries of all kustomizations among `files`, and next to one of them. Throws UsageError where one cannot be read. */
export function replacementsIn(files: readonly string[]): Replacement[] {
  const onDisk = files.filter((file) => file !== "-");
  const beside = onDisk.flatMap((file) => kustomizationOf(dirname(file)) ?? []);
  const all = new Set([...onDisk.filter(isKustomization), ...beside].map((file) => normalize(file)));
  return [...all].flatMap(entriesOf);
}

function kustomizationOf(folder: string): string | undefined {
  return NAMES.map((name) => join(folder, name)).find((file) => existsSync(file));
}

function entriesOf(file: string): Replacement[] {
  const read = new Set<string>();
  collectRead(file, read);
  const reads = (manifest: string): boolean => read.has(normalize(manifest));
  return readKustomizations(file).flatMap(({ images, lineAt }) =>
    (images ?? []).map((entry, at) => ({ ...entry, file, line: lineAt(["images", at]), reads })),
  );
}

/** Adds what a kustomization reads; addresses and folders without a kustomization are left out. */
function collectRead(file: string, read: Set<string>): void {
  if (read.has(file)) return;
  if (read.size > MAX_FILES)
    throw new UsageError(`${file}: more than ${MAX_FILES} files are read by one kustomization; name fewer`);
  read.add(file);
  for (const path of pathsIn(file).filter((each) => existsSync(each))) {
    const inner = statSync(path).isDirectory() ? kustomizationOf(path) : undefined;
    if (inner === undefined) read.add(path);
    else collectRead(normalize(inner), read);
  }
}

function pathsIn(file: string): string[] {
  const named = readKustomizations(file).flatMap(({ resources, bases, components }) => [
    ...(resources ?? []),
    ...(bases ?? []),
    ...(components ?? []),
  ]);
  return named.map((each) => join(dirname(file), each));
}

/** What it replaces is not known of one that cannot be read: an image that it names could be looked up by the wrong name. */
function readKustomizations(file: string) {
  const { documents, problems } = readManifests(readText(file));
  if (problems.length > 0) throw unusable(file, problems);
  return documents
    .filter(({ value }) => value !== null)
    .map(({ value, lineAt }) => {
      const { data, error } = Kustomization.safeParse(value);
      if (data !== undefined) return { ...data, lineAt };
      const path = error.issues[0]?.path.filter((part) => typeof part !== "symbol") ?? [];
      throw new UsageError(
        `${file}:${lineAt(path.slice(0, -1))}: a kustomization cannot be read at ${path.join(".") || "its top"}`,
      );
    });
}
