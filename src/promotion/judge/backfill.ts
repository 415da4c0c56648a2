import { asFault, parseImageRef, type PinnedImage, printable } from "../../core/index.ts";
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
import type { JournalPort, JudgePort, LegacyPort } from "./ports.ts";
import { existedSince, type Judgement, lacksHistoryOnly, type Stated, stateOf } from "./state-of.ts";

/** What a backfill needs. */
export interface BackfillDeps {
  readonly lines: AsyncIterable<InventoryLine>;
  readonly judge: JudgePort;
  /** Absent where nothing can link images to runs. */
  readonly legacy?: LegacyPort;
  /** What was judged before. */
  readonly known: Journal["images"];
  readonly journal: JournalPort;
  readonly shard?: ShardPart;
  readonly since?: Date;
  /** Images of one host that are judged at the same time. */
  readonly perHost: number;
  readonly now: () => Date;
  readonly signal: AbortSignal;
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
  const { signal, since, now } = deps;
  const parsed = parseImageRef(keyOf(line));
  const image = parsed.ok ? ({ ...parsed.ref, digest: line.digest } satisfies PinnedImage) : undefined;
  const judgement = image === undefined ? undefined : await deps.judge(image, signal);
  signal.throwIfAborted();
  const existed = existedSince(line, judgement?.evidence);
  const dated = datedBy(line, existed);
  if (since !== undefined && existed !== undefined && existed < since && (line.running ?? 0) === 0)
    return { kind: "older", repository: line.repository, digest: line.digest, time: existed.toISOString() };
  const stated = judgement === undefined ? UNREADABLE : await linked(dated, judgement, deps);
  return { ...dated, kind: "judged", ...stated, reasons: [...stated.reasons], at: now().toISOString() };
}

const UNREADABLE: Stated = {
  state: "unknown",
  reasons: [{ code: "internal/unexpected", message: "its name cannot be read again" }],
};

/** A registry's own time counts; else the earliest that a log or a timestamp vouches for. */
function datedBy(line: ImageLine, existed: Date | undefined): ImageLine {
  if (line.clock !== "none" || existed === undefined) return line;
  return { ...line, time: existed.toISOString(), clock: "signature" };
}

/** The state, once it was looked for what links an image without provenance to its build. */
async function linked(
  line: ImageLine,
  judgement: Judgement,
  { legacy, signal }: BackfillDeps,
): Promise<Stated> {
  const stated = stateOf(line, judgement);
  if (legacy === undefined || stated.state !== "non-promotable" || !lacksHistoryOnly(judgement))
    return stated;
  try {
    const link = await legacy(line, signal);
    if (link === undefined) return stated;
    const message = `pushed while run ${link.run} of commit ${link.commit} built it, by GitHub's records`;
    return { state: "legacy-linked", reasons: [{ code: "legacy", message: printable(message, 600) }] };
  } catch (error) {
    signal.throwIfAborted();
    const { code, message } = asFault(error);
    return { state: "unknown", reasons: [{ code, message: printable(message, 600) }] };
  }
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
