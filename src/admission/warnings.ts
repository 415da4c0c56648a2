import {
  adviceFor,
  type AppliedSwitch,
  formatDuration,
  formatInstant,
  type Objection,
  printable,
  type Subject,
  type Verdict,
  type Waived,
} from "../core/index.ts";
import { imageOf } from "./told-image.ts";

/** Kubernetes asks for 120 characters at most. Source: Kubernetes docs, "Dynamic Admission Control", Response. */
const MAX_WARNING = 120;
const MAX_WARNINGS = 16;
/** Below that an image could not be recognised. */
const MIN_WARNED_IMAGE = 24;
const MAX_SHORT_ID = 20;
/** Notes are sentences of their own, which no table of codes keeps short. */
const MAX_NOTE = 256;

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

/** A note as a warning. */
export function noteWarning(note: string): string {
  return printable(`mc-gate: ${note}`, MAX_NOTE);
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
  return printable(
    `mc-gate: enforcement is off until ${formatInstant(until)} (${id}); this is refused after that`,
    MAX_WARNING,
  );
}

function waiverWarning({ finding, waiver }: Waived): string {
  const { id, owners, until, leftMs } = waiver;
  const end = `until ${formatInstant(until)} (${formatDuration(leftMs)}): ${finding.code}`;
  const owner = printable(owners[0] ?? "nobody", 20);
  const whole = [`mc-gate: waiver ${id} (${owner}) admits `, ` ${end}`] as const;
  const isTooLong = whole.join("").length + MIN_WARNED_IMAGE > MAX_WARNING;
  const short = [`mc-gate: waiver ${inTheMiddle(id, MAX_SHORT_ID)}: `, ` ${end}`] as const;
  return aroundImage(finding.subject, isTooLong ? short : whole);
}

function aroundImage(subject: Subject | undefined, [before, after]: readonly [string, string]): string {
  const most = Math.max(MIN_WARNED_IMAGE, MAX_WARNING - before.length - after.length);
  const image = subject === undefined ? "the request" : inTheMiddle(imageOf(subject), most);
  return printable(`${before}${image}${after}`, MAX_WARNING);
}

/** `registry.exam...acme/app@sha256:9f2c41aa1e60`: the end is what tells images apart. */
function inTheMiddle(text: string, most: number): string {
  if (text.length <= most) return text;
  const head = Math.floor((most - 3) / 4);
  return `${text.slice(0, head)}...${text.slice(text.length - (most - 3 - head))}`;
}
