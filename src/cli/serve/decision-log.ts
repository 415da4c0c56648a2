import type { DecisionRecord } from "../../admission/index.ts";
import type { Waived } from "../../core/index.ts";

/** Entries of one list in a line. */
const MAX_ENTRIES = 16;

/**
 * The one log line of a decision: chosen fields, bounded, never an object from outside. `omitted` counts what its lists
 * leave out, so that no reader takes them for whole.
 */
export function decisionLine({ verdict, ...record }: DecisionRecord): Readonly<Record<string, unknown>> {
  const { uid, namespace, kind, name, operation, dryRun, caller, seconds } = record;
  const { judged, waived, lapsed } = verdict;
  const stale = judged.flatMap(({ staleBecause }) => staleBecause ?? []);
  const lists = {
    digests: judged.flatMap(({ digest }) => digest ?? []),
    waivers: idsOf(waived),
    ...(lapsed !== undefined && { expiredWaivers: idsOf(lapsed) }),
    ...(stale.length > 0 && { staleEvidence: stale }),
  };
  return {
    uid,
    namespace,
    kind,
    name,
    operation,
    dryRun,
    caller,
    decision: verdict.decision,
    mode: verdict.mode,
    codes: [...new Set(verdict.objections.map(({ code }) => code))],
    ...bounded(lists),
    ms: Math.round(seconds * 1000),
  };
}

/** The first entries of each list, and how many more there are. */
function bounded(lists: Readonly<Record<string, readonly string[]>>): Readonly<Record<string, unknown>> {
  if (Object.values(lists).every(({ length }) => length <= MAX_ENTRIES)) return lists;
  const all = Object.entries(lists);
  const omitted = all.flatMap(([name, { length }]) =>
    length > MAX_ENTRIES ? [[name, length - MAX_ENTRIES] as const] : [],
  );
  const first = all.map(([name, list]) => [name, list.slice(0, MAX_ENTRIES)] as const);
  return { ...Object.fromEntries(first), omitted: Object.fromEntries(omitted) };
}

function idsOf(waived: readonly Waived[]): string[] {
  return [...new Set(waived.map(({ waiver }) => waiver.id))];
}
