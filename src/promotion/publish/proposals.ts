import type { Digest } from "../../core/index.ts";
import type { ImageLine } from "../inventory/lines.ts";
import type { JudgedLine, OlderLine } from "../judge/lines.ts";
import type { Uses } from "./uses.ts";

/** A digest that is to be refused wherever it is named. */
export interface Proposed {
  readonly digest: Digest;
  /** One line. */
  readonly reason: string;
}

/** What a journal's images come to. */
export interface Proposals {
  readonly entries: readonly Proposed[];
  /** Images that would be listed and run: they would not start again. */
  readonly running: readonly JudgedLine[];
  /** Images that may run: nothing was asked. */
  readonly unasked: number;
  /** Digests that are promotable, not known or not judged in another repository, or are part of such an image. */
  readonly elsewhere: number;
  /** Images that no rule asks about. */
  readonly unmatched: number;
  /** Digests that are listed already. */
  readonly listed: number;
}

/** What decides about a proposal. */
export interface ProposalOptions {
  /** What runs now; as the journal says it where absent. */
  readonly uses?: Uses;
  readonly isListed: (digest: Digest) => boolean;
  readonly includeRunning: boolean;
}

/**
 * The digests of a journal that are non-promotable wherever they were found. A digest is listed without its repository, and an
 * image with all that leads to it: one that is good anywhere, or part of one that is, is left out.
 */
export function proposalsFrom(
  images: Iterable<JudgedLine | OlderLine>,
  { uses, isListed, includeRunning }: ProposalOptions,
): Proposals {
  const all = [...images];
  const kept = new Set(all.filter((each) => !isBad(each)).flatMap(digestsOf));
  const bad = all.filter(isBad);
  const usesOf = (line: JudgedLine): Pick<ImageLine, "running" | "places"> => uses?.of(line) ?? line;
  const asked = bad.map((line) => ({ ...line, ...usesOf(line) }));
  const stops = new Set(asked.filter(isRunning).flatMap(digestsOf));
  const unmatched = asked.filter(isUnmatched);
  const candidates = asked.filter((line) => !isUnmatched(line) && !kept.has(line.digest));
  const open = candidates.filter(({ digest }) => !isListed(digest));
  const chosen = includeRunning ? open : open.filter(({ digest }) => !stops.has(digest));
  const entries = new Map(
    chosen.map((line) => [line.digest, { digest: line.digest, reason: reasonOf(line) }]),
  );
  return {
    entries: [...entries.values()],
    running: open.filter(({ digest }) => stops.has(digest)),
    unasked: open.filter((line) => line.running === undefined).length,
    elsewhere: new Set(asked.filter(({ digest }) => kept.has(digest)).map(({ digest }) => digest)).size,
    unmatched: unmatched.length,
    listed: candidates.length - open.length,
  };
}

function isBad(line: JudgedLine | OlderLine): line is JudgedLine {
  return line.kind === "judged" && line.state === "non-promotable";
}

function isRunning({ running = 0 }: JudgedLine): boolean {
  return running > 0;
}

function digestsOf(line: JudgedLine | OlderLine): Digest[] {
  return line.kind === "judged" ? [line.digest, ...line.children] : [line.digest];
}

/** Of an image that no rule asks about nothing was found out. */
function isUnmatched({ reasons }: JudgedLine): boolean {
  return reasons[0]?.code === "policy/unmatched";
}

function reasonOf({ reasons, at }: JudgedLine): string {
  const codes = [...new Set(reasons.map(({ code }) => code))].slice(0, 3).join(", ");
  return `Not promotable (${codes}), by a backfill of ${at.slice(0, 10)}.`;
}
