import type { ImageLine, InventoryEnd, InventoryLine } from "../inventory/lines.ts";
import { createKnownImages, isSettled, type KnownImage, type KnownImages } from "./known-images.ts";
import {
  isInShard,
  type JudgedLine,
  type OlderLine,
  type ShardPart,
  type SumsLine,
  type UsesLine,
} from "./lines.ts";
import { createHostPool } from "./per-host.ts";
import type { JournalPort } from "./ports.ts";
import { ask, type Judging, statedBy } from "./state-now.ts";

/** What a backfill needs. */
export interface BackfillDeps extends Judging {
  readonly lines: AsyncIterable<InventoryLine>;
  /** What was judged before. */
  readonly known: Pick<KnownImages, "get">;
  readonly journal: JournalPort;
  readonly shard?: ShardPart;
  readonly since?: Date;
  /** Images of one host that are judged at the same time. */
  readonly perHost: number;
  readonly now: () => Date;
  /** Called after each image. */
  readonly onProgress: (done: Progress) => void;
}

/** How far it has come. */
export interface Progress {
  readonly judged: number;
  /** Of these, those that the journal had. */
  readonly resumed: number;
  readonly unknown: number;
}

/**
 * Judges everything that exists, and writes each verdict down as soon as it is known. What the journal holds is not judged
 * again, unless it could not be told. The five sums are the population, or it throws. Rejects where `signal` aborts: the
 * journal then holds all that was judged.
 */
export async function backfill(deps: BackfillDeps): Promise<SumsLine> {
  const { journal, known, signal } = deps;
  const states = createKnownImages();
  let end: InventoryEnd | undefined;
  const progress = { judged: 0, resumed: 0, unknown: 0 };
  const note = (line: ImageLine, found: JudgedLine | OlderLine | KnownImage): void => {
    const isResumed = !("kind" in found);
    if (!isResumed) journal.append(found);
    else if (found.state !== "older" && found.running !== line.running) journal.append(usesOf(line));
    states.set(line, isResumed ? statedAs(found) : found);
    progress.judged += 1;
    if (isResumed) progress.resumed += 1;
    else if (found.kind === "judged" && found.state === "unknown") progress.unknown += 1;
    deps.onProgress(progress);
  };
  const pool = createHostPool(deps.perHost);
  let population = 0;
  for await (const line of deps.lines) {
    signal.throwIfAborted();
    if (line.kind !== "image") {
      if (line.kind === "end") end = line;
      journal.append(line);
    } else if (isInShard(line, deps.shard)) {
      population += 1;
      const before = known.get(line);
      if (isSettled(before, line.running)) note(line, before);
      else await pool.run(hostOf(line), async () => note(line, await judgeLine(line, deps)));
    }
  }
  await pool.idle();
  const sums = sumsOf(states, { population, end, at: deps.now() });
  journal.append(sums);
  return sums;
}

/** What runs of an image now; its verdict stays. */
function usesOf({ repository, digest, running, places }: ImageLine): UsesLine {
  return { kind: "uses", repository, digest, running, places };
}

function statedAs({ state, running }: KnownImage): Parameters<KnownImages["set"]>[1] {
  return state === "older" ? { kind: "older" } : { kind: "judged", state, running };
}

function hostOf({ repository }: ImageLine): string {
  return repository.slice(0, repository.indexOf("/"));
}

async function judgeLine(line: ImageLine, deps: BackfillDeps): Promise<JudgedLine | OlderLine> {
  const { since, now } = deps;
  const asked = await ask(line, deps);
  const { existed } = asked;
  if (since !== undefined && existed !== undefined && existed < since && (line.running ?? 0) === 0)
    return { kind: "older", repository: line.repository, digest: line.digest, time: existed.toISOString() };
  const { state, reasons } = await statedBy(asked, deps);
  return { ...asked.line, kind: "judged", state, reasons: [...reasons], at: now().toISOString() };
}

/** Throws where an image is counted twice, or not at all. */
function sumsOf(
  all: KnownImages,
  {
    population,
    end,
    at,
  }: { readonly population: number; readonly end: InventoryEnd | undefined; readonly at: Date },
): SumsLine {
  if (end === undefined) throw new Error("the inventory has no end");
  const { older, ...states } = all.counts();
  const sum = Object.values(states).reduce((total, each) => total + each, 0);
  if (sum + older !== population) throw new Error(`${population} images, and ${sum} states`);
  return {
    kind: "sums",
    population: sum,
    states,
    older: end.older + older,
    missed: end.missed,
    at: at.toISOString(),
  };
}
