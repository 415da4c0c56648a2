import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { lstat, open, readdir, readFile, stat } from "node:fs/promises";
import { join, relative, sep } from "node:path";

import { isMap, readJson, UsageError } from "../core/index.ts";
import { breaksIn } from "./export.ts";
import {
  MANIFEST,
  Manifest,
  MAX_FILES,
  MAX_MANIFEST,
  PAGE,
  type PacketFile,
  RECORD,
  SIGNATURE,
} from "./manifest.ts";
import { readPage } from "./read-page.ts";

const MAX_DIFFERENCES = 100;

/** What a packet is. */
export interface PacketCheck {
  /** Undefined where none can be read. */
  readonly manifest: Manifest | undefined;
  /** SHA-256 of the manifest's bytes: what a signature has to be about. */
  readonly sha256: string | undefined;
  readonly files: number;
  /** Files that a page does not hold, since they are large. */
  readonly notHeld: readonly string[];
  /** The first 100; none where the packet is what its manifest names. */
  readonly differences: readonly string[];
}

/** Checks a packet's folder, or its page alone. Reads nothing else. Throws UsageError where there is none. */
export async function checkPacket(path: string): Promise<PacketCheck> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw new UsageError(`${path} is not there`);
  return found.isDirectory() ? await checkFolder(path) : await checkPage(path);
}

async function checkFolder(folder: string): Promise<PacketCheck> {
  const bytes = await manifestBytes(join(folder, MANIFEST));
  const read = manifestIn(bytes);
  if (typeof read === "string") return unreadable(read);
  const differences = new Differences();
  for (const file of read.files) differences.add(await fileDifference(folder, file));
  await extraFiles(folder, read, differences);
  await pageDifferences(join(folder, PAGE), read, bytes!, differences);
  if (!differences.list.some((each) => each.startsWith(RECORD)))
    differences.add(await recordDifference(folder, read));
  return {
    manifest: read,
    sha256: hex(bytes!),
    files: read.files.length,
    notHeld: [],
    differences: differences.list,
  };
}

/** A page that was sent alone. */
async function checkPage(path: string): Promise<PacketCheck> {
  const page = await readPage(path);
  const manifestFile = page.files.get(MANIFEST);
  const read = manifestIn(manifestFile);
  if (typeof read === "string") return unreadable(read);
  const differences = new Differences();
  differences.addAll(page.problems);
  if (page.shell !== read.page) differences.add("the page itself was changed, not a file in it");
  const notHeld = compareHeld(page.files, read, differences);
  const held = read.files.length - notHeld.length;
  return { manifest: read, sha256: hex(manifestFile!), files: held, notHeld, differences: differences.list };
}

class Differences {
  readonly list: string[] = [];

  add(difference: string | undefined): void {
    if (difference !== undefined && this.list.length < MAX_DIFFERENCES) this.list.push(difference);
  }

  addAll(differences: readonly string[]): void {
    for (const each of differences) this.add(each);
  }
}

function unreadable(why: string): PacketCheck {
  return { manifest: undefined, sha256: undefined, files: 0, notHeld: [], differences: [why] };
}

async function manifestBytes(file: string): Promise<Buffer | undefined> {
  const found = await lstat(file).catch(() => undefined);
  if (found?.isFile() !== true || found.size > MAX_MANIFEST) return undefined;
  return readFile(file);
}

function manifestIn(bytes: Buffer | undefined): Manifest | string {
  if (bytes === undefined || bytes.length > MAX_MANIFEST)
    return `${MANIFEST} is missing, or has more than ${MAX_MANIFEST} bytes`;
  const { data, error } = Manifest.safeParse(readJson(bytes.toString("utf8")));
  if (data === undefined)
    return `${MANIFEST} cannot be read: ${error.issues[0]?.path.join(".") ?? ""} ${error.issues[0]?.message ?? ""}`;
  const paths = new Set(data.files.map(({ path }) => path));
  if (paths.size < data.files.length) return `${MANIFEST} names a file twice`;
  return data;
}

async function fileDifference(
  folder: string,
  { path, bytes, sha256 }: PacketFile,
): Promise<string | undefined> {
  const file = join(folder, path);
  const found = await lstat(file).catch(() => undefined);
  if (found === undefined) return `${path} is missing`;
  if (!found.isFile()) return `${path} is not a file`;
  if (found.size !== bytes) return `${path} has ${found.size} bytes, and the manifest says ${bytes}`;
  const hash = createHash("sha256");
  for await (const piece of createReadStream(file)) hash.update(piece as Buffer);
  return hash.digest("hex") === sha256
    ? undefined
    : `${path} was changed: its SHA-256 is another than the manifest's`;
}

async function extraFiles(folder: string, { files }: Manifest, differences: Differences): Promise<void> {
  const known = new Set([MANIFEST, SIGNATURE, PAGE, ...files.map(({ path }) => path)]);
  const there = await readdir(folder, { recursive: true, withFileTypes: true });
  if (there.length > 2 * MAX_FILES) return differences.add(`the folder holds ${there.length} entries`);
  for (const entry of there) {
    const path = relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/");
    if (!entry.isDirectory() && !known.has(path)) differences.add(`${path} is not in the manifest`);
  }
}

async function pageDifferences(
  file: string,
  manifest: Manifest,
  bytes: Buffer,
  differences: Differences,
): Promise<void> {
  if ((await lstat(file).catch(() => undefined))?.isFile() !== true)
    return differences.add(`${PAGE} is missing`);
  const page = await readPage(file);
  const inPage = new Differences();
  inPage.addAll(page.problems);
  if (page.shell !== manifest.page) inPage.add("the page itself was changed, not a file in it");
  if (page.files.get(MANIFEST)?.equals(bytes) !== true) inPage.add(`its ${MANIFEST} is another one`);
  compareHeld(page.files, manifest, inPage);
  differences.addAll(inPage.list.map((each) => `${PAGE}: ${each}`));
}

/** Compares the files in a page with the manifest; gives those that it does not hold. */
function compareHeld(
  held: ReadonlyMap<string, Buffer>,
  { files }: Manifest,
  differences: Differences,
): string[] {
  for (const { path, bytes, sha256, inPage } of files) {
    const found = held.get(path);
    if (found === undefined) differences.add(inPage ? `${path} is missing` : undefined);
    else if (found.length !== bytes || hex(found) !== sha256)
      differences.add(`${path} was changed: its SHA-256 is another than the manifest's`);
  }
  const known = new Set([MANIFEST, ...files.map(({ path }) => path)]);
  for (const path of held.keys())
    differences.add(known.has(path) ? undefined : `${path} is not in the manifest`);
  return files.filter(({ path }) => !held.has(path)).map(({ path }) => path);
}

/** Whether the lines of the record follow each other as they did when they were exported, by their own hashes. */
async function recordDifference(folder: string, { window }: Manifest): Promise<string | undefined> {
  const population = readJson(await readFile(join(folder, "population.json"), "utf8").catch(() => ""));
  const expected = isMap(population) ? (population["breaks"] ?? undefined) : undefined;
  const found = await breaksIn(join(folder, RECORD), window);
  if (found === expected) return undefined;
  return `lines of ${RECORD} are missing or changed: ${found} places do not follow, and ${JSON.stringify(expected)} did when it was exported`;
}

function hex(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The signature next to a folder's manifest, or next to a page. */
export async function signatureText(file: string): Promise<string | undefined> {
  const handle = await open(file, "r").catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const { size } = await handle.stat();
    if (size > MAX_MANIFEST) throw new UsageError(`${file} has more than ${MAX_MANIFEST} bytes`);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}
