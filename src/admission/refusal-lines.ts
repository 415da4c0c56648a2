import {
  type Advice,
  adviceFor,
  describeBriefly,
  describeLacks,
  formatInstant,
  type Lack,
  type Objection,
  printable,
  type Subject,
  type Verdict,
  type Waived,
} from "../core/index.ts";

/** Of one objection's message, which is one clause. */
const MAX_CLAUSE = 700;
const MAX_ENDED = 8;
/** Of what a waiver that ended had set aside: it may be dozens of vulnerabilities. */
const MAX_SET_ASIDE = 200;
const MAX_TIGHT_ASIDE = 40;
const MAX_SIGNERS = 4;

/** What a refusal reports. */
export type Refusal = Pick<Verdict, "objections" | "expired">;

/** How much is said. */
export interface Form {
  /** Fixes that are shortened to their brief, the longest first. */
  readonly briefFixes: number;
  /** Whether lacks say only what their codes do not, and identities of GitHub leave out what they all have. */
  readonly isTight: boolean;
}

/** From the fullest to the briefest. */
export function formsOf(told: Required<Refusal>): Form[] {
  const fixes = advicesFor(told).length;
  const loose = Array.from({ length: fixes + 1 }, (_, briefFixes) => ({ briefFixes, isTight: false }));
  return [...loose, { briefFixes: fixes, isTight: true }];
}

/** The waivers that ended first: they are what changed since yesterday. */
export function lacks(
  { objections, expired }: Required<Refusal>,
  rule: string | undefined,
  form: Form,
): string[] {
  const ended = [...Map.groupBy(expired, ({ waiver }) => waiver.id).values()].map((each) =>
    endedLine(each, form),
  );
  const isMixed = isRefused(objections);
  const alike = groupsOfAlike(unwaived({ objections, expired }));
  return [...ended.slice(0, MAX_ENDED), ...alike.map((each) => lackLine(each, rule, { ...form, isMixed }))];
}

/** Findings that say the same of different things are one line. */
function groupsOfAlike(objections: readonly Objection[]): Objection[][] {
  return [...Map.groupBy(objections, alikeKey).values()];
}

function alikeKey(objection: Objection): Objection | string {
  const { rule } = objection;
  const lack = lackOf(objection);
  return lack === undefined ? objection : JSON.stringify([lack.kind, lack.rest, rule]);
}

function lackOf(objection: Objection): Lack | undefined {
  return objection.kind === "finding" ? objection.lack : undefined;
}

/** What no waiver covered until lately; the rest is named by its waiver. */
function unwaived({ objections, expired }: Required<Refusal>): Objection[] {
  const ended = new Set(expired.map(({ finding }) => lackKey(finding)));
  return objections.filter((each) => !ended.has(lackKey(each)));
}

function lackKey({ subject, code, message }: Objection): string {
  return JSON.stringify([subjectKey(subject), code, message]);
}

/** With what was wanted: the reader who does not renew it has to fix just that. */
function endedLine(alike: readonly Waived[], { isTight }: Form): string {
  const { id, owners, until } = alike[0]!.waiver;
  const owner = printable(owners[0] ?? "nobody", 60);
  const findings = alike.map(({ finding }) => finding);
  const codes = [...new Set(findings.map(({ code }) => code))].join(", ");
  const aside = printable(setAside(findings, isTight), isTight ? MAX_TIGHT_ASIDE : MAX_SET_ASIDE);
  return `  - waiver ${id} (owner ${owner}) ended at ${formatInstant(until)}: ${aside} [${codes}]`;
}

function setAside(findings: readonly Objection[], isTight: boolean): string {
  const clauses = groupsOfAlike(findings).map((each) => clauseOf(each, isTight));
  return [...new Set(clauses)].join("; ");
}

function lackLine(
  alike: readonly Objection[],
  rule: string | undefined,
  { isMixed, isTight }: Form & { readonly isMixed: boolean },
): string {
  const [first] = alike as [Objection];
  const unknown = isMixed && first.kind === "fault" ? "not checked: " : "";
  const by = first.rule === undefined || first.rule === rule ? "" : `, rule ${first.rule}`;
  const codes = [...new Set(alike.map(({ code }) => code))].join(", ");
  return `  - ${unknown}${printable(clauseOf(alike, isTight), MAX_CLAUSE)} [${codes}${by}]`;
}

function clauseOf(alike: readonly Objection[], isTight: boolean): string {
  const [first, ...others] = alike.flatMap((each) => lackOf(each) ?? []);
  if (first === undefined) return shortened(alike[0]!.message, isTight);
  return shortened(isTight ? describeBriefly(first) : describeLacks([first, ...others]), isTight);
}

/** Identities of GitHub without what all of them have. */
function shortened(text: string, isTight: boolean): string {
  return isTight
    ? text.replaceAll("https://github.com/", "github.com/").replaceAll("/.github/workflows/", "/.../")
    : text;
}

/** How many objections do not fit. */
export function leftOut(left: number): string[] {
  return left === 0 ? [] : [`  and ${left} more; \`mc verify\` lists them all`];
}

/** A line for each whole fix, one for the shortened ones, and how to renew what has ended. */
export function whatToDo(told: Required<Refusal>, { briefFixes }: Form): string[] {
  const advices = advicesFor(told);
  const longest = new Set(advices.toSorted((a, b) => b.fix.length - a.fix.length).slice(0, briefFixes));
  const whole = advices.filter((each) => !longest.has(each)).map(({ fix }) => `Do: ${fix}`);
  const briefs = new Set(advices.filter((each) => longest.has(each)).map(({ brief }) => brief));
  const ids = [...new Set(told.expired.map(({ waiver }) => waiver.id))].slice(0, 2);
  const renewal =
    ids.length === 0
      ? []
      : [`Or have it renewed: ${ids.map((id) => `\`mc waivers renew ${id}\``).join(", ")}.`];
  return [...whole, ...(briefs.size === 0 ? [] : [`Do: ${[...briefs].join(" ")}`]), ...renewal];
}

/** What there is to be done, each once. */
function advicesFor({ objections }: Required<Refusal>): Advice[] {
  return [...new Map(objections.map(adviceFor).map((each) => [each.fix, each])).values()];
}

/** Who the names in the messages are, spelled out once. */
export function legend(objections: readonly Objection[], { isTight }: Form): string[] {
  const signers = new Map(
    objections.flatMap((each) => (each.kind === "finding" ? Object.entries(each.signers ?? {}) : [])),
  );
  const shown = [...signers].slice(0, MAX_SIGNERS);
  return shown.length === 0
    ? []
    : [shown.map(([name, who]) => `${name} = ${shortened(printable(who, 200), isTight)}`).join("; ")];
}

/** Whether something speaks against the image, rather than not being known. */
export function isRefused(objections: readonly Objection[]): boolean {
  return objections.some(({ kind }) => kind === "finding");
}

/** Equal for what is said of one image in one place. */
export function subjectKey(subject: Subject | undefined): string {
  return subject === undefined ? "" : JSON.stringify([subject.image, subject.place]);
}
