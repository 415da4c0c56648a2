import { formatDuration, formatInstant } from "../../core/index.ts";
import { messagesOf, type SlackMessage, slackText } from "../../outbound/index.ts";
import type { Ending, Waiver, WaiverAudit } from "../../waivers/index.ts";

const DAY = 86_400_000;
/** Characters of an issue or a comment. Source: GitHub answers 422 over 65,536. */
const MAX_PAGE = 60_000;
/** An issue and its comments: past them people read `mc waivers audit`. */
const MAX_PAGES = 20;
/** Names of owners in a message, and characters of a name. */
const MAX_OWNERS = 4;
const MAX_NAME = 80;

/** What is reported about waivers this week. */
export interface Reminder {
  readonly week: string;
  readonly title: string;
  /** The issue's text, and those of the comments that continue where it ends; each begins with its marker. */
  readonly pages: readonly string[];
}

/** The reminder of the ISO week that `at` lies in. */
export function weeklyReminder(audit: WaiverAudit, at: Date): Reminder {
  const week = isoWeek(at);
  const soon = audit.active.filter(({ waiver }) => waiver.until.getTime() - at.getTime() <= 7 * DAY);
  const intro =
    "Waivers that end within seven days, and waivers to clean up. Written by `mc waivers remind`; edits are overwritten.";
  const sections = [
    section("Ending", ["Waiver", "Ends", "Owners", "Running workloads refused then"], soon.map(endingRow)),
    section("Ended, and still in the file", ["Waiver", "Ended", "Owners"], audit.expired.map(expiredRow)),
    ...(audit.unused === undefined
      ? []
      : [section("Never used", ["Waiver", "Ends", "Owners"], audit.unused.map(expiredRow))]),
  ];
  return { week, title: `Waivers to review, week ${week}`, pages: pagesOf(week, intro, sections) };
}

/** The comment by which the issue of a week is found again, and by which its further pages are. */
export function markerOf(week: string, page = 1): string {
  return `<!-- mc-gate:waivers:${week}${page === 1 ? "" : `:${page}`} -->`;
}

/** The week of an issue's text; undefined where it is none of ours. */
export function weekIn(text: string): string | undefined {
  return /^<!-- mc-gate:waivers:(\d{4}-W\d{2}) -->\n/.exec(text)?.[1];
}

/** What Slack was notified of already, by the stamps in texts. */
export function stampsIn(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) => [...text.matchAll(/<!-- mc-gate:told:(\S{1,300}) -->/g)]);
  return [...new Set(found.map(([, stamp]) => stamp!))];
}

/** One end of one waiver: a waiver whose end moved is reported again. */
export function stampOf({ id, until }: Waiver): string {
  return `${id}@${until.toISOString()}`;
}

/** The comment that keeps what one message reported. */
export function recordText(told: readonly Ending[]): string {
  return [
    `Slack was notified about waivers that end within 48 hours: ${told.map(({ waiver }) => code(waiver.id)).join(", ")}.`,
    ...told.map(({ waiver }) => `<!-- mc-gate:told:${stampOf(waiver)} -->`),
  ].join("\n");
}

/** The messages about waivers that end within 48 hours. */
export function slackMessages(ending: readonly Ending[], at: Date): SlackMessage<Ending>[] {
  return messagesOf("Waivers that end within 48 hours:", ending, ({ waiver, refused }) => {
    const left = formatDuration(waiver.until.getTime() - at.getTime());
    const then =
      refused === undefined || refused.length === 0 ? "" : `; then refused: ${refused.length} running`;
    const { id, owners } = waiver;
    return `\u2022 ${slackText(id)} (${waiver.class}) in ${left}, owner ${ownersOf(owners)}${then}`;
  });
}

function ownersOf(owners: readonly string[]): string {
  const shown = owners.slice(0, MAX_OWNERS).map((name) => slackText(name.slice(0, MAX_NAME)));
  const more = owners.length - shown.length;
  return shown.join(", ") + (more > 0 ? ` and ${more} more` : "");
}

/** `2026-W48`, in UTC. Source: ISO 8601, week date: the week belongs to the year of its Thursday. */
export function isoWeek(at: Date): string {
  const thursday = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 3 - ((thursday.getUTCDay() + 6) % 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = 1 + Math.floor((thursday.getTime() - first) / (7 * DAY));
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, "0")}`;
}

interface Section {
  readonly title: string;
  readonly head: readonly string[];
  readonly rows: readonly string[];
}

function section(title: string, header: readonly string[], rows: readonly string[][]): Section {
  const head = [header, header.map(() => "---")].map(rowText);
  return { title, head, rows: rows.map(rowText) };
}

function rowText(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

/** Lines over as many pages as they take. */
interface Book {
  readonly week: string;
  readonly pages: string[][];
  /** Rows for which there was no page left. */
  missing: number;
}

function pagesOf(week: string, intro: string, sections: readonly Section[]): string[] {
  const book: Book = { week, pages: [[markerOf(week), intro, ""]], missing: 0 };
  for (const each of sections) addSection(book, each);
  if (book.missing > 0)
    book.pages.at(-1)!.push(`And ${book.missing} more; \`mc waivers audit\` lists them all.`);
  return book.pages.map((lines) => lines.join("\n"));
}

function addSection(book: Book, { title, head, rows }: Section): void {
  const [first, ...others] = rows;
  add(book, [`### ${title}`, "", ...(first === undefined ? ["None."] : [...head, first])]);
  for (const row of others) add(book, [row], [`### ${title}, continued`, "", ...head]);
  book.pages.at(-1)!.push("");
}

/** Puts lines on the last page; where they do not fit, on a new one, below what that is to begin with. */
function add(book: Book, lines: readonly string[], begin: readonly string[] = []): void {
  const { pages, week } = book;
  const length = [...pages.at(-1)!, ...lines].reduce((sum, line) => sum + line.length + 1, 0);
  if (length <= MAX_PAGE) pages.at(-1)!.push(...lines);
  else if (pages.length < MAX_PAGES) pages.push([markerOf(week, pages.length + 1), "", ...begin, ...lines]);
  else book.missing += 1;
}

function endingRow({ waiver, refused }: Ending): string[] {
  return [...expiredRow(waiver), refused === undefined ? "not known" : String(refused.length)];
}

function expiredRow({ id, until, owners }: Waiver): string[] {
  return [code(id), formatInstant(until), owners.map(code).join(", ")];
}

/** Words of the document as words: no mention, no markup, no end of a line, a cell or a comment. */
function code(text: string): string {
  return `\`${text.replaceAll(/[`|<>\\\p{Cc}\p{Zl}\p{Zp}]/gu, "?")}\``;
}
