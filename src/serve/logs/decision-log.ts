import { type DecisionRecord, denial, oneLine } from "../../admission/index.ts";
import { printable, type Verdict, type Waived } from "../../core/index.ts";

/** Entries of one list in a line. */
const MAX_ENTRIES = 16;
/** Characters of one text from outside. */
const MAX_TEXT = 300;

/**
 * The one log line of a decision: chosen fields, bounded, never an object from outside. `omitted` counts what its lists
 * leave out, so that no reader takes them for whole.
 */
export function decisionLine({ verdict, ...record }: DecisionRecord): Readonly<Record<string, unknown>> {
  const { uid, namespace, kind, name, user, operation, dryRun, caller, seconds } = record;
  const { judged, waived, expired, switches } = verdict;
  const stale = judged.flatMap(({ staleBecause }) => staleBecause ?? []);
  const images = imagesOf(verdict);
  const faults = verdict.objections.flatMap(({ kind: sort, message }) => (sort === "fault" ? message : []));
  const lists = {
    images,
    registries: unique(judged.flatMap(({ registry }) => registry ?? [])),
    digests: judged.flatMap(({ digest }) => digest ?? []),
    ...(faults.length > 0 && { faults: unique(faults) }),
    waivers: idsOf(waived),
    ...(expired !== undefined && { expiredWaivers: idsOf(expired) }),
    ...(stale.length > 0 && { staleEvidence: stale }),
    ...(switches !== undefined && { switches: switches.map(({ id }) => id) }),
  };
  return {
    uid,
    namespace,
    kind,
    name,
    user,
    operation,
    dryRun,
    caller,
    decision: verdict.decision,
    mode: verdict.mode,
    codes: [...new Set(verdict.objections.map(({ code }) => code))],
    ...bounded(lists),
    ...(verdict.decision !== "allow" && { message: oneLine(denial(verdict)) }),
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

/** As they were written, also where nothing could be learnt of them. */
function imagesOf({ judged, objections }: Verdict): string[] {
  return unique([
    ...judged.map(({ image }) => image),
    ...objections.flatMap(({ subject }) => subject?.image ?? []),
  ]);
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts.map((text) => printable(text, MAX_TEXT)))];
}

function idsOf(waived: readonly Waived[]): string[] {
  return [...new Set(waived.map(({ waiver }) => waiver.id))];
}
