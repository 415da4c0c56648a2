import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";

import { UsageError } from "../core/index.ts";
import { isRecordFile } from "./file-name.ts";
import { MAX_LINE, type ReadLine, RecordReader, type RecordReport } from "./read-record.ts";

const NEWLINE = 10;

/** Called with each line of a record, in the order of the files. Reading waits for it. */
export type VisitLine = (line: ReadLine) => void | Promise<void>;

/**
 * Reads files of a record one after the other, a line at a time. Throws UsageError where there is none, and what opening
 * a file throws.
 */
export async function readRecord(
  paths: readonly string[],
  visit: VisitLine = () => undefined,
): Promise<RecordReport> {
  const files = await recordFiles(paths);
  const reader = new RecordReader();
  for (const file of files) {
    reader.begin(file);
    await readLines(file, reader, visit);
  }
  return reader.end();
}

/** The files of the record in folders, in the order of their chains; files that are named are taken as they are. */
async function recordFiles(paths: readonly string[]): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const isFolder = (await stat(path)).isDirectory();
    if (!isFolder) files.push(path);
    else {
      const found = (await readdir(path)).filter(isRecordFile).toSorted();
      if (found.length === 0)
        throw new UsageError(`${path} has no file of a decision record, mc-gate-record.*.jsonl`);
      files.push(...found.map((name) => join(path, name)));
    }
  }
  if (files.length === 0) throw new UsageError("name files or folders of a decision record");
  return files;
}

async function readLines(file: string, reader: RecordReader, visit: VisitLine): Promise<void> {
  let parts: Buffer[] = [];
  let length = 0;
  let isLong = false;
  const take = (part: Buffer): void => {
    length += part.length;
    isLong ||= length > MAX_LINE;
    if (isLong) parts = [];
    else parts.push(part);
  };
  const finish = (): ReadLine | undefined => {
    const text = Buffer.concat(parts).toString("utf8");
    const wasLong = isLong;
    [parts, length, isLong] = [[], 0, false];
    if (wasLong) return reader.tooLong();
    return reader.take(text);
  };
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>) {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
      take(chunk.subarray(from, at));
      from = at + 1;
      const line = finish();
      if (line !== undefined) await visit(line);
    }
    if (from < chunk.length) take(chunk.subarray(from));
  }
  if (length > 0) reader.tornEnd(length);
}
