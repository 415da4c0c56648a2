import { existsSync, statSync } from "node:fs";
import { join } from "node:path";

import { type Found, readArgoObject, readKustomization, speaksOfSources } from "../../argocd/index.ts";
import { Fault, printable, type Problem, readJson, UsageError } from "../../core/index.ts";
import { readManifests } from "../../documents/index.ts";
import { type FoundObjects, objectsIn } from "../../workloads/index.ts";
import { manifestFiles } from "../manifest-files.ts";
import { readText } from "../terminal.ts";
import { isKustomization, type PlacedKustomization, withPatches } from "./patched-by.ts";

const MAX_BYTES = 256 * 1024 * 1024;
const MAX_OBJECTS = 20_000;

export interface ManifestPlace {
  readonly file: string;
  /** Line on which its document begins, from 1. */
  readonly line: number;
  /** Which document of the file, from 0. */
  readonly document: number;
  /** From the top of the document to the object. */
  readonly path: readonly (string | number)[];
  /** As it is written. */
  readonly value: unknown;
}

export type FileProblem = Problem & { readonly file: string };

/** What was read, and what could not be. */
export interface Inputs {
  readonly found: readonly Found<ManifestPlace>[];
  readonly problems: readonly FileProblem[];
  /** The text of each file in which something was found. */
  readonly texts: ReadonlyMap<string, string>;
}

/**
 * The objects of Argo CD in files and folders. What cannot be read is reported, and the rest is read: charts are next
 * to manifests. Throws UsageError where there is no Application at all, or more than is read.
 */
export function readInputs(paths: readonly string[], repo: string): Inputs {
  const found: Found<ManifestPlace>[] = [];
  const problems: FileProblem[] = [];
  const texts = new Map<string, string>();
  const kustomizations: PlacedKustomization[] = [];
  const speaking = new Map<string, boolean>();
  let left = MAX_BYTES;
  for (const file of new Set(manifestFiles(paths))) {
    left -= sizeOf(file);
    if (left < 0) throw new UsageError(`more than ${MAX_BYTES} bytes in ${paths.join(", ")}`);
    const text = readText(file);
    speaking.set(file, speaksOfSources(text));
    if (isKustomization(file))
      kustomizations.push(
        ...documentsIn(text).documents.map(({ value }) => ({ file, ...readKustomization(value) })),
      );
    const read = text.includes("argoproj.io/") ? objectsOfFile(file, text, repo) : undefined;
    if (read === undefined) continue;
    found.push(...read.found);
    problems.push(...read.problems);
    if (read.found.length > 0) texts.set(file, text);
    if (found.length > MAX_OBJECTS) throw new UsageError(`more than ${MAX_OBJECTS} objects of Argo CD`);
  }
  if (!found.some(({ object }) => object.kind !== "AppProject") && problems.length === 0)
    throw new UsageError(`there is no Application in ${paths.join(", ")}`);
  const speaks = (file: string): boolean | undefined => speaking.get(file);
  return { found: withPatches(found, { kustomizations, speaks }), problems, texts };
}

/** A template makes objects by text: what it says of the hook's repository is all that is known of it. */
function objectsOfFile(file: string, text: string, repo: string): Pick<Inputs, "found" | "problems"> {
  if (!isChartTemplate(file)) {
    const read = argoObjectsIn(file, text);
    const isTemplate = text.includes("{{") && read.problems.some(({ rule }) => rule !== "unreadable");
    if (!isTemplate) return read;
  }
  const isMatter = /^[ \t-]*kind: *["']?Application(?:Set)?\b/m.test(text) && !text.includes(repo);
  return { found: [], problems: isMatter ? [{ file, ...TEMPLATE }] : [] };
}

const TEMPLATE = {
  line: 1,
  column: 1,
  path: "",
  rule: "template",
  message: "It is a template, as of Helm, that creates Applications: add the hook by hand.",
};

/** Helm renders what lies under the folder `templates` of a chart. */
function isChartTemplate(file: string): boolean {
  const at = file.split("/").lastIndexOf("templates");
  return at >= 0 && existsSync(join(file.split("/").slice(0, at).join("/") || ".", "Chart.yaml"));
}

/** Standard input has no size before it was read. */
function sizeOf(file: string): number {
  return file === "-" ? 0 : (statSync(file, { throwIfNoEntry: false })?.size ?? 0);
}

function argoObjectsIn(file: string, text: string): Pick<Inputs, "found" | "problems"> {
  const { documents, problems } = documentsIn(text);
  const found: Found<ManifestPlace>[] = [];
  const bad: FileProblem[] = problems.map((problem) => ({ file, ...problem }));
  for (const place of documents.flatMap((document) => objectsOf(file, document))) {
    const read = readArgoObject(place.value);
    if (read?.ok) found.push({ object: read.object, place });
    else if (read !== undefined) bad.push(unreadable(place, read));
  }
  return { found, problems: bad };
}

interface Document {
  readonly value: unknown;
  readonly line: number;
  readonly index: number;
}

/** What kubectl prints as JSON may be larger than YAML is read. */
function documentsIn(text: string): { documents: readonly Document[]; problems: readonly Problem[] } {
  const value = /^\s*\{/.test(text) ? readJson(text) : undefined;
  return value === undefined
    ? readManifests(text)
    : { documents: [{ value, line: 1, index: 0 }], problems: [] };
}

function objectsUnder(file: string, value: unknown): FoundObjects {
  try {
    return objectsIn(value);
  } catch (error) {
    throw error instanceof Fault ? new UsageError(`${file}: ${error.message}`) : error;
  }
}

/** The objects of a document, those in its lists included, readable by everyone or not. */
function objectsOf(file: string, { value, line, index: document }: Document): ManifestPlace[] {
  const { objects, unreadable: others } = objectsUnder(file, value);
  return [...objects, ...others].map((each) => ({
    file,
    line,
    document,
    path: each.path,
    value: each.value,
  }));
}

function unreadable(
  { file, line, path, value }: ManifestPlace,
  { path: within, message }: { readonly path: string; readonly message: string },
): FileProblem {
  const { kind, metadata } = value as {
    readonly kind: string;
    readonly metadata?: { readonly name?: unknown };
  };
  const name = typeof metadata?.name === "string" ? ` ${printable(metadata.name, 80)}` : "";
  const where = [...path, within].filter((part) => part !== "").join(".");
  return { file, line, column: 1, path: where, rule: "unreadable", message: `${kind}${name}: ${message}` };
}
