import { type Objection, printable, type Subject, type Waived } from "../core/index.ts";
import {
  type Form,
  formsOf,
  isRefused,
  lacks,
  leftOut,
  legend,
  type Refusal,
  subjectKey,
  whatToDo,
} from "./refusal-lines.ts";
import { imageOf } from "./told-image.ts";

const MAX_MESSAGE = 2048;
/** What people read to its end. */
const MAX_COMFORTABLE = 600;
/** Objections that are reported; how many more there are is counted. */
const MAX_TOLD = 8;
/** Of the places that name an image. */
const MAX_PLACE = 300;

export type { Refusal } from "./refusal-lines.ts";

/**
 * Why a request is refused, for the person who sent it: what and how many, a line for each lack, what to do once for each
 * distinct fix, and who the names are. Lines of printable ASCII. Of the forms that it has, the fullest of at most 600
 * characters; what is longer in every form has at most 2,048, and objections that do not fit are counted.
 */
export function denial(refusal: Refusal): string {
  if (refusal.objections.length === 0) return "the gate refused without a reason; this is a bug";
  return fitting(refusal, (told, left, form) => {
    const { objections } = told;
    const images = groupsOf(objections);
    const rule = ruleOf(objections);
    const by = rule === undefined ? "" : ` by rule ${rule}`;
    const [only] = images;
    const body =
      images.length === 1
        ? [`${nameOf(only!)} ${verb(only!)}${by}:`, ...lacks(told, rule, form)]
        : [
            `${countOf(images)}${by}:`,
            ...images.flatMap((each) => [
              `${nameOf(each)}:`,
              ...lacks({ objections: each, expired: ofSubject(told, each[0]!.subject) }, rule, form),
            ]),
          ];
    return [...body, ...leftOut(left), ...whatToDo(told, form), ...legend(told.objections, form)];
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
  return fitting(refusal, (told, left, form) => [
    ...lacks(told, undefined, form),
    ...leftOut(left),
    ...whatToDo(told, form),
    ...legend(told.objections, form),
  ]).split("\n");
}

/** As many objections as fit, the first always; what follows from another one is left out. */
function fitting(
  { objections, expired }: Refusal,
  lines: (told: Required<Refusal>, left: number, form: Form) => string[],
): string {
  const own = objections.filter((each) => each.kind === "fault" || each.isConsequence !== true);
  const all = distinct(own.length === 0 ? objections : own);
  for (let most = Math.min(MAX_TOLD, all.length); ; most -= 1) {
    const told = { objections: all.slice(0, most), expired: expired ?? [] };
    const text = inBestForm(formsOf(told), (form) =>
      lines(told, all.length - most, form)
        .map((line) => printable(line, MAX_MESSAGE))
        .join("\n"),
    );
    if (text.length <= MAX_MESSAGE) return text;
    if (most === 1) return text.slice(0, MAX_MESSAGE);
  }
}

function inBestForm(forms: readonly Form[], write: (form: Form) => string): string {
  let text = "";
  for (const form of forms) {
    text = write(form);
    if (text.length <= MAX_COMFORTABLE) return text;
  }
  return text;
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
