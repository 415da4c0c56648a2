import {
  type Journal,
  type JournalFrame,
  type JournalStates,
  readJournal,
  readStates,
} from "../../promotion/index.ts";
import { linesOf } from "../line-file.ts";
import { say } from "../terminal.ts";

/** What a journal holds; nothing where there is none. Says how many lines cannot be read. */
export async function readJournalFile(file: string): Promise<Journal> {
  return told(await readJournal(linesOf(file), file), file);
}

/** The same of the states alone, in a hundredth of the memory. */
export async function readStatesFile(file: string): Promise<JournalStates> {
  return told(await readStates(linesOf(file), file), file);
}

function told<T extends JournalFrame>(journal: T, file: string): T {
  if (journal.dropped > 0)
    say(`${file}: ${journal.dropped} torn line(s) dropped; these images are judged again.`);
  return journal;
}
