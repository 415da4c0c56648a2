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
import { manifestFiles } from "../manifest-files.ts";
import { sayNotLookedAt } from "../not-looked-at.ts";
import { registrySettings, type RegistryOptions } from "../offline-gate.ts";
import { podSpecPaths } from "../pod-spec-option.ts";
import { problemLine } from "../problems.ts";
import { imagesIn, type ImageInFile, type NotLookedAt } from "../targets.ts";
import { print, readText, say } from "../terminal.ts";

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
}

/** The digest that a reference represents; undefined where its registry has none. */
export type Resolve = (ref: ImageRef) => Promise<string | undefined>;

/** `mc pin`: writes the digest next to each tag. The file is replaced as a whole, so that a stop leaves the old one. */
export async function pin(options: PinOptions): Promise<ExitCode> {
  const { filename, podSpec, check } = options;
  const workloads = podSpecPaths(podSpec);
  const client = openRegistriesOfUser(registrySettings(options));
  const once = new Map<string, Promise<string | undefined>>();
  const resolve: Resolve = (ref) => {
    const key = formatImageRef(ref);
    const known = once.get(key) ?? client.resolve(ref, {}, AbortSignal.timeout(options.timeout * 1000));
    once.set(key, known);
    return known;
  };
  try {
    const pinned: PinnedFile[] = [];
    for (const file of manifestFiles(filename))
      pinned.push(await pinFile(file, { resolve, check, workloads }));
    return finished(pinned, options);
  } finally {
    await client.close();
  }
}

/** What became of one file. */
interface PinnedFile {
  readonly images: number;
  /** Images that are not pinned and stay so. */
  readonly left: number;
  readonly notLookedAt: readonly NotLookedAt[];
}

/** A run that saw no image says nothing of any. Throws UsageError. */
function finished(pinned: readonly PinnedFile[], { check, filename }: PinOptions): ExitCode {
  sayNotLookedAt(pinned.flatMap(({ notLookedAt }) => notLookedAt));
  if (pinned.every(({ images }) => images === 0))
    throw new UsageError(`there is no image in ${filename.join(", ")}`);
  const left = pinned.reduce((sum, each) => sum + each.left, 0);
  if (check && left > 0) say(`${left} image(s) are not pinned.`);
  return left > 0 ? EXIT.refused : EXIT.allowed;
}

interface PinFileOptions {
  readonly resolve: Resolve;
  readonly check: boolean;
  readonly workloads: readonly WorkloadPath[];
}

async function pinFile(file: string, options: PinFileOptions): Promise<PinnedFile> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const text = readText(file);
    const { images, notLookedAt } = imagesIn(file, text, options.workloads);
    const unpinned = images.filter(({ image }) => !isPinnedText(image));
    const found = { images: images.length, notLookedAt };
    if (options.check) {
      for (const { image, line } of unpinned) print(`${file}:${line}: ${image}`);
      return { ...found, left: unpinned.length };
    }
    const changes = await changesOf(unpinned, options.resolve);
    if (!(await isWritten(file, text, changes))) continue;
    for (const { image, line, value } of changes)
      print(
        value === undefined ? `${file}:${line}: ${image}: its registry has no such tag` : `${file}: ${value}`,
      );
    return { ...found, left: changes.filter(({ value }) => value === undefined).length };
  }
  throw new RetryLater(`${file} changed while its images were looked up. It was not pinned; try again`);
}

/** An image, and the reference that takes its place; undefined where its registry has no such tag. */
type Change = ImageInFile & { readonly value: string | undefined };

async function changesOf(unpinned: readonly ImageInFile[], resolve: Resolve): Promise<Change[]> {
  const changes: Change[] = [];
  for (const each of unpinned) changes.push({ ...each, value: await pinnedText(each, resolve) });
  return changes;
}

/** Writes the changes where the file still holds the text that they were made of. */
async function isWritten(file: string, text: string, changes: readonly Change[]): Promise<boolean> {
  const edits = changes.flatMap(({ document, path, value }) =>
    value === undefined ? [] : [{ document, path, value }],
  );
  if (edits.length === 0) return true;
  const after = edited(file, text, edits);
  if (file !== "-")
    return editFile(file, (now) => ({ text: now === text ? after : undefined, result: now === text }));
  print(after);
  return true;
}

/** `nginx:1.27` → `nginx:1.27@sha256:…`: the author's spelling stays, the digest is added. */
async function pinnedText({ image, line }: ImageInFile, resolve: Resolve): Promise<string | undefined> {
  const parsed = parseImageRef(image);
  if (!parsed.ok) throw new UsageError(`line ${line}: ${image} is not an image reference: ${parsed.why}`);
  const digest = await resolve(parsed.ref);
  return digest === undefined ? undefined : `${image}@${digest}`;
}

function edited(file: string, text: string, edits: readonly ScalarEdit[]): string {
  const result = replaceScalars(text, edits);
  if (result.ok) return result.value;
  throw new UsageError(result.problems.map((problem) => problemLine({ file, ...problem })).join("\n"));
}
