import {
  adviceFor,
  formatInstant,
  type Objection,
  printable,
  type Subject,
  type Verdict,
  type Waived,
} from "../core/index.ts";
import { imageOf } from "./told-image.ts";

const MAX_MESSAGE = 2048;
/** Objections that are reported; how many more there are is counted. */
const MAX_TOLD = 8;
/** Of one objection's message, which is one clause. */
const MAX_CLAUSE = 700;
/** Of the places that name an image. */
const MAX_PLACE = 300;
const MAX_SIGNERS = 4;

/** What a refusal reports. */
export type Refusal = Pick<Verdict, "objections" | "expired">;

/**
 * Why a request is refused, for the person who sent it: what and how many, a line for each lack, what to do once for each
 * distinct fix, and who the names are. Lines of printable ASCII, at most 2,048 characters together: objections that
 * do not fit are counted.
 */
export function denial(refusal: Refusal): string {
  if (refusal.objections.length === 0) return "the gate refused without a reason; this is a bug";
  return fitting(refusal, (told, left) => {
    const { objections } = told;
    const images = groupsOf(objections);
    const rule = ruleOf(objections);
    const by = rule === undefined ? "" : ` by rule ${rule}`;
    const [only] = images;
    const body =
      images.length === 1
        ? [`${nameOf(only!)} ${verb(only!)}${by}:`, ...lacks(told, rule)]
        : [
            `${countOf(images)}${by}:`,
            ...images.flatMap((each) => [
              `${nameOf(each)}:`,
              ...lacks({ objections: each, expired: ofSubject(told, each[0]!.subject) }, rule),
            ]),
          ];
    return [...body, ...leftOut(left), ...whatToDo(told), ...legend(unwaived(told))];
  });
}

/** A denial where line ends cannot be shown. */
export function oneLine(text: string): string {
  return text
    .replace(/:\n {2}- /g, ": ")
    .replace(/\n {2}- /g, "; ")
    .replace(/\n/g, ". ");
}

/** The lines of a denial below its first, for where the image is named already. */
export function reasons(refusal: Refusal): string[] {
  if (refusal.objections.length === 0) return [];
  return fitting(refusal, (told, left) => [
    ...lacks(told, undefined),
    ...leftOut(left),
    ...whatToDo(told),
    ...legend(unwaived(told)),
  ]).split("\n");
}

/** As many objections as fit, the first always; what follows from another one is left out. */
function fitting(
  { objections, expired }: Refusal,
  lines: (told: Required<Refusal>, left: number) => string[],
): string {
  const own = objections.filter((each) => each.kind === "fault" || each.isConsequence !== true);
  const all = distinct(own.length === 0 ? objections : own);
  for (let most = Math.min(MAX_TOLD, all.length); ; most -= 1) {
    const told = { objections: all.slice(0, most), expired: expired ?? [] };
    const text = lines(told, all.length - most)
      .map((line) => printable(line, MAX_MESSAGE))
      .join("\n");
    if (text.length <= MAX_MESSAGE) return text;
    if (most === 1) return text.slice(0, MAX_MESSAGE);
  }
}

/** Several containers of one image may be named one by one: each lack is reported once. */
function distinct(objections: readonly Objection[]): Objection[] {
  const seen = new Map(
    objections.map((each) => [
      JSON.stringify([subjectKey(each.subject), each.code, each.rule, each.message]),
      each,
    ]),
  );
  return [...seen.values()];
}

function groupsOf(objections: readonly Objection[]): Objection[][] {
  return [...Map.groupBy(objections, ({ subject }) => subjectKey(subject)).values()];
}

function subjectKey(subject: Subject | undefined): string {
  return subject === undefined ? "" : JSON.stringify([subject.image, subject.place]);
}

function ofSubject({ expired }: Required<Refusal>, subject: Subject | undefined): readonly Waived[] {
  return expired.filter(({ finding }) => subjectKey(finding.subject) === subjectKey(subject));
}

/** The one rule that everything is about; undefined where it is several, or something is about none. */
function ruleOf(objections: readonly Objection[]): string | undefined {
  const rules = new Set(objections.map(({ rule }) => rule));
  return rules.size === 1 ? [...rules][0] : undefined;
}

function nameOf([first]: readonly Objection[]): string {
  const subject = first?.subject;
  if (subject === undefined) return "the request";
  return `${imageOf(subject)} (${printable(subject.place, MAX_PLACE)})`;
}

function verb(objections: readonly Objection[]): string {
  return isRefused(objections) ? "is refused" : "could not be checked";
}

function isRefused(objections: readonly Objection[]): boolean {
  return objections.some(({ kind }) => kind === "finding");
}

/** `2 images are refused, 1 could not be checked`. */
function countOf(images: readonly (readonly Objection[])[]): string {
  const refused = images.filter(isRefused).length;
  const unknown = images.length - refused;
  const first = refused > 0 ? `${imageCount(refused)} ${refused === 1 ? "is" : "are"} refused` : "";
  if (unknown === 0) return first;
  return refused === 0
    ? `${imageCount(unknown)} could not be checked`
    : `${first}, ${unknown} could not be checked`;
}

function imageCount(count: number): string {
  return `${count} image${count === 1 ? "" : "s"}`;
}

/** The waivers that ended first: they are what changed since yesterday. */
function lacks({ objections, expired }: Required<Refusal>, rule: string | undefined): string[] {
  const ended = [...Map.groupBy(expired, ({ waiver }) => waiver.id).values()].map(endedLine);
  const isMixed = isRefused(objections);
  const others = unwaived({ objections, expired });
  return [...ended.slice(0, MAX_TOLD), ...others.map((each) => lackLine(each, rule, isMixed))];
}

/** What no waiver covered until lately; the rest is named by its waiver. */
function unwaived({ objections, expired }: Required<Refusal>): Objection[] {
  const ended = new Set(expired.map(({ finding }) => lackKey(finding)));
  return objections.filter((each) => !ended.has(lackKey(each)));
}

function lackKey({ subject, code, message }: Objection): string {
  return JSON.stringify([subjectKey(subject), code, message]);
}

function endedLine(alike: readonly Waived[]): string {
  const { id, owners, until } = alike[0]!.waiver;
  const owner = printable(owners[0] ?? "nobody", 60);
  const codes = [...new Set(alike.map(({ finding }) => finding.code))].join(", ");
  return `  - waiver ${id} (owner ${owner}) ended at ${formatInstant(until)} [${codes}]`;
}

function lackLine(objection: Objection, rule: string | undefined, isMixed: boolean): string {
  const unknown = isMixed && objection.kind === "fault" ? "not checked: " : "";
  const by = objection.rule === undefined || objection.rule === rule ? "" : `, rule ${objection.rule}`;
  return `  - ${unknown}${printable(objection.message, MAX_CLAUSE)} [${objection.code}${by}]`;
}

function leftOut(left: number): string[] {
  return left === 0 ? [] : [`  and ${left} more; \`mc verify\` lists them all`];
}

function whatToDo({ objections, expired }: Required<Refusal>): string[] {
  const fixes = [...new Set(objections.map((each) => adviceFor(each).fix))];
  const ids = [...new Set(expired.map(({ waiver }) => waiver.id))].slice(0, 2);
  const renewal =
    ids.length === 0
      ? []
      : [`Or have it renewed: ${ids.map((id) => `\`mc waivers renew ${id}\``).join(", ")}.`];
  return [...fixes.map((fix) => `Do: ${fix}`), ...renewal];
}

/** Who the names in the messages are, spelled out once. */
function legend(objections: readonly Objection[]): string[] {
  const signers = new Map(
    objections.flatMap((each) => (each.kind === "finding" ? Object.entries(each.signers ?? {}) : [])),
  );
  const shown = [...signers].slice(0, MAX_SIGNERS);
  return shown.length === 0
    ? []
    : [shown.map(([name, who]) => `${name} = ${printable(who, 200)}`).join("; ")];
}
