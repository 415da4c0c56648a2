import { parseJson, UsageError } from "../../core/index.ts";
import { keyOf } from "../inventory/lines.ts";
import { createKnownImages, type KnownImages } from "./known-images.ts";
import {
  JournalLine,
  type JudgedLine,
  type OlderLine,
  type RunLine,
  type SumsLine,
  type UsesLine,
} from "./lines.ts";

/** What a journal is by, and how it ends. */
export interface JournalFrame {
  /** What its lines are by; undefined where it is empty. */
  readonly run: RunLine | undefined;
  /** The sums of the last run that came to its end, where nothing follows. */
  readonly sums: SumsLine | undefined;
  /** Lines that cannot be read, such as one that was being written when its program was killed. */
  readonly dropped: number;
}

/** What a journal holds. */
export interface Journal extends JournalFrame {
  /** The last line about each image. */
  readonly images: ReadonlyMap<string, JudgedLine | OlderLine>;
}

/** The same with the states alone: as little of each image as a run needs to continue. */
export interface JournalStates extends JournalFrame {
  readonly known: KnownImages;
}

/**
 * Reads a journal line by line. A line that cannot be read counts as not written: its image is judged again. Rejects with
 * UsageError where lines are by different policies, or where nothing of it is a journal.
 */
export async function readJournal(lines: AsyncIterable<string>, name: string): Promise<Journal> {
  const images = new Map<string, JudgedLine | OlderLine>();
  const frame = await readLines(lines, name, (line) => {
    const key = keyOf(line);
    if (line.kind !== "uses") images.set(key, line);
    else {
      const before = images.get(key);
      if (before?.kind === "judged")
        images.set(key, { ...before, running: line.running, places: line.places });
    }
  });
  return { ...frame, images };
}

/** The same as `readJournal`. */
export async function readStates(lines: AsyncIterable<string>, name: string): Promise<JournalStates> {
  const known = createKnownImages();
  const frame = await readLines(lines, name, (line) => {
    if (line.kind !== "uses") known.set(line, line);
    else known.setRunning(line, line.running);
  });
  return { ...frame, known };
}

async function readLines(
  lines: AsyncIterable<string>,
  name: string,
  take: (line: JudgedLine | OlderLine | UsesLine) => void,
): Promise<JournalFrame> {
  let run: RunLine | undefined;
  let last: JournalLine | undefined;
  let [dropped, images] = [0, 0];
  for await (const text of lines) {
    last = lineIn(text);
    if (last === undefined) dropped += 1;
    else if (last.kind === "run") run = sameRun(run, last, name);
    else if (isAboutImage(last)) {
      images += 1;
      take(last);
    }
  }
  if (run === undefined && images + dropped > 1)
    throw new UsageError(`${name} is not a journal of mc backfill; name another file`);
  return { run, sums: last?.kind === "sums" ? last : undefined, dropped };
}

function isAboutImage(line: JournalLine): line is JudgedLine | OlderLine | UsesLine {
  return line.kind === "judged" || line.kind === "older" || line.kind === "uses";
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
