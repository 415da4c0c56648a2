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

const MAX_MESSAGE = 2048;
/** Objections that are reported; how many more there are is counted. */
const MAX_TOLD = 8;
/** Of one objection's message, which is one clause. */
const MAX_CLAUSE = 700;
/** Of an image's name, and of the places that name it. */
const MAX_IMAGE = 300;
const MAX_SIGNERS = 4;
/** Kubernetes asks for 120 characters at most. Source: Kubernetes docs, "Dynamic Admission Control", Response. */
const MAX_WARNING = 120;
const MAX_WARNINGS = 16;
/** Below that an image could not be recognised. */
const MIN_WARNED_IMAGE = 24;
const MAX_SHORT_ID = 20;
/** Notes are sentences of their own, which no table of codes keeps short. */
const MAX_NOTE = 256;

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
  return `${imageOf(subject)} (${printable(subject.place, MAX_IMAGE)})`;
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

/** The image as written, the digest by its first 12 characters, which is how people compare them. */
function imageOf({ image }: Subject): string {
  return printable(image, MAX_IMAGE).replace(/(sha(?:256|512):[0-9a-f]{12})[0-9a-f]+$/, "$1");
}

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
