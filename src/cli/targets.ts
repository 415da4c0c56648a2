import { basename } from "node:path";

import { Fault, printable, type Subject, UsageError } from "../core/index.ts";
import { type Manifest, readManifests } from "../documents/index.ts";
import {
  isBuiltIn,
  type KubeObject,
  objectsIn,
  podImages,
  type Unreadable,
  type WorkloadPath,
  workloadPath,
} from "../workloads/index.ts";
import { manifestFiles } from "./manifest-files.ts";
import { problemLine } from "./problems.ts";
import { readText } from "./terminal.ts";

/** One image to judge, and where it was named. */
export interface Target extends Subject {
  readonly file?: string;
  /** Line on which it is, from 1. */
  readonly line?: number;
  /** The namespace that its object names. */
  readonly namespace?: string;
  /** Its object: `Pod shop/web-1`; absent where that has no name. */
  readonly object?: string;
}

/** Something in a manifest that is not checked, or only in part. */
export interface NotLookedAt {
  readonly file: string;
  /** Line on which its object begins, from 1. */
  readonly line: number;
  /** `Thing.example.com "web"`; empty where it is not an object. */
  readonly object: string;
  /** One clause, the same for all objects of a kind. */
  readonly why: string;
}

export interface Targets {
  readonly targets: readonly Target[];
  readonly notLookedAt: readonly NotLookedAt[];
}

/** Every image in the manifests under paths. Throws UsageError where one cannot be read: half a file is not an answer. */
export function targetsUnder(paths: readonly string[], configured: readonly WorkloadPath[]): Targets {
  const found = manifestFiles(paths).map((file) => ({ file, ...imagesIn(file, readText(file), configured) }));
  return {
    targets: found.flatMap(({ file, images }) => images.map((image) => targetOf(file, image))),
    notLookedAt: found.flatMap(({ notLookedAt }) => notLookedAt),
  };
}

function targetOf(file: string, { image, place, advice, line, namespace, object }: ImageInFile): Target {
  return {
    image,
    place,
    file,
    line,
    ...(advice !== undefined && { advice }),
    ...(namespace !== undefined && { namespace }),
    ...(object !== undefined && { object }),
  };
}

/** An image with what is needed to rewrite it. */
export interface ImageInFile extends Subject {
  readonly namespace: string | undefined;
  readonly object: string | undefined;
  readonly line: number;
  /** Which document of the file, from 0. */
  readonly document: number;
  readonly path: readonly (string | number)[];
}

export interface ImagesInFile {
  readonly images: readonly ImageInFile[];
  readonly notLookedAt: readonly NotLookedAt[];
}

/**
 * Every image of a manifest's text, with its path in its document, as admission reads it. Throws UsageError where
 * admission would refuse to.
 */
export function imagesIn(file: string, text: string, configured: readonly WorkloadPath[]): ImagesInFile {
  const { documents, problems } = readManifests(text);
  if (problems.length > 0) {
    const lines = problems.map((problem) => problemLine({ file, ...problem }));
    throw new UsageError([...lines, ...(text.includes("{{") ? [TEMPLATE] : [])].join("\n"));
  }
  const found = documents.map((manifest) => imagesOf({ file, manifest, configured }));
  return {
    images: found.flatMap(({ images }) => images),
    notLookedAt: found.flatMap(({ notLookedAt }) => notLookedAt),
  };
}

const TEMPLATE =
  "It looks like a template of a chart, which is not a manifest: render it first, `helm template .`, and give it by `-f -`.";

interface Source {
  readonly file: string;
  readonly manifest: Manifest;
  readonly configured: readonly WorkloadPath[];
}

function imagesOf(source: Source): ImagesInFile {
  try {
    const { objects, unreadable } = objectsIn(source.manifest.value);
    const found = objects.map((object) => inObject(object, source));
    return {
      images: found.flatMap(({ images }) => images),
      notLookedAt: [
        ...unreadable.map((each) => noObject(each, source)),
        ...found.flatMap(({ notLookedAt }) => notLookedAt),
      ],
    };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new UsageError(`${source.file}:${source.manifest.line}: ${error.message}`);
  }
}

/**
 * A document without a kind is not a manifest, such as a chart's values; anything else that cannot be read is an error.
 */
function noObject({ path, within }: Unreadable, { file, manifest }: Source): NotLookedAt {
  const line = manifest.lineAt(path);
  if (path.length === 0 && (within === "" || within === "kind"))
    return { file, line, object: "", why: notAnObject(file, manifest.value) };
  throw new UsageError(`${file}:${line}: the object cannot be read at ${[...path, within].join(".")}`);
}

function notAnObject(file: string, value: unknown): string {
  if (/^values\b.*\.ya?ml$/.test(basename(file)))
    return "values of a Helm chart are not a Kubernetes object: `helm template . | mc verify -f -` checks what they give; to pin, write the tag as `v1@sha256:…`";
  if (typeof value === "object" && value !== null && "services" in value)
    return "a compose file is not a Kubernetes object; `mc pin IMAGE` prints a pinned reference";
  return "a document without a kind is not a Kubernetes object";
}

function inObject(object: KubeObject, { file, manifest, configured }: Source): ImagesInFile {
  const row = workloadPath(object, configured);
  const at = { file, line: manifest.lineAt(object.path), object: objectName(object) };
  if (row === undefined)
    return {
      images: [],
      notLookedAt: isBuiltIn(object) ? [] : [{ ...at, why: unknownKind(object) }],
    };
  const { subjects, notes } = podImages(object.value, row);
  const images = subjects.map(({ image, place, advice, path }) => {
    const whole = [...object.path, ...path];
    return {
      image,
      place,
      ...(advice !== undefined && { advice }),
      namespace: object.namespace,
      object: shortName(object),
      line: manifest.lineAt(whole),
      document: manifest.index,
      path: whole,
    };
  });
  return { images, notLookedAt: notes.map((why) => ({ ...at, why })) };
}

function objectName({ group, kind, name }: KubeObject): string {
  return `${printable(group === "" ? kind : `${kind}.${group}`, 120)} "${printable(name, 253)}"`;
}

/** As people write it; many objects of a manifest that is yet to be rendered have no name. */
function shortName({ kind, namespace, name }: KubeObject): string | undefined {
  if (name === "") return undefined;
  const path = namespace === undefined || namespace === "" ? name : `${namespace}/${name}`;
  return `${printable(kind, 120)} ${printable(path, 320)}`;
}

function unknownKind({ group, kind }: KubeObject): string {
  const type = printable(`${group}/${kind}`, 120);
  return `${type} is not known to contain a pod spec; if it does, give its path: --pod-spec ${type}=PATH`;
}
