import {
  fixOf,
  type Objection,
  printable,
  type Subject,
  type Verdict,
  type Waived,
  formatInstant,
} from "../core/index.ts";

const MAX_MESSAGE = 2048;
const MAX_OTHERS = 4;
const MAX_OTHER = 280;
const MAX_WARNING = 256;
const MAX_WARNINGS = 16;
/** Of the image's name, and of the places that name it. */
const MAX_IMAGE = 300;
/** Of the first objection: with both names, the code and the fix it always fits into the whole. */
const MAX_FIRST = 700;

/**
 * Why a request is refused, for the person who sent it: the first objection whole, with the fix, then the others in
 * short. At most 2,048 characters of printable ASCII.
 */
export function denial({ objections }: Pick<Verdict, "objections">): string {
  const [first, ...others] = objections;
  if (first === undefined) return "the gate refused without a reason; this is a bug";
  const where =
    first.subject === undefined
      ? "the request"
      : `${imageOf(first.subject, false)} (${printable(first.subject.place, MAX_IMAGE)})`;
  const also = others
    .slice(0, MAX_OTHERS)
    .map((each) => ` Also ${sentence(firstClause(inShort(each, first.subject)))}`);
  const more = others.length > MAX_OTHERS ? ` And ${others.length - MAX_OTHERS} more.` : "";
  return printable(
    `${where} ${verb(first)}: ${printable(first.message, MAX_FIRST)} [${codeOf(first)}]. ${fixOf(first)}${also.join("")}${more}`,
    MAX_MESSAGE,
  );
}

/**
 * What people see in addition to the answer: objections of an advisory namespace, every waiver that was used, and notes. At
 * most 16.
 */
export function warnings({ decision, objections, waived }: Verdict, notes: readonly string[] = []): string[] {
  const advisory =
    decision === "warn" ? objections.map((each) => `advisory: ${inShort(each, undefined)}`) : [];
  return spokenOf([...waived.map(waiverSentence), ...advisory, ...notes]);
}

/** Sentences as warnings of an answer: each once, the first 15 or 16 of them. */
export function spokenOf(sentences: readonly string[]): string[] {
  const all = [...new Set(sentences)];
  const shown = all.slice(0, all.length > MAX_WARNINGS ? MAX_WARNINGS - 1 : MAX_WARNINGS);
  const rest = all.length > shown.length ? [`and ${all.length - shown.length} more warnings`] : [];
  return [...shown, ...rest].map((text) => printable(`mc-gate ${text}`, MAX_WARNING));
}

/** The code first, so that it survives where the sentence is cut; the image only where it is another one. */
function inShort(objection: Objection, mentioned: Subject | undefined): string {
  const { subject, message } = objection;
  const where =
    subject === undefined || subject.image === mentioned?.image
      ? ""
      : ` ${imageOf(subject, true)} (${subject.place}):`;
  return `[${codeOf(objection)}]${where} ${message}`;
}

function verb({ kind }: Objection): string {
  return kind === "finding" ? "is refused" : "could not be checked";
}

function codeOf(objection: Objection): string {
  return objection.kind === "finding" && objection.rule !== undefined
    ? `${objection.code}, rule ${objection.rule}`
    : objection.code;
}

function waiverSentence({ finding, waiver }: Waived): string {
  const until = formatInstant(waiver.until);
  const owners = waiver.owners.slice(0, 2).join(", ");
  return `waiver ${waiver.id} (owner ${owners}) admits ${imageOf(finding.subject, true)} until ${until}: ${finding.code}`;
}

/** The image as written; in short with the digest's first 12 characters, which is how people compare them. */
function imageOf({ image }: Subject, short: boolean): string {
  const clean = printable(image, MAX_IMAGE);
  return short ? clean.replace(/(sha(?:256|512):[0-9a-f]{12})[0-9a-f]+$/, "$1") : clean;
}

/** What is wrong, without where else was looked for it: that is in the first objection. */
function firstClause(text: string): string {
  return text.split("; ", 1)[0]!;
}

/** The text with a full stop, or cut at 280 characters. */
function sentence(text: string): string {
  return text.length > MAX_OTHER ? `${text.slice(0, MAX_OTHER - 3)}...` : `${text}.`;
}
