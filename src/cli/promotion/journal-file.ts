import { type Journal, readJournal } from "../../promotion/index.ts";
import { linesOf } from "../line-file.ts";
import { say } from "../terminal.ts";

/** What a journal holds; nothing where there is none. Says how many lines cannot be read. */
export async function readJournalFile(file: string): Promise<Journal> {
  const journal = await readJournal(linesOf(file), file);
  if (journal.dropped > 0)
    say(`${file}: ${journal.dropped} torn line(s) dropped; these images are judged again.`);
  return journal;
}
