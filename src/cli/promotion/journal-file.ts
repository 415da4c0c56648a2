import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";

import { type Journal, readJournal } from "../../promotion/index.ts";
import { say } from "../terminal.ts";

/** A journal's file, open for one run. */
export interface JournalFile {
  readonly before: Journal;
  readonly append: (line: object) => void;
  readonly close: () => void;
}

/**
 * Opens a journal, and makes it where it is not there. Lines are only ever added, each by one write, so that whatever stops
 * the program, and however many of them write, every line that was written is whole but the last one.
 */
export function openJournal(file: string): JournalFile {
  const before = readJournalFile(file);
  return { before, ...openLines(file, before.isTorn) };
}

/** A file to which lines are added, each by one write. */
export function openLines(file: string, isTorn: boolean): Pick<JournalFile, "append" | "close"> {
  const handle = openSync(file, "a", 0o644);
  if (isTorn) writeSync(handle, "\n");
  let isOpen = true;
  return {
    append(line) {
      if (isOpen) writeSync(handle, `${JSON.stringify(line)}\n`);
    },
    close() {
      isOpen = false;
      fsyncSync(handle);
      closeSync(handle);
    },
  };
}

/** What a journal holds; nothing where there is none. Says how many lines cannot be read. */
export function readJournalFile(file: string): Journal {
  const journal = readJournal(existsSync(file) ? readFileSync(file, "utf8") : "", file);
  if (journal.dropped > 0)
    say(`${file}: ${journal.dropped} torn line(s) dropped; these images are judged again.`);
  return journal;
}
