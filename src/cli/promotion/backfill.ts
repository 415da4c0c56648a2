import { EXIT, type ExitCode, formatDuration } from "../../core/index.ts";
import {
  backfill,
  isSettled,
  type InventoryLine,
  mergeJournals,
  type NamedJournal,
  type RunLine,
  sameRun,
  type ShardPart,
  STATES,
  type SumsLine,
} from "../../promotion/index.ts";
import { openLines } from "../line-file.ts";
import { print, say } from "../terminal.ts";
import { readJournalFile, readStatesFile } from "./journal-file.ts";
import { openInventory, type SourceOptions } from "./open-inventory.ts";
import { type JudgeOptions, type OpenedJudge, openJudge } from "./open-judge.ts";
import { interruptible, printLine } from "./print-lines.ts";
import { createProgress } from "./progress.ts";
import { type ShardOptions, shardOf } from "./shard-option.ts";

export interface BackfillOptions extends SourceOptions, JudgeOptions, ShardOptions {
  readonly journal: string;
  readonly concurrency: number;
  readonly plan: boolean;
  readonly output: "text" | "json";
}

/** `mc backfill run`: judges everything that exists, and says how much of it is in each state. */
export async function runBackfill(options: BackfillOptions): Promise<ExitCode> {
  const now = new Date();
  const shard = shardOf(options);
  const { signal, release } = interruptible(
    "interrupted; the journal holds what was judged, and the same command continues",
  );
  const judge = openJudge(options);
  const opened = await openInventory(options, { signal, now });
  try {
    if (options.plan) return await plan(opened.lines, options);
    return await judgeAll({ options, judge, lines: opened.lines, shard, signal, now });
  } finally {
    release();
    await Promise.all([opened.close(), judge.close()]);
  }
}

interface Run {
  readonly options: BackfillOptions;
  readonly judge: OpenedJudge;
  readonly lines: AsyncIterable<InventoryLine>;
  readonly shard: ShardPart | undefined;
  readonly signal: AbortSignal;
  readonly now: Date;
}

async function judgeAll({ options, judge, lines, shard, signal, now }: Run): Promise<ExitCode> {
  const since = options.since === undefined ? undefined : new Date(now.getTime() - options.since);
  const run: RunLine = {
    kind: "run",
    version: 1,
    policy: judge.policy.revision,
    revocations: judge.revocations,
    namespace: judge.namespace,
    ...(judge.github !== undefined && { github: judge.github }),
    ...(since !== undefined && { since: since.toISOString() }),
    ...(shard !== undefined && { shard: `${shard.index}/${shard.of}` }),
    at: now.toISOString(),
  };
  const journal = openLines(options.journal);
  try {
    const before = await readStatesFile(options.journal);
    const progress = createProgress(before.sums?.population);
    sameRun(before.run, run, options.journal);
    journal.append(run);
    const sums = await backfill({
      lines,
      ...judge.judging,
      known: before.known,
      journal,
      ...(shard !== undefined && { shard }),
      ...(since !== undefined && { since }),
      perHost: options.concurrency,
      now: () => new Date(),
      signal,
      onProgress: progress.on,
    });
    progress.done();
    report(sums, options);
    return exitCodeOf(sums);
  } finally {
    journal.close();
  }
}

/** 11 where something could not be told, else 10 where something is not promotable. A population of none proves nothing. */
function exitCodeOf({ population, states, missed, older }: SumsLine): ExitCode {
  if (states.unknown > 0 || missed > 0 || population + older === 0) return EXIT.unknown;
  return states["non-promotable"] > 0 ? EXIT.refused : EXIT.allowed;
}

function report(sums: SumsLine, { output }: Pick<BackfillOptions, "output">): void {
  if (output === "json") print(JSON.stringify(sums, undefined, 2));
  else {
    for (const state of STATES) print(`${String(sums.states[state]).padStart(8)}  ${state}`);
    print(`${String(sums.population).padStart(8)}  in all`);
  }
  if (sums.older > 0) say(`${sums.older} image(s) are older and do not run; they are not counted.`);
  if (sums.missed > 0) say(`${sums.missed} thing(s) could not be seen; the journal names them.`);
}

/** What would be asked, and how long that may take by how long the inventory took. */
async function plan(lines: AsyncIterable<InventoryLine>, options: BackfillOptions): Promise<ExitCode> {
  const { known } = await readStatesFile(options.journal);
  const began = performance.now();
  const hosts = new Map<string, number>();
  let [images, missed] = [0, 0];
  for await (const line of lines) {
    if (line.kind === "end") missed = line.missed;
    if (line.kind !== "image") continue;
    images += 1;
    const host = line.repository.slice(0, line.repository.indexOf("/"));
    if (!isSettled(known.get(line), line.running)) hosts.set(host, (hosts.get(host) ?? 0) + 1);
  }
  const left = [...hosts.values()].reduce((sum, each) => sum + each, 0);
  const ms = ((performance.now() - began) / Math.max(1, images)) * REQUESTS * left;
  reportPlan(
    { images, left, missed, hosts: Object.fromEntries(hosts), estimate: formatDuration(ms) },
    options,
  );
  return missed > 0 || images === 0 ? EXIT.unknown : EXIT.allowed;
}

interface Plan {
  readonly images: number;
  readonly left: number;
  readonly missed: number;
  readonly hosts: Readonly<Record<string, number>>;
  readonly estimate: string;
}

function reportPlan(found: Plan, { output }: Pick<BackfillOptions, "output">): void {
  if (output === "json") return print(JSON.stringify(found, undefined, 2));
  const { images, left, hosts, estimate } = found;
  for (const [host, count] of Object.entries(hosts))
    print(`${String(count).padStart(8)}  to judge on ${host}, about ${count * REQUESTS} requests`);
  print(`${String(images - left).padStart(8)}  in the journal`);
  print(`about ${estimate}, by the pace of this inventory; nothing was judged or written`);
}

/** Requests for one image: its manifest, what is attached in four places, and one attachment. */
const REQUESTS = 6;

/** `mc backfill merge`: prints the journal that one run without shards would have written. */
export async function mergeBackfill(files: readonly string[]): Promise<ExitCode> {
  const journals: NamedJournal[] = [];
  for (const name of files) journals.push({ name, journal: await readJournalFile(name) });
  const { run, lines, sums } = mergeJournals(journals, new Date());
  for (const line of [run, ...lines, sums]) await printLine(line);
  say(STATES.map((state) => `${sums.states[state]} ${state}`).join(", "));
  return exitCodeOf(sums);
}
