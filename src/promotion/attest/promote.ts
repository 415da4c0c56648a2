import { asFault, type PinnedImage, printable, RetryLater, UsageError } from "../../core/index.ts";
import { keyOf } from "../inventory/lines.ts";
import type { Progress } from "../judge/backfill.ts";
import { isInShard, type JournalLine, type JudgedLine, type Reason, type ShardPart } from "../judge/lines.ts";
import { createHostPool } from "../judge/per-host.ts";
import type { JournalPort } from "../judge/ports.ts";
import { ask, type Judging, statedBy } from "../judge/state-now.ts";
import type { Stated } from "../judge/state-of.ts";
import { type AttestLine, type Outcome, OUTCOMES, type PromoteSums } from "./lines.ts";
import type { OwnSummary, SummaryPort } from "./ports.ts";
import {
  admits,
  isGood,
  isPositive,
  levelsOf,
  type Subject,
  summaryStatement,
  type Verification,
} from "./statement.ts";

/** Images in a row for which nothing could be signed, after which no more is tried. */
const MAX_UNSIGNED = 5;

/** What a promotion needs. */
export interface PromoteDeps extends Judging {
  /** A journal's lines; undefined for one that cannot be read. They only say which images to ask about. */
  readonly lines: AsyncIterable<JournalLine | undefined>;
  readonly summaries: SummaryPort;
  readonly verification: Verification;
  /** Whether summaries are written, or it is only said which would be. */
  readonly isWriting: boolean;
  /** Whether each image also gets a tag. */
  readonly isTagging: boolean;
  readonly record: JournalPort;
  /** What an unfinished run has done. */
  readonly done: ReadonlyMap<string, AttestLine>;
  readonly shard?: ShardPart;
  /** Images of one host at the same time. */
  readonly perHost: number;
  readonly now: () => Date;
  /** Called for each image that is not promotable any more, and that a summary of this signer may still admit. */
  readonly onContradicted: (image: Pick<AttestLine, "repository" | "digest">) => void;
  /** Called after each image. */
  readonly onProgress: (done: Progress) => void;
}

/**
 * Signs a summary for each image that a journal names and that the gate finds promotable now: a line of a file proves nothing,
 * and who can write one must not get it signed. Writes none where a good one is there. Rejects with UsageError where what is
 * signed does not verify, or the lines are not a journal's, and with RetryLater where nothing can be signed.
 */
export async function promote(deps: PromoteDeps): Promise<PromoteSums> {
  const run = createRun(deps);
  const pool = createHostPool(deps.perHost);
  const seen = new Set<string>();
  let [judged, dropped] = [0, 0];
  for await (const line of deps.lines) {
    deps.signal.throwIfAborted();
    if (line === undefined) dropped += 1;
    if (line?.kind !== "judged") continue;
    judged += 1;
    const key = keyOf(line);
    if (!isPositive(line.state) || seen.has(key) || !isInShard(line, deps.shard)) continue;
    seen.add(key);
    const before = deps.done.get(key);
    if (before !== undefined) run.note(before, true);
    else await pool.run(hostOf(line), async () => run.note(await run.promoted(line), false));
  }
  await pool.idle();
  if (judged === 0) throw new UsageError("the journal holds no judged image; name one of mc backfill run");
  return run.end(seen.size, dropped);
}

interface Run {
  readonly promoted: (line: JudgedLine) => Promise<AttestLine>;
  readonly note: (line: AttestLine, isResumed: boolean) => void;
  readonly end: (images: number, dropped: number) => PromoteSums;
}

function createRun(deps: PromoteDeps): Run {
  const outcomes = Object.fromEntries(OUTCOMES.map((each) => [each, 0])) as Record<Outcome, number>;
  const progress = { judged: 0, resumed: 0, unknown: 0 };
  const signer = createSigner(deps);
  return {
    promoted: (line) => promoteOne(line, deps, signer),
    note(line, isResumed) {
      if (isResumed) progress.resumed += 1;
      else if (deps.isWriting) deps.record.append(line);
      if (line.outcome === "contradicted") deps.onContradicted(line);
      outcomes[line.outcome] += 1;
      progress.judged += 1;
      progress.unknown = outcomes.unknown;
      deps.onProgress(progress);
    },
    end(images, dropped) {
      const sum = Object.values(outcomes).reduce((total, each) => total + each, 0);
      if (sum !== images) throw new Error(`${images} images, and ${sum} outcomes`);
      const sums = { kind: "promoted", images, outcomes, dropped, at: deps.now().toISOString() } as const;
      if (deps.isWriting) deps.record.append(sums);
      return sums;
    },
  };
}

function hostOf({ repository }: JudgedLine): string {
  return repository.slice(0, repository.indexOf("/"));
}

type Written = Pick<AttestLine, "outcome"> & Partial<Pick<AttestLine, "summary" | "listedBy" | "reasons">>;

async function promoteOne(line: JudgedLine, deps: PromoteDeps, sign: Sign): Promise<AttestLine> {
  const { verification, signal, now } = deps;
  const asked = await ask({ ...line, kind: "image" }, deps);
  const stated = await statedBy(asked, deps);
  const { image, judgement } = asked;
  const { repository, digest } = line;
  const said = { kind: "attested", repository, digest, state: stated.state } as const;
  if (!isPositive(stated.state) || image === undefined || judgement === undefined) {
    const outcome = await refused(stated, image, deps);
    return { ...said, reasons: [...stated.reasons], ...outcome, at: now().toISOString() };
  }
  const { counted } = judgement;
  const levels = levelsOf(stated.state, counted, verification.levels);
  const subject = { image, levels, counted, at: now() };
  const written = await orUnknown(() => write(subject, deps, sign), signal);
  return { ...said, levels: [...levels], reasons: [], ...written, at: now().toISOString() };
}

/** A summary outlives what it was signed for: where ours still says PASSED, rules that ask for it alone admit the image. */
async function refused(
  { state }: Stated,
  image: PinnedImage | undefined,
  { summaries, verification, signal }: PromoteDeps,
): Promise<Written> {
  if (state === "unknown" || image === undefined) return { outcome: "unknown" };
  return await orUnknown(async () => {
    const newest = await summaries.read(image, signal);
    return { outcome: admits(newest, verification) ? "contradicted" : "unconfirmed" };
  }, signal);
}

async function write(subject: Subject, deps: PromoteDeps, sign: Sign): Promise<Written> {
  const { summaries, verification, isWriting, now, signal } = deps;
  const { image } = subject;
  const newest = await summaries.read(image, signal);
  const failed = newest.find(({ summary }) => summary.result === "FAILED");
  if (failed !== undefined) return overruled(failed);
  const isThere = newest.some((each) => isGood(each, subject, verification, now()));
  if (isThere) return (await tag(image, deps)) ? { outcome: "present" } : { outcome: "lacking" };
  if (!isWriting) return { outcome: "lacking" };
  const signed = await sign(subject);
  if ("reasons" in signed) return { outcome: "unknown", ...signed };
  const { digest, listedBy } = await summaries.attach(image, signed.bundle, signal);
  await tag(image, deps);
  return { outcome: "written", summary: digest, listedBy };
}

/** A newer PASSED would make the gate forget a FAILED: who said it has to take it back. */
function overruled({ summary: { verifier } }: OwnSummary): Written {
  const message = `the newest summary of this signer says that its verification by ${verifier} FAILED; who signed it decides whether it may be promoted again`;
  return {
    outcome: "unconfirmed",
    reasons: [{ code: "promotable/refused", message: printable(message, 600) }],
  };
}

/** Puts the courtesy tag where it is asked for and not there; false where it would be, were this no dry run. */
async function tag(
  image: PinnedImage,
  { summaries, isTagging, isWriting, signal }: PromoteDeps,
): Promise<boolean> {
  if (!isTagging) return true;
  const name = `promotable-${image.digest.slice(image.digest.indexOf(":") + 1).slice(0, 12)}`;
  if ((await summaries.tagged(image, name, signal)) === image.digest) return true;
  if (isWriting) await summaries.tag(image, name, signal);
  return isWriting;
}

async function orUnknown(work: () => Promise<Written>, signal: AbortSignal): Promise<Written> {
  try {
    return await work();
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UsageError || error instanceof RetryLater) throw error;
    const { code, message } = asFault(error);
    return { outcome: "unknown", reasons: [{ code, message: printable(message, 600) }] };
  }
}

type Sign = (subject: Subject) => Promise<{ readonly bundle: Buffer } | { readonly reasons: Reason[] }>;

/** Signs, and reads what was signed as the gate would: what does not verify is never written. */
function createSigner({ summaries, verification }: PromoteDeps): Sign {
  let unsigned = 0;
  return async (subject) => {
    const signed = await summaries.sign(summaryStatement(subject, verification));
    if (!signed.ok) {
      unsigned += 1;
      if (unsigned >= MAX_UNSIGNED) throw new RetryLater(`${unsigned} times in a row, ${signed.why}`);
      return { reasons: [{ code: "signing", message: signed.why }] };
    }
    unsigned = 0;
    const read = await summaries.check(subject.image, signed.bundle);
    if (typeof read === "string") throw new UsageError(`what was signed does not verify: ${read}`);
    if (verification.maxAgeMs !== undefined && read.at === undefined)
      throw new UsageError(
        "nothing vouches for when it was signed, as --max-age needs; give --tsa-url or --rekor-url",
      );
    if (!isGood(read, subject, { ...verification, renewBeforeMs: 0 }, subject.at))
      throw new UsageError("what was signed does not read as it was meant");
    return { bundle: signed.bundle };
  };
}
