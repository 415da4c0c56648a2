import { stateOf, type WaiverState } from "../waivers/index.ts";
import {
  DOCUMENT_STATES,
  type DocumentState,
  type Evaluation,
  type Found,
  type GateOutcome,
  OUTCOMES,
  REPOSITORY_STATES,
  type RepositoryState,
  type Rule,
  RULES,
} from "./facts.ts";
import { abandon, advance, type Ended, type OpenFailures, RECOVERIES, type Recovery } from "./recoveries.ts";
import { latestVersions, type VersionRow, versionRows } from "./versions.ts";

/** What share of active repositories ran the workflow. Unknown ones are active and count as not having run it. */
export interface Adoption {
  readonly adopted: number;
  readonly active: number;
  readonly unknown: number;
  /** adopted ÷ active; undefined where no repository is active. */
  readonly share: number | undefined;
  /** What it would be if every unknown one had run it. */
  readonly atMost: number | undefined;
}

/** A number of values, and the one in the middle. */
export interface Spread {
  readonly count: number;
  readonly median: number | undefined;
}

/** What is so at one instant. */
export interface Standing {
  readonly adoption: Adoption;
  readonly repositories: Readonly<Record<RepositoryState, number>>;
  /** Adopted repositories by the version that they ran last; undefined where releases could not be read. */
  readonly versions: readonly VersionRow[] | undefined;
  readonly waivers: Readonly<Record<WaiverState, number>>;
  readonly documents: Readonly<Record<DocumentState, number>>;
}

/** All figures, for one window of time. */
export interface Kpis extends Standing {
  readonly at: number;
  readonly windowMs: number;
  readonly evaluations: Readonly<Record<GateOutcome, number>>;
  /** Failed gates by rule; one that broke two counts under both. */
  readonly failures: Readonly<Record<Rule, number>>;
  /** Failures of gates that ended, by how. */
  readonly recoveries: Readonly<Record<Recovery, number>>;
  /** The same by rule. */
  readonly recoveriesByRule: Readonly<Record<Rule, Readonly<Record<Recovery, number>>>>;
  /** Gates whose last answer is a failure. */
  readonly open: number;
  /** From the first failure to the pass of another commit, in seconds. */
  readonly timeToGreen: Spread;
  /** Of gates that passed or failed, in seconds. */
  readonly duration: Spread;
}

export interface KpiOptions {
  readonly now: number;
  readonly windowMs: number;
}

/** Computes every figure from what was found and the answers of gates. Answers before the window only say what was open. */
export function kpisOf(
  found: Found,
  evaluations: readonly Evaluation[],
  { now, windowMs }: KpiOptions,
): Kpis {
  const from = now - windowMs;
  const inOrder = evaluations.filter(({ at }) => at <= now).toSorted((a, b) => a.at - b.at || a.run - b.run);
  const inside = inOrder.filter(({ at }) => at > from);
  const judged = inside.filter(({ outcome }) => outcome === "passed" || outcome === "failed");
  const open: OpenFailures = new Map();
  const ended = [...inOrder.flatMap((each) => endedBy(open, each)), ...abandon(open, now)].filter(
    ({ at }) => at > from,
  );
  const gates = ended.filter(({ rule }) => rule === undefined);
  return {
    at: now,
    windowMs,
    ...standingOf(found, latestVersions(inOrder), now),
    evaluations: countBy(
      OUTCOMES,
      inside.map(({ outcome }) => outcome),
    ),
    failures: countBy(
      RULES,
      inside.flatMap(({ rules }) => rules),
    ),
    recoveries: recoveriesOf(gates),
    recoveriesByRule: byRule(ended),
    open: open.size,
    timeToGreen: spreadOf(gates.filter(({ how }) => how === "fixed").map(({ seconds }) => seconds)),
    duration: spreadOf(judged.flatMap(({ seconds }) => seconds ?? [])),
  };
}

/** The figures of an instant; `versions` are the commits of the workflow that repositories ran last. */
export function standingOf(
  { repositories: all, documents, releases }: Found,
  versions: ReadonlyMap<number, string | undefined>,
  now: number,
): Standing {
  const repositories = countBy(
    REPOSITORY_STATES,
    all.map(({ state }) => state),
  );
  const adopted = all
    .filter(({ state }) => state === "adopted")
    .map(({ id }) => [id, versions.get(id)] as const);
  const at = new Date(now);
  return {
    adoption: adoptionOf(repositories),
    repositories,
    versions: releases && versionRows(releases, new Map(adopted)),
    waivers: countBy(
      WAIVER_STATES,
      documents.flatMap(({ waivers }) => waivers.map((waiver) => stateOf(waiver, at))),
    ),
    documents: countBy(
      DOCUMENT_STATES,
      documents.map(({ state }) => state),
    ),
  };
}

const WAIVER_STATES = ["pending", "active", "ending", "expired"] as const satisfies readonly WaiverState[];

/** What an answer ends: what was abandoned before it, and what it shows to be fixed. */
function endedBy(open: OpenFailures, evaluation: Evaluation): Ended[] {
  return [...abandon(open, evaluation.at), ...advance(open, evaluation)];
}

/** The share of adopted repositories. */
function adoptionOf(repositories: Readonly<Record<RepositoryState, number>>): Adoption {
  const { adopted, unknown } = repositories;
  const active = adopted + unknown + repositories["not-adopted"];
  const share = (count: number): number | undefined => (active === 0 ? undefined : count / active);
  return { adopted, active, unknown, share: share(adopted), atMost: share(adopted + unknown) };
}

function byRule(ended: readonly Ended[]): Kpis["recoveriesByRule"] {
  const rows = RULES.map((rule) => [rule, recoveriesOf(ended.filter((each) => each.rule === rule))] as const);
  return Object.fromEntries(rows) as Kpis["recoveriesByRule"];
}

function recoveriesOf(ended: readonly Ended[]): Record<Recovery, number> {
  return countBy(
    RECOVERIES,
    ended.map(({ how }) => how),
  );
}

function spreadOf(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(half) - 1], sorted[Math.floor(half)]];
  return {
    count: sorted.length,
    median: low === undefined || high === undefined ? undefined : (low + high) / 2,
  };
}

/** How often each value of a closed set is there. */
function countBy<T extends string>(all: readonly T[], values: readonly T[]): Record<T, number> {
  const counts = new Map<T, number>(all.map((each) => [each, 0]));
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries(counts) as Record<T, number>;
}
