import { type DecisionRecord, denial, oneLine } from "../../admission/index.ts";
import { type Objection, printable, type Verdict, type Waived } from "../../core/index.ts";
import { basisOf } from "../../gate/index.ts";
import { type DigestOfDocument, recordedBasis, type Recorder } from "../../record/index.ts";

/** Entries of one list in a line. */
const MAX_ENTRIES = 16;
/** Objections, and findings that were waived, of one line. */
const MAX_OBJECTIONS = 64;
/** Characters of one text from outside. */
const MAX_TEXT = 300;
const MAX_MESSAGE = 600;

/** Writes the line of a decision to the record, with what it was made by. */
export function recordDecision(
  record: DecisionRecord,
  { write, unkept }: Pick<Recorder, "write" | "unkept">,
  digestOfDocument: DigestOfDocument,
): void {
  const { fields, facts } = recordedBasis(basisOf(record.verdict), { digestOfDocument, unkept });
  const person = { key: "user", name: record.user } as const;
  write({ msg: "decision", fields: { ...decisionLine(record), ...fields }, person }, facts);
}

/**
 * The one line of a decision, without who asked: chosen fields, bounded, never an object from outside. `omitted` counts
 * what its lists leave out, so that no reader takes them for whole.
 */
export function decisionLine({ verdict, ...record }: DecisionRecord): Readonly<Record<string, unknown>> {
  const { uid, namespace, kind, name, operation, dryRun, caller, seconds } = record;
  const { judged, waived, expired, switches } = verdict;
  const stale = judged.flatMap(({ staleBecause }) => staleBecause ?? []);
  const images = imagesOf(verdict);
  const faults = verdict.objections.flatMap(({ kind: sort, message }) => (sort === "fault" ? message : []));
  const lists = {
    images,
    registries: unique(judged.flatMap(({ registry }) => registry ?? [])),
    digests: judged.flatMap(({ digest }) => digest ?? []),
    rules: unique(judged.flatMap(({ rules }) => rules)),
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
    operation,
    dryRun,
    caller,
    decision: verdict.decision,
    mode: verdict.mode,
    codes: [...new Set(verdict.objections.map(({ code }) => code))],
    ...bounded(lists),
    ...(verdict.objections.length > 0 && { objections: objectionsIn(verdict) }),
    ...(waived.length > 0 && { waived: waivedIn(waived) }),
    ...(verdict.decision !== "allow" && { message: oneLine(denial(verdict)) }),
    ms: Math.round(seconds * 1000),
  };
}

function objectionsIn({ objections }: Verdict): object[] {
  return objections.slice(0, MAX_OBJECTIONS).map((each: Objection) => {
    const { kind, code, subject, rule, message } = each;
    const more =
      each.kind === "finding"
        ? { digest: each.digest, ids: each.ids?.slice(0, MAX_OBJECTIONS) }
        : { gate: each.gate };
    const image = subject && printable(subject.image, MAX_TEXT);
    return { kind, code, image, rule, ...more, message: printable(message, MAX_MESSAGE) };
  });
}

function waivedIn(waived: readonly Waived[]): object[] {
  return waived.slice(0, MAX_OBJECTIONS).map(({ finding: { code, subject }, waiver: { id, until } }) => ({
    code,
    image: printable(subject.image, MAX_TEXT),
    waiver: id,
    until: until.toISOString(),
  }));
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
  if (texts.length === 1) return [printable(texts[0]!, MAX_TEXT)];
  return [...new Set(texts.map((text) => printable(text, MAX_TEXT)))];
}

function idsOf(waived: readonly Waived[]): string[] {
  return [...new Set(waived.map(({ waiver }) => waiver.id))];
}
