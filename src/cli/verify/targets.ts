import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import {
  imagePaths,
  type LocatedImage,
  podImages,
  type WorkloadPath,
  workloadPath,
} from "../../admission/index.ts";
import { Fault, type Subject } from "../../core/index.ts";
import { type Manifest, readManifests } from "../../documents/index.ts";
import { UsageError } from "../exit-codes.ts";
import { problemLine } from "../problems.ts";
import { readText } from "../terminal.ts";

const MANIFEST = /\.(?:ya?ml|json)$/;
const MOST_FILES = 10_000;

/** One image to judge, and where it was named. */
export interface Target extends Subject {
  readonly file?: string;
  /** Line on which it stands, from 1. */
  readonly line?: number;
  /** The namespace that its object names. */
  readonly namespace?: string;
}

const Kind = z.object({ apiVersion: z.string(), kind: z.string() });
const Namespaced = z.object({ metadata: z.object({ namespace: z.string().min(1) }) });
const List = z.object({ items: z.array(z.unknown()) });
const MOST_NESTED = 16;

/** The manifest files under paths: files as they are, folders with all that lies below them. Throws UsageError. */
export function manifestFiles(paths: readonly string[]): string[] {
  const files = paths.flatMap((path) => (path !== "-" && isFolder(path) ? below(path) : [path]));
  if (files.length > MOST_FILES)
    throw new UsageError(`more than ${MOST_FILES} files under ${paths.join(", ")}`);
  return files;
}

/** Every image in a manifest file. Throws UsageError where it cannot be read: half a file is no answer. */
export function targetsIn(file: string): Target[] {
  return imagesIn(file, readText(file)).map(({ image, place, line, namespace }) => ({
    image,
    place,
    file,
    line,
    ...(namespace !== undefined && { namespace }),
  }));
}

/** An image with what is needed to rewrite it. */
export interface ImageInFile extends Subject {
  readonly namespace: string | undefined;
  readonly line: number;
  /** Which document of the file, from 0. */
  readonly document: number;
  readonly path: readonly (string | number)[];
}

/** Every image of a manifest's text, with its path in its document. Throws UsageError. */
export function imagesIn(file: string, text: string): ImageInFile[] {
  return objectsIn(file, text).flatMap(({ object, manifest, prefix }) =>
    locatedIn(object, `${file}:${manifest.line}`).map(({ image, place, path }) => {
      const whole = [...prefix, ...path];
      const namespace = Namespaced.safeParse(object).data?.metadata.namespace;
      const line = manifest.lineAt(whole);
      return { image, place, namespace, line, document: manifest.index, path: whole };
    }),
  );
}

interface FoundObject {
  readonly object: unknown;
  readonly manifest: Manifest;
  readonly prefix: readonly (string | number)[];
}

/** Every object of a file; a List stands for its items, nested ones included. */
function objectsIn(file: string, text: string): FoundObject[] {
  const { documents, problems } = readManifests(text);
  if (problems.length > 0)
    throw new UsageError(problems.map((problem) => problemLine({ file, ...problem })).join("\n"));
  return documents.flatMap((manifest) => objectsUnder({ object: manifest.value, manifest, prefix: [] }));
}

function objectsUnder(found: FoundObject): FoundObject[] {
  const { object, manifest, prefix } = found;
  const { kind = "" } = Kind.safeParse(object).data ?? {};
  const items = kind.endsWith("List") ? List.safeParse(object).data?.items : undefined;
  if (items === undefined) return [found];
  // An alias may make a list its own item.
  if (prefix.length > MOST_NESTED) throw new UsageError(`line ${manifest.line}: lists in lists without end`);
  return items.flatMap((item, at) =>
    objectsUnder({ object: item, manifest, prefix: [...prefix, "items", at] }),
  );
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch (error) {
    throw new UsageError(
      `cannot read ${path}: ${error instanceof Error ? error.message : "unknown failure"}`,
    );
  }
}

function below(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && MANIFEST.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

function rowOf(object: unknown): WorkloadPath | undefined {
  const type = Kind.safeParse(object).data;
  if (type === undefined) return undefined;
  const group = type.apiVersion.includes("/") ? type.apiVersion.split("/")[0]! : "";
  return workloadPath({ group, kind: type.kind }, []);
}

/** The images of an object, as admission reads them. Throws UsageError where it would refuse to. */
function locatedIn(object: unknown, where: string): LocatedImage[] {
  const row = rowOf(object);
  if (row === undefined) return [];
  try {
    podImages(object, row);
    return imagePaths(object, row);
  } catch (error) {
    if (error instanceof Fault) throw new UsageError(`${where}: ${error.message}`);
    throw error;
  }
}
