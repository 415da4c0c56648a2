import { type Dirent, readdirSync, realpathSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { RetryLater, UsageError } from "../core/index.ts";
import { withFileLock } from "./file-lock.ts";
import { readText } from "./terminal.ts";
import { writeWhole } from "./write-whole.ts";

const MAX_ATTEMPTS = 5;
/** What `writeWhole` calls a file before it takes its place: process and number. */
const LEFT = /^\.\d+(?:-[0-9a-f-]{36})?\.mc-write$/;

export interface TextEdit<T> {
  /** The text that takes the old one's place; undefined where it stays. */
  readonly text: string | undefined;
  readonly result: T;
}

/**
 * Edits a file while no other `mc` does: the text is read under a lock, and is put in the file's place as a whole. Where
 * another program wrote the file meanwhile, the edit is made again of what is there now, so `edit` must not have effects.
 * Gives the result of the edit that was written. Rejects with UsageError where the file cannot be read or written, and with
 * RetryLater where it is being edited all the time.
 */
export async function editFile<T>(file: string, edit: (text: string) => TextEdit<T>): Promise<T> {
  try {
    const target = realpathSync(file);
    return await withFileLock({ file: target }, () => {
      removeLeft(target);
      return editLocked(target, edit);
    });
  } catch (error) {
    if (!(error instanceof Error) || !("syscall" in error)) throw error;
    throw new UsageError(`cannot edit ${file}: ${error.message}`);
  }
}

/** The lock holds off `mc` alone: an editor may have written the file between the reading and the writing. */
function editLocked<T>(target: string, edit: (text: string) => TextEdit<T>): T {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
    const before = readText(target);
    const { text, result } = edit(before);
    if (text === undefined) return result;
    if (readText(target) !== before) continue;
    writeWhole(target, text);
    return result;
  }
  throw new RetryLater(`${target} changes faster than it can be edited. Nothing is written; try again`);
}

/** What a program left that was killed while it wrote: no one else writes here while the lock is held. */
function removeLeft(target: string): void {
  const [folder, name] = [dirname(target), basename(target)];
  const isLeft = (entry: Dirent): boolean =>
    entry.isFile() && entry.name.startsWith(`${name}.`) && LEFT.test(entry.name.slice(name.length));
  const left = readdirSync(folder, { withFileTypes: true }).filter(isLeft);
  for (const entry of left) rmSync(join(folder, entry.name), { force: true });
}
