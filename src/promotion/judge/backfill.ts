import { type ImageLine, type InventoryEnd, type InventoryLine, keyOf } from "../inventory/lines.ts";
import { isSettled, type Journal } from "./journal.ts";
import {
  isInShard,
  type JudgedLine,
  type OlderLine,
  type ShardPart,
  type State,
  STATES,
  type SumsLine,
} from "./lines.ts";
import { createHostPool } from "./per-host.ts";
import type { JournalPort } from "./ports.ts";
import { ask, type Judging, statedBy } from "./state-now.ts";

/** What a backfill needs. */
export interface BackfillDeps extends Judging {
  readonly lines: AsyncIterable<InventoryLine>;
  /** What was judged before. */
  readonly known: Journal["images"];
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
  const states = new Map<string, State | "older">();
  let end: InventoryEnd | undefined;
  const progress = { judged: 0, resumed: 0, unknown: 0 };
  const note = (line: JudgedLine | OlderLine, before?: typeof line): void => {
    if (line !== before) journal.append(line);
    const state = line.kind === "older" ? "older" : line.state;
    states.set(keyOf(line), state);
    progress.judged += 1;
    if (before !== undefined) progress.resumed += 1;
    if (state === "unknown") progress.unknown += 1;
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
      const before = settled(known.get(keyOf(line)), line);
      if (before === undefined) await pool.run(hostOf(line), async () => note(await judgeLine(line, deps)));
      else note(updated(before, line), before);
    }
  }
  await pool.idle();
  const sums = sumsOf(states, { population, end, at: deps.now() });
  journal.append(sums);
  return sums;
}

/** What is known of an image, where it still holds. */
function settled(before: JudgedLine | OlderLine | undefined, line: ImageLine): typeof before {
  if (before?.kind === "older" && (line.running ?? 0) > 0) return undefined;
  return isSettled(before) ? before : undefined;
}

/** The same verdict, with what runs now. */
function updated(before: JudgedLine | OlderLine, { running, places }: ImageLine): typeof before {
  return before.kind === "older" || before.running === running ? before : { ...before, running, places };
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
  all: ReadonlyMap<string, State | "older">,
  {
    population,
    end,
    at,
  }: { readonly population: number; readonly end: InventoryEnd | undefined; readonly at: Date },
): SumsLine {
  if (end === undefined) throw new Error("the inventory has no end");
  const states = Object.fromEntries(STATES.map((state) => [state, 0])) as Record<State, number>;
  let older = 0;
  for (const state of all.values()) {
    if (state === "older") older += 1;
    else states[state] += 1;
  }
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
