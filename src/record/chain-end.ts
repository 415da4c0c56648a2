import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { readJson } from "../core/index.ts";
import { isAbsent } from "./absent.ts";
import { type ChainEnd, hashOf } from "./chain.ts";
import { parseRecordFileName } from "./file-name.ts";
import { bareText, hasFormOfRecord } from "./line-parts.ts";
import { RecordLine } from "./schema.ts";

/** Bytes at the end of a file in which its last line is searched: the largest fact, and what follows it. */
const MAX_TAIL = 8 * 1024 * 1024;
const FIRST_TAIL = 64 * 1024;
const NEWLINE = 10;

/** How the files of an earlier process of this pod end. */
export interface FoundEnd {
  readonly after?: ChainEnd;
  /** Half a line at the end, which does not count. */
  readonly torn?: { readonly file: string; readonly bytes: number };
  /** Why the chain that was there cannot be continued. */
  readonly notContinued?: string;
}

/** The end of the newest file of a pod. Never rejects: what cannot be read is not continued, and the reason is said. */
export async function findChainEnd(folder: string, pod: string): Promise<FoundEnd> {
  let names: string[];
  try {
    names = (await readdir(folder)).filter((name) => parseRecordFileName(name)?.pod === pod);
  } catch (error) {
    return isAbsent(error) ? {} : { notContinued: `the folder cannot be read: ${messageOf(error)}` };
  }
  try {
    const file = await newestOf(folder, names);
    return file === undefined ? {} : await endOf(folder, file);
  } catch (error) {
    // Another replica may have removed one as too old; which was the newest is not known then.
    return { notContinued: `a file of the folder cannot be read: ${messageOf(error)}` };
  }
}

async function newestOf(folder: string, names: readonly string[]): Promise<string | undefined> {
  const dated = await Promise.all(
    names.map(async (name) => ({ name, written: (await stat(join(folder, name))).mtimeMs })),
  );
  return dated.toSorted((a, b) => b.written - a.written || (a.name < b.name ? 1 : -1))[0]?.name;
}

async function endOf(folder: string, file: string): Promise<FoundEnd> {
  try {
    const handle = await open(join(folder, file), "r");
    try {
      return await lastLine(handle, file);
    } finally {
      await handle.close();
    }
  } catch (error) {
    return { notContinued: `${file} cannot be read: ${messageOf(error)}` };
  }
}

/** Reads more and more of the end, until a line of a chain is whole in it. */
async function lastLine(handle: FileHandle, file: string): Promise<FoundEnd> {
  const { size } = await handle.stat();
  for (let length = FIRST_TAIL; ; length *= 4) {
    const bytes = await tailOf(handle, size, Math.min(length, size, MAX_TAIL));
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    const torn = end < bytes.length ? { torn: { file, bytes: bytes.length - end } } : {};
    const lines = bytes.subarray(0, end).toString("utf8").split("\n");
    if (bytes.length < size) lines.shift(); // its beginning may not be there
    for (const text of lines.toReversed()) {
      const after = endAt(text);
      if (after !== undefined) return { after, ...torn };
    }
    if (bytes.length >= Math.min(size, MAX_TAIL))
      return { notContinued: `the end of ${file} holds no line of a record`, ...torn };
  }
}

async function tailOf(handle: FileHandle, size: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, size - length);
  return bytes.subarray(0, bytesRead);
}

function endAt(text: string): ChainEnd | undefined {
  if (!hasFormOfRecord(text)) return undefined;
  const line = RecordLine.safeParse(readJson(text)).data;
  const bare = line && bareText(text, line);
  if (line === undefined || bare === undefined) return undefined;
  const { chain, number } = line.record;
  return { chain, number, hash: hashOf(bare) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "an unknown error";
}
