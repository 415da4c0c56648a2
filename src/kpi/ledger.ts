import { z } from "zod";

import { parseJson } from "../core/index.ts";
import { type Evaluation, keyOf, OUTCOMES, PROFILES, RULES } from "./facts.ts";
import { abandon, advance, type OpenFailures } from "./recoveries.ts";
import { type Counts, countEnded, countEvaluation, zeroCounts } from "./series.ts";

const MAX_ANSWERS = 200_000;

const Answer = z.object({
  kind: z.literal("answer"),
  /** Whether it counts: one that ended before the counters began does not, nor does one that the base has counted. */
  counts: z.boolean(),
  repository: z.int(),
  run: z.int(),
  attempt: z.int(),
  job: z.string(),
  at: z.number(),
  sha: z.string(),
  thread: z.string().optional(),
  version: z.string().optional(),
  profile: z.enum(PROFILES),
  outcome: z.enum(OUTCOMES),
  rules: z.array(z.enum(RULES)),
  seconds: z.number().optional(),
});
const Open = z.object({
  repository: z.int(),
  since: z.number(),
  last: z.number(),
  sha: z.string(),
  rules: z.partialRecord(z.enum(RULES), z.object({ since: z.number(), sha: z.string() })),
});
const Base = z.object({
  kind: z.literal("base"),
  version: z.literal(1),
  owner: z.string(),
  reusable: z.string(),
  since: z.number(),
  /** Answers that ended until then are known, whether they are kept or not. */
  forgotten: z.number(),
  poll: z.number(),
  counts: z.record(z.string(), z.number()),
});
const Line = z.discriminatedUnion("kind", [
  Base,
  z.object({ kind: z.literal("open"), thread: z.string(), ...Open.shape }),
  Answer,
  z.object({ kind: z.literal("polled"), at: z.number() }),
]);
/** A line of the state. */
export type LedgerLine = z.input<typeof Line>;

/** Where lines are kept. */
export interface LedgerFile {
  /** Adds lines, and returns once they would survive the machine. Throws where that is not sure; then none is there. */
  readonly append: (lines: readonly LedgerLine[]) => void;
  /** Has these lines and no others, in one step. */
  readonly replace: (lines: Iterable<LedgerLine>) => void;
}

/** Whose figures they are. */
export interface LedgerOf {
  readonly owner: string;
  readonly reusable: string;
}

/** Answers of gates and what was counted of them. What it shows is on the disk: no restart takes back what was seen. */
export interface Ledger {
  readonly since: number;
  /** When the last whole poll ended; 0 before the first. */
  readonly polled: () => number;
  readonly counts: () => ReadonlyMap<string, number>;
  readonly open: () => number;
  readonly answers: () => readonly Evaluation[];
  /** The commit of the workflow that each repository ran last. */
  readonly versions: () => ReadonlyMap<number, string | undefined>;
  readonly has: (run: number, attempt: number) => boolean;
  /** Whether a repository's gate passed or failed since then. */
  readonly ranSince: (repository: number, since: number) => boolean;
  readonly record: (evaluations: readonly Evaluation[]) => void;
  /** Ends what nothing was heard of for long, and forgets answers until `keepSince`; gives how many later ones it forgot. */
  readonly endPoll: (now: number, keepSince: number) => number;
}

/** A state that cannot be continued: another organisation's, or damaged. */
export class LedgerError extends Error {
  override readonly name = "LedgerError";
}

/** Reads a state line by line. A torn last line was never shown to anyone, and is left out. */
export async function readLedger(lines: AsyncIterable<string>, of: LedgerOf): Promise<Restored | undefined> {
  let state: Restored | undefined;
  let torn: number | undefined;
  let number = 0;
  for await (const text of lines) {
    number += 1;
    if (torn !== undefined) throw new LedgerError(`line ${torn} cannot be read`);
    const line = lineOf(text);
    if (line === undefined) torn = number;
    else if (line.kind === "base") state = restoredBase(line, of);
    else if (state === undefined) throw new LedgerError("it does not begin with what was counted");
    else apply(state, line);
  }
  if (state === undefined && number > 0) throw new LedgerError("it does not begin with what was counted");
  return state;
}

/** What lines add up to. */
export interface Restored {
  readonly of: LedgerOf;
  readonly since: number;
  forgotten: number;
  poll: number;
  readonly counts: Counts;
  readonly open: OpenFailures;
  readonly answers: Map<string, Evaluation>;
}

/** A state without answers, whose counters begin now. */
export function newLedger(of: LedgerOf, now: number): Restored {
  return { of, since: now, forgotten: 0, poll: 0, counts: zeroCounts(), open: new Map(), answers: new Map() };
}

function restoredBase(
  { owner, reusable, since, forgotten, poll, counts }: z.output<typeof Base>,
  of: LedgerOf,
): Restored {
  if (owner !== of.owner || reusable !== of.reusable)
    throw new LedgerError(`it is of ${owner.slice(0, 100)} and ${reusable.slice(0, 200)}`);
  const all = zeroCounts();
  for (const [key, value] of Object.entries(counts)) if (all.has(key)) all.set(key, value);
  return { of, since, forgotten, poll, counts: all, open: new Map(), answers: new Map() };
}

function lineOf(text: string): z.output<typeof Line> | undefined {
  try {
    return Line.safeParse(parseJson(text)).data;
  } catch {
    return undefined;
  }
}

function apply(state: Restored, line: Exclude<z.output<typeof Line>, { kind: "base" }>): void {
  if (line.kind === "polled") return applyPoll(state, line.at);
  if (line.kind === "open") {
    const { thread, kind: _, ...failure } = line;
    state.open.set(thread, failure);
    return;
  }
  const { kind: _, counts, ...evaluation } = line;
  state.answers.set(keyOf(evaluation), evaluation);
  if (!counts) return;
  countEvaluation(state.counts, evaluation);
  for (const ended of advance(state.open, evaluation)) countEnded(state.counts, ended);
}

function applyPoll(state: Restored, at: number): void {
  state.poll = at;
  for (const ended of abandon(state.open, at)) countEnded(state.counts, ended);
}

/** Continues a state in a file, which is written again: what was restored may have ended with a torn line. */
export function createLedger(state: Restored, file: LedgerFile, maxAnswers = MAX_ANSWERS): Ledger {
  file.replace(linesOf(state));
  const index = createIndex(state.answers.values());
  const record: Ledger["record"] = (evaluations) => {
    const fresh = evaluations.filter((each) => each.at > state.forgotten && !state.answers.has(keyOf(each)));
    if (fresh.length === 0) return;
    const lines = fresh
      .toSorted((a, b) => a.at - b.at)
      .map((each) => ({
        kind: "answer" as const,
        counts: each.at >= state.since,
        ...each,
        rules: [...each.rules],
      }));
    file.append(lines);
    for (const line of lines) {
      apply(state, line);
      index.add(line);
    }
  };
  return {
    since: state.since,
    polled: () => state.poll,
    counts: () => state.counts,
    open: () => state.open.size,
    answers: () => [...state.answers.values()],
    has: index.has,
    ranSince: (repository, since) => (index.lastJudged(repository) ?? 0) > since,
    versions: index.versions,
    record,
    endPoll(now, keepSince) {
      file.append([{ kind: "polled", at: now }]);
      applyPoll(state, now);
      const { isLess, forgotten } = forget(state, keepSince, maxAnswers);
      if (isLess) file.replace(linesOf(state));
      return forgotten;
    },
  };
}

interface Index extends Pick<Ledger, "has" | "versions"> {
  readonly add: (evaluation: Evaluation) => void;
  readonly lastJudged: (repository: number) => number | undefined;
}

/** What is asked for often. It holds no more than the answers, and those that were forgotten since the start. */
function createIndex(answers: Iterable<Evaluation>): Index {
  const tries = new Set<string>();
  const judged = new Map<number, number>();
  const last = new Map<number, Evaluation>();
  const index: Index = {
    add(each) {
      tries.add(tryOf(each));
      if (each.at >= (last.get(each.repository)?.at ?? 0)) last.set(each.repository, each);
      if (isJudged(each)) judged.set(each.repository, Math.max(each.at, judged.get(each.repository) ?? 0));
    },
    has: (run, attempt) => tries.has(tryOf({ run, attempt })),
    versions: () => new Map([...last].map(([repository, { version }]) => [repository, version])),
    lastJudged: (repository) => judged.get(repository),
  };
  for (const each of answers) index.add(each);
  return index;
}

function tryOf({ run, attempt }: Pick<Evaluation, "run" | "attempt">): string {
  return `${run}.${attempt}`;
}

function isJudged({ outcome }: Evaluation): boolean {
  return outcome === "passed" || outcome === "failed";
}

interface Forgetting {
  /** Whether there are fewer answers now. */
  readonly isLess: boolean;
  /** How many were forgotten that are not too old. */
  readonly forgotten: number;
}

/** Forgets what is too old, once that is a tenth of all, and the oldest of what is too much. */
function forget(state: Restored, keepSince: number, most: number): Forgetting {
  const inOrder = [...state.answers].toSorted(([, a], [, b]) => a.at - b.at);
  const old = inOrder.filter(([, { at }]) => at <= keepSince).length;
  const over = Math.max(0, inOrder.length - old - most);
  const gone = inOrder.slice(0, old + over);
  const last = gone.at(-1);
  if (last === undefined || (over === 0 && gone.length * 10 < inOrder.length))
    return { isLess: false, forgotten: 0 };
  for (const [key] of gone) state.answers.delete(key);
  state.forgotten = Math.max(state.forgotten, last[1].at);
  return { isLess: true, forgotten: over };
}

function* linesOf({ of, since, forgotten, poll, counts, open, answers }: Restored): Generator<LedgerLine> {
  yield { kind: "base", version: 1, ...of, since, forgotten, poll, counts: Object.fromEntries(counts) };
  for (const [thread, failure] of open) yield { kind: "open", thread, ...failure };
  for (const each of answers.values())
    yield { kind: "answer", counts: false, ...each, rules: [...each.rules] };
}
