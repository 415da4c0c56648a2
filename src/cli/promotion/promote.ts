import { EXIT, type ExitCode, formatDuration, printable, UsageError } from "../../core/index.ts";
import {
  type AttestLine,
  type BuildLevel,
  type JournalLine,
  lineIn,
  OUTCOMES,
  promote,
  type PromoteRun,
  type PromoteSums,
  unfinishedIn,
  type Verification,
} from "../../promotion/index.ts";
import { linesOf, openLines } from "../line-file.ts";
import { type OpenedSigner, openSigner, type SignerOptions } from "../open-signer.ts";
import { print, say } from "../terminal.ts";
import { textLines } from "../text-lines.ts";
import { type JudgeOptions, type OpenedJudge, openJudge } from "./open-judge.ts";
import { openSummaries } from "./open-summaries.ts";
import { interruptible } from "./print-lines.ts";
import { createProgress } from "./progress.ts";
import { refuseUnlogged } from "./refuse-unlogged.ts";
import { type ShardOptions, shardOf } from "./shard-option.ts";

/** Images that are named one by one. */
const MAX_SHOWN = 50;
const INTERRUPTED = "interrupted; what was written is in the registry, and the same command continues";
const LEVELS: Readonly<Record<string, BuildLevel>> = { "1": 1, "2": 2, "3": 3 };

export interface PromoteOptions extends JudgeOptions, SignerOptions, ShardOptions {
  /** A journal of `mc backfill run`; `-` for standard input. */
  readonly journal: string;
  readonly verifier: string;
  readonly policyUri: string;
  /** `AUTHORITY=N` */
  readonly level: readonly string[];
  /** ms */
  readonly maxAge?: number;
  /** ms */
  readonly renewBefore?: number;
  readonly tag: boolean;
  readonly record?: string;
  readonly yes: boolean;
  readonly concurrency: number;
  readonly output: "text" | "json";
}

/** `mc promote`: judges what a journal names as promotable again, and signs a summary of each that is. */
export async function runPromote(options: PromoteOptions): Promise<ExitCode> {
  const { signal, release } = interruptible(INTERRUPTED);
  const signer = openSigner(options, process.env);
  const judge = openJudge(options);
  const summaries = openSummaries(signer, judge, options);
  try {
    const began = performance.now();
    const verification = verificationOf(options, judge);
    refuseUnlogged(judge, signer, options);
    const run = runOf(options, judge, { signer, verification });
    const contradicted: string[] = [];
    const sums = await recorded(options, run, async ({ append, done, total }) => {
      const progress = createProgress(total);
      const shard = shardOf(options);
      const result = await promote({
        lines: journalLines(options.journal),
        ...judge.judging,
        summaries,
        verification,
        isWriting: options.yes,
        isTagging: options.tag,
        record: { append },
        done,
        ...(shard !== undefined && { shard }),
        perHost: options.concurrency,
        now: () => new Date(),
        signal,
        onContradicted: ({ repository, digest }) => void contradicted.push(`${repository}@${digest}`),
        onProgress: progress.on,
      });
      progress.done();
      return result;
    });
    report({ sums, contradicted }, options, performance.now() - began);
    return exitCodeOf(sums);
  } finally {
    release();
    await Promise.all([summaries.close(), judge.close()]);
  }
}

async function* journalLines(file: string): AsyncGenerator<JournalLine | undefined> {
  for await (const text of textLines(file)) yield lineIn(text);
}

function verificationOf(options: PromoteOptions, { policy, namespace }: OpenedJudge): Verification {
  const { verifier, policyUri: uri, maxAge, renewBefore = 0 } = options;
  if (renewBefore > 0 && maxAge === undefined)
    throw new UsageError("--renew-before needs --max-age: the maxAge of the rules that ask for promotable");
  if (maxAge !== undefined && renewBefore >= maxAge)
    throw new UsageError("--renew-before is not shorter than --max-age: every run would write everything");
  if (uri.includes("#"))
    throw new UsageError("--policy-uri has a fragment (#); the namespace whose rules judge is written there");
  return {
    verifier,
    policy: { uri, digest: policy.revision, ...(policy.isNamespaced && { namespace }) },
    levels: new Map(options.level.map((each) => levelIn(each, policy))),
    renewBeforeMs: renewBefore,
    ...(maxAge !== undefined && { maxAgeMs: maxAge }),
  };
}

/** Throws UsageError where it is not `AUTHORITY=N`: a level that no signer has would look as if it counted. */
function levelIn(text: string, { authorities }: OpenedJudge["policy"]): [name: string, level: BuildLevel] {
  const [, name = "", digit = ""] = /^(.+)=([^=]+)$/.exec(text) ?? [];
  const level = LEVELS[digit];
  if (level === undefined)
    throw new UsageError(
      `--level ${printable(text, 80)} is not AUTHORITY=N with N from 1 to 3, such as builder=3`,
    );
  if (!authorities.has(name))
    throw new UsageError(`--level ${printable(text, 80)}: the policy names no such authority`);
  return [name, level];
}

interface By {
  readonly signer: OpenedSigner;
  readonly verification: Verification;
}

function runOf(options: PromoteOptions, judge: OpenedJudge, { signer, verification }: By): PromoteRun {
  const shard = shardOf(options);
  return {
    kind: "promote",
    version: 1,
    policy: judge.policy.revision,
    policyUri: options.policyUri,
    revocations: judge.revocations,
    verifier: options.verifier,
    signer: signer.name,
    levels: [...verification.levels]
      .map((each) => each.join("="))
      .toSorted()
      .join(" "),
    namespace: judge.namespace,
    ...(judge.github !== undefined && { github: judge.github }),
    ...(options.maxAge !== undefined && { maxAgeMs: options.maxAge }),
    renewBeforeMs: options.renewBefore ?? 0,
    tag: options.tag,
    ...(shard !== undefined && { shard: `${shard.index}/${shard.of}` }),
    at: new Date().toISOString(),
  };
}

interface Recording {
  readonly append: (line: object) => void;
  readonly done: ReadonlyMap<string, AttestLine>;
  readonly total: number | undefined;
}

/** Keeps a record where one is named and something may be written. */
async function recorded(
  { record, yes, journal }: PromoteOptions,
  run: PromoteRun,
  work: (recording: Recording) => Promise<PromoteSums>,
): Promise<PromoteSums> {
  const total = journal === "-" ? undefined : await positivesIn(journal);
  if (record === undefined || !yes) return await work({ append: () => undefined, done: new Map(), total });
  const file = openLines(record);
  try {
    const { done, dropped } = await unfinishedIn(linesOf(record), run);
    if (dropped > 0) say(`${record}: ${dropped} torn line(s) dropped; these images are asked about again.`);
    file.append(run);
    return await work({ append: file.append, done, total });
  } finally {
    file.close();
  }
}

/** Lines about images that may be promoted, for how far it has come. */
async function positivesIn(journal: string): Promise<number> {
  let count = 0;
  for await (const text of textLines(journal)) if (/"state":"(?:promotable|legacy)/.test(text)) count += 1;
  return count;
}

function exitCodeOf({ outcomes, dropped, images }: PromoteSums): ExitCode {
  if (outcomes.unknown > 0 || dropped > 0) return EXIT.unknown;
  return outcomes.unconfirmed + outcomes.contradicted > 0 || images === 0 ? EXIT.refused : EXIT.allowed;
}

/** Requests for a summary: the image, two blobs, its manifest and the list, each checked first or read back. */
const WRITES = 8;

interface Result {
  readonly sums: PromoteSums;
  /** Images by digest. */
  readonly contradicted: readonly string[];
}

function report({ sums, contradicted }: Result, { output, yes }: PromoteOptions, ms: number): void {
  const { images, outcomes, dropped } = sums;
  if (output === "json") print(JSON.stringify({ ...sums, contradicted, dryRun: !yes }, undefined, 2));
  else {
    for (const outcome of OUTCOMES.filter((each) => (each === "lacking" ? !yes : each !== "written" || yes)))
      print(`${String(outcomes[outcome]).padStart(8)}  ${outcome}`);
    print(`${String(images).padStart(8)}  in all`);
  }
  if (dropped > 0) say(`${dropped} line(s) of the journal cannot be read; run mc backfill run again.`);
  if (outcomes.unconfirmed > 0)
    say(
      `${outcomes.unconfirmed} image(s) are not promotable by the gate now, or failed by the newest summary of this signer; nothing was signed for them.`,
    );
  tellContradicted(contradicted);
  if (yes) return;
  const estimate = formatDuration((ms / Math.max(1, images)) * (images + outcomes.lacking));
  say(
    `Nothing was written. ${outcomes.lacking} summaries would be, in about ${outcomes.lacking * WRITES} requests; with --yes all takes about ${estimate}.`,
  );
}

function tellContradicted(images: readonly string[]): void {
  if (images.length === 0) return;
  for (const image of images.slice(0, MAX_SHOWN))
    say(`${image} is not promotable any more, but its summary says PASSED`);
  if (images.length > MAX_SHOWN) say(`and ${images.length - MAX_SHOWN} more; -o json lists all`);
  say(
    `Rules that ask for promotable alone may admit ${images.length} image(s) until they are revoked: mc revocations add --digest, or mc backfill publish after another backfill.`,
  );
}
