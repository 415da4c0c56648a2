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
  /** Whether its last line has no end. */
  readonly isTorn: boolean;
}

/**
 * Reads a journal. A line that cannot be read counts as not written: its image is judged again. Throws UsageError where lines
 * are by different policies, or where nothing of it is a journal.
 */
export function readJournal(text: string, name: string): Journal {
  const written = text.split("\n").filter((each) => each !== "");
  const lines = written.map(lineIn);
  const run = lines
    .filter((line) => line?.kind === "run")
    .reduce<RunLine | undefined>((before, each) => sameRun(before, each, name), undefined);
  const judged = lines.filter((line) => line?.kind === "judged" || line?.kind === "older");
  const images = new Map(judged.map((line) => [keyOf(line), line]));
  const dropped = lines.filter((line) => line === undefined).length;
  if (run === undefined && images.size + dropped > 1)
    throw new UsageError(`${name} is not a journal of mc backfill; name another file`);
  const last = lines.at(-1);
  const sums = last?.kind === "sums" ? last : undefined;
  return { run, images, sums, dropped, isTorn: text !== "" && !text.endsWith("\n") };
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
  for (const field of ["policy", "revocations", "shard"] as const)
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
