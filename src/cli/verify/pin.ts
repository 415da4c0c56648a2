import { renameSync, writeFileSync } from "node:fs";

import { formatImageRef, isPinned, type ImageRef, parseImageRef } from "../../core/index.ts";
import { replaceScalars, type ScalarEdit } from "../../documents/index.ts";
import { createRegistryClient } from "../../registry/index.ts";
import { EXIT, type ExitCode, UsageError } from "../exit-codes.ts";
import { problemLine } from "../problems.ts";
import { print, readText, say } from "../terminal.ts";
import { registrySettings, type RegistryOptions } from "./offline-gate.ts";
import { imagesIn, type ImageInFile, manifestFiles } from "./targets.ts";

/** What `mc pin` takes. */
export interface PinOptions extends RegistryOptions {
  readonly filename: readonly string[];
  /** Write nothing; exit 10 where something is not pinned. */
  readonly check: boolean;
  /** Seconds for each image. */
  readonly timeout: number;
}

/** The digest that a reference stands for; undefined where its registry has none. */
export type Resolve = (ref: ImageRef) => Promise<string | undefined>;

/** `mc pin`: writes the digest beside each tag. The file is replaced as a whole, so that a stop leaves the old one. */
export async function pin(options: PinOptions): Promise<ExitCode> {
  const client = createRegistryClient(registrySettings(options));
  const once = new Map<string, Promise<string | undefined>>();
  const resolve: Resolve = (ref) => {
    const key = formatImageRef(ref);
    const known = once.get(key) ?? client.resolve(ref, {}, AbortSignal.timeout(options.timeout * 1000));
    once.set(key, known);
    return known;
  };
  try {
    let left = 0;
    for (const file of manifestFiles(options.filename)) left += await pinFile(file, resolve, options.check);
    if (options.check && left > 0) say(`${left} image(s) are not pinned.`);
    return left > 0 ? EXIT.refused : EXIT.allowed;
  } finally {
    await client.close();
  }
}

/** Images of one file that are not pinned and stay so. */
async function pinFile(file: string, resolve: Resolve, check: boolean): Promise<number> {
  const text = readText(file);
  const unpinned = imagesIn(file, text).filter(({ image }) => !isPinnedText(image));
  if (check) {
    for (const { image, line } of unpinned) print(`${file}:${line}: ${image}`);
    return unpinned.length;
  }
  const edits: ScalarEdit[] = [];
  for (const each of unpinned) {
    const value = await pinnedText(each, resolve);
    if (value !== undefined) edits.push({ document: each.document, path: each.path, value });
    print(
      value === undefined
        ? `${file}:${each.line}: ${each.image}: its registry has no such tag`
        : `${file}: ${value}`,
    );
  }
  if (edits.length > 0) write(file, edited(file, text, edits));
  return unpinned.length - edits.length;
}

function isPinnedText(image: string): boolean {
  const parsed = parseImageRef(image);
  return parsed.ok && isPinned(parsed.ref);
}

/** `nginx:1.27` → `nginx:1.27@sha256:…`: the author's spelling stays, the digest is added. */
async function pinnedText({ image, line }: ImageInFile, resolve: Resolve): Promise<string | undefined> {
  const parsed = parseImageRef(image);
  if (!parsed.ok) throw new UsageError(`line ${line}: ${image} is no image reference: ${parsed.why}`);
  const digest = await resolve(parsed.ref);
  return digest === undefined ? undefined : `${image}@${digest}`;
}

function edited(file: string, text: string, edits: readonly ScalarEdit[]): string {
  const result = replaceScalars(text, edits);
  if (result.ok) return result.value;
  throw new UsageError(result.problems.map((problem) => problemLine({ file, ...problem })).join("\n"));
}

function write(file: string, text: string): void {
  if (file === "-") {
    print(text);
    return;
  }
  const temporary = `${file}.mc-pin`;
  writeFileSync(temporary, text);
  renameSync(temporary, file);
}
