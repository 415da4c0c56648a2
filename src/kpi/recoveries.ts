import type { Evaluation, Rule } from "./facts.ts";

/** How a failure ended. */
export const RECOVERIES = ["fixed", "flaky", "abandoned"] as const;
export type Recovery = (typeof RECOVERIES)[number];

/** After so long without an answer a failure counts as abandoned: its change was given up, or merged in spite of it. */
const ABANDONED_MS = 14 * 86_400_000;

/** A rule that fails in a thread. */
interface OpenRule {
  readonly since: number;
  /** The commit that failed last. */
  readonly sha: string;
}

/** A thread whose last answer is a failure. */
export interface OpenFailure {
  readonly repository: number;
  /** First failure, in ms. */
  readonly since: number;
  /** Last answer, in ms. */
  readonly last: number;
  /** The commit that failed last. */
  readonly sha: string;
  readonly rules: Readonly<Partial<Record<Rule, OpenRule>>>;
}

/** The end of a failure: of one rule, or of the gate, which is green again. */
export interface Ended {
  readonly repository: number;
  /** Absent for the gate as a whole. */
  readonly rule?: Rule;
  readonly how: Recovery;
  readonly at: number;
  readonly seconds: number;
}

/** Failures that nothing has ended yet, by thread. */
export type OpenFailures = Map<string, OpenFailure>;

/**
 * Takes an answer into account, in the order in which answers were given. A rule that failed is fixed where a later answer about
 * another commit does not name it, and flaky where that is the same commit. A run whose rules are unread ends nothing but
 * what a pass ends. Answers that come late change nothing.
 */
export function advance(
  open: OpenFailures,
  { thread, outcome, at, sha, repository, rules }: Evaluation,
): Ended[] {
  if (thread === undefined || (outcome !== "passed" && outcome !== "failed")) return [];
  const before = open.get(thread);
  if (before !== undefined && at < before.last) return [];
  const failing = new Set(rules);
  const ends = ended(before, { at, sha, failing });
  if (outcome === "passed") {
    open.delete(thread);
    if (before === undefined) return [];
    return [...ends, { repository, how: howOf(before.sha, sha), at, seconds: (at - before.since) / 1000 }];
  }
  open.set(thread, failed(before, { at, sha, failing, repository }));
  return ends;
}

/** Ends failures about which nothing has been heard for long. */
export function abandon(open: OpenFailures, now: number): Ended[] {
  return [...open].flatMap(([thread, { repository, since, last, rules }]): Ended[] => {
    const at = last + ABANDONED_MS;
    if (at > now) return [];
    open.delete(thread);
    const end = (from: number) => ({
      repository,
      how: "abandoned" as const,
      at,
      seconds: (at - from) / 1000,
    });
    return [...entriesOf(rules).map(([rule, each]) => ({ ...end(each.since), rule })), end(since)];
  });
}

interface Answer {
  readonly at: number;
  readonly sha: string;
  readonly failing: ReadonlySet<Rule>;
}

function ended(before: OpenFailure | undefined, { at, sha, failing }: Answer): Ended[] {
  if (before === undefined || failing.has("unread")) return [];
  return entriesOf(before.rules)
    .filter(([rule]) => !failing.has(rule))
    .map(([rule, open]) => ({
      repository: before.repository,
      rule,
      how: howOf(open.sha, sha),
      at,
      seconds: (at - open.since) / 1000,
    }));
}

function failed(
  before: OpenFailure | undefined,
  { at, sha, failing, repository }: Answer & { readonly repository: number },
): OpenFailure {
  const kept = failing.has("unread") ? entriesOf(before?.rules ?? {}) : [];
  const now = [...failing].map((rule) => [rule, { since: before?.rules[rule]?.since ?? at, sha }] as const);
  return {
    repository,
    since: before?.since ?? at,
    last: at,
    sha,
    rules: Object.fromEntries([...kept, ...now]),
  };
}

function entriesOf(rules: OpenFailure["rules"]): [Rule, OpenRule][] {
  return Object.entries(rules) as [Rule, OpenRule][];
}

function howOf(failedSha: string, sha: string): Recovery {
  return failedSha === sha ? "flaky" : "fixed";
}
