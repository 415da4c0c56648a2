import { parseJson, UsageError } from "../../core/index.ts";
import { keyOf } from "../inventory/lines.ts";
import { JournalLine, type JudgedLine, type OlderLine, type RunLine, type SumsLine } from "./lines.ts";

/** What a journal holds. */
export interface Journal {
  /** What its lines are by; undefined where it is empty. */
  readonly run: RunLine | undefined;
  /** The last line about each image. */
  readonly images: ReadonlyMap<string, JudgedLine | OlderLine>;
  /** The sums of the last run that came to its end, where nothing follows. */
  readonly sums: SumsLine | undefined;
  /** Lines that cannot be read, such as one that was being written when its program was killed. */
  readonly dropped: number;
}

/**
 * Reads a journal line by line. A line that cannot be read counts as not written: its image is judged again. Rejects with
 * UsageError where lines are by different policies, or where nothing of it is a journal.
 */
export async function readJournal(lines: AsyncIterable<string>, name: string): Promise<Journal> {
  const images = new Map<string, JudgedLine | OlderLine>();
  let run: RunLine | undefined;
  let last: JournalLine | undefined;
  let dropped = 0;
  for await (const text of lines) {
    last = lineIn(text);
    if (last === undefined) dropped += 1;
    else if (last.kind === "run") run = sameRun(run, last, name);
    else if (last.kind === "judged" || last.kind === "older") images.set(keyOf(last), last);
  }
  if (run === undefined && images.size + dropped > 1)
    throw new UsageError(`${name} is not a journal of mc backfill; name another file`);
  return { run, images, sums: last?.kind === "sums" ? last : undefined, dropped };
}

/** A line of a journal; undefined where it cannot be read. */
export function lineIn(text: string): JournalLine | undefined {
  try {
    return JournalLine.safeParse(parseJson(text)).data;
  } catch {
    return undefined;
  }
}

/** Throws UsageError where a run is by something else than the ones before. */
export function sameRun(before: RunLine | undefined, run: RunLine, name: string): RunLine {
  if (before === undefined) return run;
  for (const field of ["policy", "revocations", "namespace", "github", "shard"] as const)
    if (before[field] !== run[field])
      throw new UsageError(
        `${name} was judged by another ${field} (${before[field] ?? "none"}, now ${run[field] ?? "none"}); name a new file`,
      );
  return run;
}

/** Whether a journal tells an image's state; what was unknown is judged again. */
export function isSettled(line: JudgedLine | OlderLine | undefined): boolean {
  return line !== undefined && !(line.kind === "judged" && line.state === "unknown");
}
