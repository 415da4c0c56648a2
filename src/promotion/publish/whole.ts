import { UsageError } from "../../core/index.ts";
import type { Journal } from "../judge/journal.ts";
import { type State, STATES } from "../judge/lines.ts";

/**
 * Why a journal does not say of every image what it is, and what to do, one clause; undefined where it does. A digest may be
 * good in a repository that it leaves out. Throws UsageError where it is another kind of journal.
 */
export function gapIn(journal: Journal, name: string): string | undefined {
  const { run, sums } = journal;
  if (run === undefined)
    throw new UsageError(`${name} does not say by what it was judged; name a journal of mc backfill run`);
  if (run.shard !== undefined)
    throw new UsageError(
      `${name} is shard ${run.shard} alone; join the journals of all shards with mc backfill merge`,
    );
  if (sums === undefined) return `${name} has no end; run mc backfill run again, it continues where it was`;
  if (sums.states.unknown > 0 || sums.missed > 0)
    return `${sums.states.unknown} image(s) of ${name} are unknown, and ${sums.missed} thing(s) could not be seen; run mc backfill run again`;
  if (sums.older > 0)
    return `${name} leaves out ${sums.older} older image(s), which may be the same digests; run mc backfill run without --since into a new file`;
  if (!hasAll(journal, sums.states))
    return `the images of ${name} are not those of its sums: lines cannot be read, or images are gone since; run mc backfill run into a new file`;
  return undefined;
}

/** Whether the last line about each image comes to the sums. Lines that were cut off do not matter where they were written again. */
function hasAll({ images }: Journal, states: Readonly<Record<State, number>>): boolean {
  const all = [...images.values()];
  return STATES.every(
    (state) => all.filter((line) => line.kind === "judged" && line.state === state).length === states[state],
  );
}
