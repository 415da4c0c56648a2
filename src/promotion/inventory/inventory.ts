import { type DescribeTask, type Found, lineOf, type Sighting, type Source } from "./found.ts";
import { createImageTable, type ImageTable } from "./image-table.ts";
import type { ImageLine, InventoryLine } from "./lines.ts";
import type { ClusterPort } from "./ports.ts";
import { readRunning, type Running } from "./running.ts";

/** What an inventory is made of. */
export interface InventoryOptions extends Omit<DescribeTask, "source"> {
  readonly sources: readonly Source[];
  /** Absent where no cluster is asked: then no line says whether it runs. */
  readonly cluster?: ClusterPort;
  /** Images from before it are left out unless something runs them; an image without a time stays. */
  readonly since?: Date;
  readonly now: () => Date;
}

/**
 * Everything that exists, one line for each image, as it is found, and a last line with the sums. What could not be seen is
 * a line, too. Holds a hash of each image and what runs, so that its memory hardly grows with the number of lines.
 * Rejects where `signal` aborts, and never for what a source does.
 */
export async function* inventory(options: InventoryOptions): AsyncGenerator<InventoryLine> {
  const { sources, cluster, since, signal, now } = options;
  const running = cluster === undefined ? undefined : await readRunning(cluster);
  const state: State = {
    running,
    since,
    listed: createImageTable(),
    sums: { images: 0, undated: 0, older: 0, attachments: 0, missed: 0 },
  };
  const all: readonly Source[] =
    running === undefined
      ? sources
      : [() => eachOf(running.unseen), ...sources, () => running.unlisted({ ...options, source: "cluster" })];
  for (const source of all) {
    for await (const sighting of source(signal)) {
      signal.throwIfAborted();
      const line = taken(sighting, state);
      if (line !== undefined) yield line;
    }
  }
  const end = { kind: "end", ...state.sums, at: now().toISOString() } as const;
  yield since === undefined ? end : { ...end, since: since.toISOString() };
}

interface State {
  readonly running: Running | undefined;
  readonly since: Date | undefined;
  /** The images that have a line, or were older. */
  readonly listed: ImageTable;
  readonly sums: Record<"images" | "undated" | "older" | "attachments" | "missed", number>;
}

/** The line of what was seen; undefined where it has none. */
function taken(sighting: Sighting, state: State): InventoryLine | undefined {
  const { sums } = state;
  if (sighting.kind === "found") return imageLine(sighting, state);
  if (sighting.kind === "attached") {
    sums.attachments += 1;
    return undefined;
  }
  if (sighting.code !== undefined) sums.missed += 1;
  return sighting;
}

/** Undefined where the image has a line, or is older than was asked for. */
function imageLine(found: Found, { running, since, listed, sums }: State): ImageLine | undefined {
  const line = lineOf(found);
  if (listed.get(line) !== undefined) return undefined;
  listed.set(line, 1);
  const uses = running?.usesOf(line.repository, [line.digest, ...line.children]);
  if (isOlder(line, since) && (uses?.running ?? 0) === 0) {
    sums.older += 1;
    return undefined;
  }
  sums.images += 1;
  if (line.time === undefined) sums.undated += 1;
  return { ...line, ...uses };
}

function isOlder({ time }: ImageLine, since: Date | undefined): boolean {
  return since !== undefined && time !== undefined && Date.parse(time) < since.getTime();
}

async function* eachOf<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}
