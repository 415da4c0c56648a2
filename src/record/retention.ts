import { randomUUID } from "node:crypto";
import { createReadStream, type Stats } from "node:fs";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { readJson } from "../core/index.ts";
import { isAbsent } from "./absent.ts";
import { parseRecordFileName } from "./file-name.ts";
import { bareText, hasFormOfRecord } from "./line-parts.ts";
import { ErasedLine, RecordLine } from "./schema.ts";

/** A chain whose newest file was written to within this time may still be written to, ms. */
const LIVE_MS = 25 * 3_600_000;
const UNFINISHED = ".unfinished";
/** An unfinished file that was last written to longer ago was left behind, ms. */
const LEFT_AFTER_MS = 3_600_000;
const TAIL = 256;
const NEWLINE = 10;

/** How long files are kept, and how much of them. */
export interface RetentionOptions {
  readonly folder: string;
  /** The file that is being written, which stays as it is. */
  readonly current: string | undefined;
  /** Files that were last written to longer ago go, ms. */
  readonly keepMs: number;
  /** Names of users in files that were last written to longer ago are erased, ms. */
  readonly namesMs: number;
  /** Of all files, bytes; the oldest go first. */
  readonly maxBytes: number;
  readonly now: () => Date;
}

/** A file that was removed. */
export interface RemovedFile {
  readonly file: string;
  readonly bytes: number;
  readonly because: "days" | "size";
}

interface Kept {
  readonly name: string;
  readonly bytes: number;
  readonly written: number;
  readonly chain: string;
}

/**
 * Removes what is too old or too much, of all replicas that write to the folder, and erases names. Several replicas may do so
 * at once. Rejects where it cannot.
 */
export async function tidyRecord(options: RetentionOptions): Promise<RemovedFile[]> {
  const { folder, keepMs, namesMs, maxBytes, now } = options;
  await removeLeft(options);
  const files = await closedFiles(options);
  const tooOld = files.filter(({ written }) => now().getTime() - written > keepMs);
  const rest = files.filter((file) => !tooOld.includes(file));
  const tooMuch = oldestPast(rest, maxBytes);
  const removed = [
    ...tooOld.map((file) => ({ ...file, because: "days" as const })),
    ...tooMuch.map((file) => ({ ...file, because: "size" as const })),
  ];
  for (const { name } of removed) await rm(join(folder, name), { force: true });
  for (const file of rest.filter((each) => !tooMuch.includes(each)))
    if (now().getTime() - file.written > namesMs)
      await eraseNames(join(folder, file.name), now()).catch(absentIsDone);
  return removed.map(({ name, bytes, because }) => ({ file: name, bytes, because }));
}

/** The files that no replica writes to, the oldest first. */
async function closedFiles({ folder, current, now }: RetentionOptions): Promise<Kept[]> {
  const all = await readdir(folder).catch(absentIsEmpty);
  const names = all.filter((name) => name !== current);
  const files: Kept[] = [];
  for (const name of names) {
    const parsed = parseRecordFileName(name);
    if (parsed === undefined) continue;
    const found = await statOf(join(folder, name));
    if (found !== undefined)
      files.push({ name, bytes: found.size, written: found.mtimeMs, chain: parsed.chain });
  }
  const newest = new Map(
    files.toSorted((a, b) => a.name.localeCompare(b.name)).map(({ chain, name }) => [chain, name]),
  );
  const isLive = ({ name, chain, written }: Kept): boolean =>
    newest.get(chain) === name && now().getTime() - written < LIVE_MS;
  return files.filter((file) => !isLive(file)).toSorted((a, b) => a.written - b.written);
}

/** What an erasure left behind whose process was killed. */
async function removeLeft({ folder, now }: RetentionOptions): Promise<void> {
  const all = await readdir(folder).catch(absentIsEmpty);
  for (const name of all.filter((each) => each.startsWith("mc-gate-record.") && each.endsWith(UNFINISHED))) {
    const found = await statOf(join(folder, name));
    if (found !== undefined && now().getTime() - found.mtimeMs > LEFT_AFTER_MS)
      await rm(join(folder, name), { force: true });
  }
}

/** Undefined where another replica has removed it. */
async function statOf(path: string): Promise<Stats | undefined> {
  return await stat(path).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw error;
  });
}

function absentIsDone(error: unknown): void {
  if (!isAbsent(error)) throw error;
}

function absentIsEmpty(error: unknown): string[] {
  if (isAbsent(error)) return [];
  throw error;
}

function oldestPast(files: readonly Kept[], maxBytes: number): Kept[] {
  let bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  return files.filter((file) => {
    if (bytes <= maxBytes) return false;
    bytes -= file.bytes;
    return true;
  });
}

/**
 * Takes the names of users out of a file, and writes at its end that it did. The chain holds without them. The file is replaced
 * as a whole, and keeps its time. Of two replicas that do it at once, each writes a separate file, and the later one counts.
 */
async function eraseNames(path: string, now: Date): Promise<void> {
  if (await isErased(path)) return;
  const { atime, mtime } = await stat(path);
  const temporary = `${path}.${randomUUID()}${UNFINISHED}`;
  try {
    const handle = await open(temporary, "wx", 0o640);
    try {
      for await (const text of wholeLines(path)) await handle.appendFile(`${withoutName(text)}\n`);
      await handle.appendFile(`${JSON.stringify({ msg: "names erased", at: now.toISOString() })}\n`);
      await handle.utimes(atime, mtime);
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Without half a line at the end, which may end in a name. */
async function* wholeLines(path: string): AsyncGenerator<string> {
  const isTorn = (await lastByte(path)) !== NEWLINE;
  const lines = createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY });
  let before: string | undefined;
  for await (const text of lines) {
    if (before !== undefined) yield before;
    before = text;
  }
  if (before !== undefined && !isTorn) yield before;
}

async function lastByte(path: string): Promise<number | undefined> {
  return (await tailOf(path, 1))[0];
}

async function isErased(path: string): Promise<boolean> {
  const last = (await tailOf(path, TAIL)).toString("utf8").trimEnd().split("\n").at(-1) ?? "";
  return ErasedLine.safeParse(readJson(last)).success;
}

async function tailOf(path: string, most: number): Promise<Buffer> {
  const handle = await open(path, "r");
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, most);
    return (await handle.read(Buffer.alloc(length), 0, length, size - length)).buffer;
  } finally {
    await handle.close();
  }
}

function withoutName(text: string): string {
  if (!hasFormOfRecord(text)) return text;
  const line = RecordLine.safeParse(readJson(text)).data;
  return (line && bareText(text, line)) ?? text;
}
