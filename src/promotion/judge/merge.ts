import { UsageError } from "../../core/index.ts";
import { type Journal, sameRun } from "./journal.ts";
import {
  type JudgedLine,
  type OlderLine,
  parseShard,
  type RunLine,
  type State,
  STATES,
  type SumsLine,
} from "./lines.ts";

/** One shard's journal. */
export interface NamedJournal {
  readonly name: string;
  readonly journal: Journal;
}

/** The journal of the run that was not cut into shards. */
export interface Merged {
  readonly run: RunLine;
  readonly lines: readonly (JudgedLine | OlderLine)[];
  readonly sums: SumsLine;
}

/**
 * Joins the journals of all shards of a run. Throws UsageError where one is missing, is there twice, has no end, or was judged
 * by something else: half a population is none.
 */
export function mergeJournals(all: readonly NamedJournal[], at: Date): Merged {
  const run = runOf(all);
  const images = new Map<string, JudgedLine | OlderLine>();
  let [older, missed] = [0, 0];
  for (const { name, journal } of all) {
    if (journal.sums === undefined)
      throw new UsageError(`${name} has no end; run that shard again, it continues where it was`);
    for (const [key, line] of journal.images) images.set(key, line);
    const own = [...journal.images.values()].filter(({ kind }) => kind === "older").length;
    if (journal.images.size !== journal.sums.population + own)
      throw new UsageError(`${name} has images that are gone since; run that shard again into a new file`);
    older = Math.max(older, journal.sums.older - own);
    missed = Math.max(missed, journal.sums.missed);
  }
  const lines = [...images].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line);
  const states = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
  for (const line of lines) {
    if (line.kind === "older") older += 1;
    else states[line.state] += 1;
  }
  const population = lines.filter(({ kind }) => kind === "judged").length;
  return { run, lines, sums: { kind: "sums", population, states, older, missed, at: at.toISOString() } };
}

function runOf(all: readonly NamedJournal[]): RunLine {
  let first: RunLine | undefined;
  const parts = new Map<number, string>();
  let wanted = 0;
  for (const { name, journal } of all) {
    if (journal.run === undefined) throw new UsageError(`${name} is not a journal of mc backfill`);
    const { shard = "1/1", ...run } = journal.run;
    first = sameRun(first, run, name);
    const { index, of } = parseShard(shard);
    if (wanted !== 0 && of !== wanted)
      throw new UsageError(`${name} is one of ${of} shards, others of ${wanted}`);
    wanted = of;
    if (parts.has(index))
      throw new UsageError(`${name} and ${parts.get(index)} are the same shard, ${shard}`);
    parts.set(index, name);
  }
  const missing = Array.from({ length: wanted }, (_, at) => at + 1).filter((index) => !parts.has(index));
  if (first === undefined || missing.length > 0)
    throw new UsageError(`shards ${missing.join(", ")} of ${wanted} are missing`);
  return first;
}
