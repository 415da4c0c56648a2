import {
  adviceFor,
  type AppliedSwitch,
  formatDuration,
  formatInstant,
  MAX_WARNING,
  type Objection,
  printable,
  type Subject,
  type Verdict,
  type Waived,
} from "../core/index.ts";
import { imageOf } from "./told-image.ts";

const MAX_WARNINGS = 16;
/** Below that an image could not be recognised without a second look. */
const MIN_WARNED_IMAGE = 24;
/** The first digits of its digest are what tells an image apart. */
const LEAST_WARNED_IMAGE = 15;
const MAX_OWNER = 60;
/** Leaves room for the owner and the longest code. */
const MAX_SHORT_ID = 10;
const MAX_SWITCH_ID = 32;

/** What people see in addition to the answer: objections of an advisory namespace, every waiver that was used, and notes. At most 16. */
export function warnings(
  { decision, objections, waived, switches = [] }: Verdict,
  notes: readonly string[] = [],
): string[] {
  const advisory = decision === "warn" ? objections.map(advisoryWarning) : [];
  const off = decision === "warn" ? switches.map(switchWarning) : [];
  return spokenOf([...off, ...waived.map(waiverWarning), ...advisory, ...notes.map(noteWarning)]);
}

/** Warnings of an answer: each once, the first 15 or 16 of them. */
export function spokenOf(texts: readonly string[]): string[] {
  const all = [...new Set(texts)];
  const shown = all.slice(0, all.length > MAX_WARNINGS ? MAX_WARNINGS - 1 : MAX_WARNINGS);
  const rest = all.length > shown.length ? [`mc-gate: and ${all.length - shown.length} more warnings`] : [];
  return [...shown, ...rest];
}

/** A note as a warning. Names at its beginning are what makes it long; what it says is at its end. */
export function noteWarning(note: string): string {
  const before = "mc-gate: ";
  return printable(`${before}${inTheMiddle(note, MAX_WARNING - before.length)}`, MAX_WARNING);
}

/** The code and what to do are never cut; the image is, in its middle. */
function advisoryWarning(objection: Objection): string {
  const does = objection.kind === "finding" ? "would refuse" : "could not check";
  return aroundImage(objection.subject, [
    `mc-gate ${does} `,
    `: ${objection.code}. ${adviceFor(objection).brief}`,
  ]);
}

function switchWarning({ id, until }: AppliedSwitch): string {
  const which = inTheMiddle(id, MAX_SWITCH_ID);
  return printable(
    `mc-gate: enforcement is off until ${formatInstant(until)} (${which}); this is refused after that`,
    MAX_WARNING,
  );
}

/**
 * Whom to ask and until when are never left out: how long that is, the words and the middle of the waiver's id go
 * before them.
 */
function waiverWarning({ finding, waiver }: Waived): string {
  const { id, owners, until, leftMs } = waiver;
  const owner = printable(owners[0] ?? "nobody", MAX_OWNER);
  const end = `until ${formatInstant(until)}`;
  const forms = [
    [`mc-gate: waiver ${id} (${owner}) admits `, ` ${end} (${formatDuration(leftMs)}): ${finding.code}`],
    [`mc-gate: waiver ${id} (${owner}) admits `, ` ${end}: ${finding.code}`],
    [`mc-gate: waiver ${id} (${owner}): `, ` ${end}: ${finding.code}`],
  ] as const;
  const roomy = forms.find((form) => form.join("").length + MIN_WARNED_IMAGE <= MAX_WARNING);
  return aroundImage(finding.subject, roomy ?? briefest(waiver, forms[2][1]), LEAST_WARNED_IMAGE);
}

/** The owner gets what the id, the least of the image and the rest leave. */
function briefest({ id, owners }: Waived["waiver"], after: string): readonly [string, string] {
  const before = `mc-gate: waiver ${inTheMiddle(id, MAX_SHORT_ID)} (`;
  const between = "): ";
  const left = MAX_WARNING - before.length - between.length - LEAST_WARNED_IMAGE - after.length;
  return [`${before}${printable(owners[0] ?? "nobody", left)}${between}`, after];
}

function aroundImage(
  subject: Subject | undefined,
  [before, after]: readonly [string, string],
  least = MIN_WARNED_IMAGE,
): string {
  const most = Math.max(least, MAX_WARNING - before.length - after.length);
  const image = subject === undefined ? "the request" : inTheMiddle(imageOf(subject), most);
  return printable(`${before}${image}${after}`, MAX_WARNING);
}

/** `registry.exam...acme/app@sha256:9f2c41aa1e60`: the end is what tells images apart. */
function inTheMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.floor((most - 3) / 4);
  return `${text.slice(0, head)}...${text.slice(text.length - (most - 3 - head))}`;
}
