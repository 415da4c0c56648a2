import { normalize } from "node:path";

import { openRegistriesOfUser } from "../../composition/index.ts";
import {
  formatImageRef,
  isPinnedText,
  type ImageRef,
  parseImageRef,
  EXIT,
  type ExitCode,
  RetryLater,
  UsageError,
} from "../../core/index.ts";
import { replaceScalars, type ScalarEdit } from "../../documents/index.ts";
import type { WorkloadPath } from "../../workloads/index.ts";
import { editFile } from "../edit-file.ts";
import { manifestFiles, otherFiles } from "../manifest-files.ts";
import { sayNotLookedAt } from "../not-looked-at.ts";
import { registrySettings, type RegistryOptions } from "../offline-gate.ts";
import { podSpecPaths } from "../pod-spec-option.ts";
import { accepted } from "../problems.ts";
import { imagesIn, type ImageInFile, type NotLookedAt } from "../targets.ts";
import { print, readText, say } from "../terminal.ts";
import { isKustomization, type Replacement, replacementsIn } from "./kustomizations.ts";
import { pinJson, pinLine, type PinResult } from "./pin-report.ts";

/** How often a file is checked again that changes while its images are looked up. */
const MAX_ATTEMPTS = 5;

export interface PinOptions extends RegistryOptions {
  readonly filename: readonly string[];
  /** `GROUP/KIND=PATH` of custom kinds. */
  readonly podSpec: readonly string[];
  /** Write nothing; exit 10 where something is not pinned. */
  readonly check: boolean;
  /** Seconds for each image. */
  readonly timeout: number;
  readonly output: "text" | "json";
}

/** The digest that a reference represents; undefined where its registry has none. */
type Resolve = (ref: ImageRef) => Promise<string | undefined>;

/**
 * `mc pin`: writes the digest next to each tag in manifests, and prints it for images. A file is replaced as a whole, so
 * that a stop leaves the old one. A name that kustomize replaces is never looked up: what it names is not what is deployed.
 */
export async function pin(images: readonly string[], options: PinOptions): Promise<ExitCode> {
  const { filename, podSpec, check, output } = options;
  if (images.length === 0 && filename.length === 0)
    throw new UsageError("nothing to pin: name images, or manifests with -f (mc pin --help)");
  if (output === "json" && !check && filename.includes("-"))
    throw new UsageError("with -f - the pinned manifest is the output; -o json needs --check there");
  const client = openRegistriesOfUser(registrySettings(options));
  const resolve = onceEach((ref) => client.resolve(ref, {}, AbortSignal.timeout(options.timeout * 1000)));
  try {
    const files = manifestFiles(filename);
    const replaced = replacementsIn(files);
    const pinned: PinnedFile[] = [await pinImages(images, { resolve, check })];
    const given = replaced.filter(({ file }) => files.some((each) => normalize(each) === file));
    for (const entry of given)
      pinned.push({ results: await entryResults(entry, { resolve, check }), notLookedAt: [] });
    for (const file of files.filter((each) => !isKustomization(each)))
      pinned.push(await pinFile(file, { resolve, check, workloads: podSpecPaths(podSpec), replaced }));
    return finished(pinned, options);
  } finally {
    await client.close();
  }
}

function onceEach(resolve: Resolve): Resolve {
  const once = new Map<string, Promise<string | undefined>>();
  return (ref) => {
    const key = formatImageRef(ref);
    const known = once.get(key) ?? resolve(ref);
    once.set(key, known);
    return known;
  };
}

/** What became of one file. */
interface PinnedFile {
  readonly results: readonly PinResult[];
  readonly notLookedAt: readonly NotLookedAt[];
}

/** A run that saw no image says nothing of any. Throws UsageError. */
function finished(pinned: readonly PinnedFile[], { check, filename, output }: PinOptions): ExitCode {
  const results = pinned.flatMap((each) => each.results);
  const notLookedAt = [...pinned.flatMap((each) => each.notLookedAt), ...otherFiles(filename).map(unseen)];
  sayNotLookedAt(notLookedAt);
  if (results.length === 0)
    throw new UsageError(
      `there is no image in ${filename.join(", ")}; mc pin reads Kubernetes manifests, and \`mc pin IMAGE\` prints a reference for anything else`,
    );
  // a manifest that came by standard input left by standard output
  const tell = filename.includes("-") && !check ? say : print;
  if (output === "json") print(pinJson(results, notLookedAt));
  else for (const line of results.flatMap((each) => pinLine(each) ?? [])) tell(line);
  const left = results.filter(({ isPinned }) => !isPinned).length;
  if (check && left > 0) say(`${left} image(s) are not pinned.`);
  return left > 0 ? EXIT.refused : EXIT.allowed;
}

function unseen(file: string): NotLookedAt {
  const why = "it is not a Kubernetes manifest; `mc pin IMAGE` prints a pinned reference to put there";
  return { file, line: 1, object: "", why };
}

async function pinImages(
  images: readonly string[],
  { resolve, check }: Pick<PinFileOptions, "resolve" | "check">,
): Promise<PinnedFile> {
  const results: PinResult[] = [];
  for (const image of images) {
    if (isPinnedText(image)) results.push({ image, isPinned: true, reference: image });
    else if (check) results.push({ image, isPinned: false });
    else results.push({ image, ...(await lookedUp(image, { at: "", resolve })) });
  }
  return { results, notLookedAt: [] };
}

interface PinFileOptions {
  readonly resolve: Resolve;
  readonly check: boolean;
  readonly workloads: readonly WorkloadPath[];
  readonly replaced: readonly Replacement[];
}

async function pinFile(file: string, options: PinFileOptions): Promise<PinnedFile> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const text = readText(file);
    const { images, notLookedAt } = imagesIn(file, text, options.workloads);
    const changes: Change[] = [];
    for (const each of images) changes.push({ ...each, result: await resultOf(file, each, options) });
    const results = changes.map(({ result, line, image }) => ({ file, line, image, ...result }));
    if (options.check || (await isWritten(file, text, changes))) return { results, notLookedAt };
  }
  throw new RetryLater(`${file} changed while its images were looked up. It was not pinned; try again`);
}

type Outcome = Pick<PinResult, "isPinned" | "reference" | "why">;
/** An image, and what becomes of it; with a reference where that takes its place. */
type Change = ImageInFile & { readonly result: Outcome };

async function resultOf(
  file: string,
  { image, line }: ImageInFile,
  { resolve, check, replaced }: PinFileOptions,
): Promise<Outcome> {
  if (isPinnedText(image)) return { isPinned: true };
  const entries = replaced.filter(({ name }) => name === nameIn(image));
  if (entries.length > 0) return await replacedOutcome(file, image, { entries, resolve, check });
  return check ? { isPinned: false } : await lookedUp(image, { at: `${file}:${line}: `, resolve });
}

/** What a kustomization puts in a name's place, where it puts something there. */
async function entryResults(
  entry: Replacement,
  { resolve, check }: Pick<PinFileOptions, "resolve" | "check">,
): Promise<PinResult[]> {
  const { file, line, name, newName, newTag, digest } = entry;
  const at = { file, line, image: `${newName ?? name}${tagAfter(entry, name)}` };
  if (digest !== undefined) return [{ ...at, isPinned: true }];
  if (newName === undefined && newTag === undefined) return [];
  const found =
    check || newTag === undefined
      ? undefined
      : await lookedUp(at.image, { at: `${file}:${line}: `, resolve });
  return [{ ...at, isPinned: false, why: missingDigest(found) }];
}

function missingDigest(found: Outcome | undefined): string {
  return found?.why ?? `add \`digest: ${found?.reference?.split("@")[1] ?? "sha256:…"}\` to it`;
}

/** As kustomize compares names: what is before tag and digest, as it is written. */
function nameIn(image: string): string {
  const [name = ""] = image.split("@");
  const tag = name.lastIndexOf(":");
  return tag > name.lastIndexOf("/") ? name.slice(0, tag) : name;
}

/** Pinned where each kustomization that reads the file gives a digest; else it says where that belongs. */
async function replacedOutcome(
  file: string,
  image: string,
  {
    entries,
    resolve,
    check,
  }: Pick<PinFileOptions, "resolve" | "check"> & { readonly entries: readonly Replacement[] },
): Promise<Outcome> {
  const own = entries.filter(({ reads }) => reads(file));
  const open = own.length === 0 ? entries[0]! : own.find(({ digest }) => digest === undefined);
  if (open === undefined) return { isPinned: true };
  const at = `${open.file}:${open.line}`;
  if (open.digest !== undefined)
    return { isPinned: false, why: `${at} replaces it, but does not read this file` };
  const name = `${open.newName ?? open.name}${tagAfter(open, image)}`;
  const found = check ? undefined : await lookedUp(name, { at: `${at}: `, resolve });
  return { isPinned: false, why: `${at} replaces it by ${name}; ${missingDigest(found)}` };
}

function tagAfter({ newTag }: Replacement, image: string): string {
  if (newTag !== undefined) return `:${newTag}`;
  return image.slice(nameIn(image).length);
}

/** `nginx:1.27` → `nginx:1.27@sha256:…`: the author's spelling stays, the digest is added. */
async function lookedUp(
  image: string,
  { at, resolve }: { readonly at: string; readonly resolve: Resolve },
): Promise<Outcome> {
  const parsed = parseImageRef(image);
  if (!parsed.ok) throw new UsageError(`${at}${image} is not an image reference: ${parsed.why}`);
  const digest = await resolve(parsed.ref);
  return digest === undefined
    ? { isPinned: false, why: "its registry has no such tag" }
    : { isPinned: true, reference: `${image}@${digest}` };
}

/** Writes the changes where the file still holds the text that they were made of. */
async function isWritten(file: string, text: string, changes: readonly Change[]): Promise<boolean> {
  const edits = changes.flatMap(({ document, path, result }) =>
    result.reference === undefined ? [] : [{ document, path, value: result.reference }],
  );
  const after = edits.length === 0 ? text : edited(file, text, edits);
  if (file === "-") print(after.replace(/\n$/, ""));
  if (file === "-" || edits.length === 0) return true;
  return await editFile(file, (now) => ({ text: now === text ? after : undefined, result: now === text }));
}

function edited(file: string, text: string, edits: readonly ScalarEdit[]): string {
  return accepted(file, replaceScalars(text, edits));
}
