import { closeSync, existsSync, fsyncSync, openSync, readSync, statSync, writeSync } from "node:fs";

import { holdFile } from "./file-lock.ts";
import { textLines } from "./text-lines.ts";

/** A file to which one run adds lines. */
export interface LineFile {
  readonly append: (line: object) => void;
  readonly close: () => void;
}

/**
 * Opens a file of lines, and makes it where it is not there. Lines are only ever added, each by one write, so that whatever
 * stops the program, every line that was written is whole but the last one. Throws RetryLater where another program writes to it.
 */
export function openLines(file: string): LineFile {
  const release = holdFile(file);
  const handle = openSync(file, "a", 0o644);
  if (isTorn(file)) writeSync(handle, "\n");
  let isOpen = true;
  return {
    append(line) {
      if (isOpen) writeSync(handle, `${JSON.stringify(line)}\n`);
    },
    close() {
      isOpen = false;
      fsyncSync(handle);
      closeSync(handle);
      release();
    },
  };
}

/** Whether a file's last line has no end, as where its writer was killed. */
function isTorn(file: string): boolean {
  const { size } = statSync(file);
  if (size === 0) return false;
  const handle = openSync(file, "r");
  try {
    const last = Buffer.alloc(1);
    readSync(handle, last, 0, 1, size - 1);
    return last[0] !== 0x0a;
  } finally {
    closeSync(handle);
  }
}

/** The lines of a file; none where it is not there. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  if (existsSync(file)) yield* textLines(file);
}
