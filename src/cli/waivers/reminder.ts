import { formatDuration, formatInstant } from "../../core/index.ts";
import { slackText } from "../../notify/index.ts";
import type { Ending, Waiver, WaiverAudit } from "../../waivers/index.ts";

const DAY = 86_400_000;
const MOST_ROWS = 100;

/** What is told of waivers this week. */
export interface Reminder {
  /** The comment by which the issue of this week is found again. */
  readonly marker: string;
  readonly title: string;
  readonly body: string;
}

/** The reminder of the ISO week that `at` lies in. What is told of before is kept in it. */
export function weeklyReminder(audit: WaiverAudit, at: Date, told: readonly string[]): Reminder {
  const week = isoWeek(at);
  const marker = `<!-- mc-gate:waivers:${week} -->`;
  const soon = audit.active.filter(({ waiver }) => waiver.until.getTime() - at.getTime() <= 7 * DAY);
  const body = [
    marker,
    `Waivers that end within seven days, and what is to be cleared away. Written by \`mc waivers remind\`; edits are overwritten.`,
    "",
    ...section("Ending", soon, endingRow, ["Waiver", "Ends", "Owners", "Running workloads refused then"]),
    ...section("Ended, and still in the file", audit.expired, expiredRow, ["Waiver", "Ended", "Owners"]),
    ...(audit.unused === undefined
      ? []
      : section("Never used", audit.unused, expiredRow, ["Waiver", "Ends", "Owners"])),
    ...told.map((stamp) => `<!-- mc-gate:told:${stamp} -->`),
  ];
  return { marker, title: `Waivers to look at, week ${week}`, body: body.join("\n") };
}

/** What was told already, by the stamps in the issues' texts. */
export function stampsIn(texts: readonly string[]): string[] {
  const found = texts.flatMap((text) => [...text.matchAll(/<!-- mc-gate:told:(\S{1,120}) -->/g)]);
  return [...new Set(found.map(([, stamp]) => stamp!))];
}

/** One end of one waiver: a waiver whose end moved is told of anew. */
export function stampOf({ id, until }: Waiver): string {
  return `${id}@${until.toISOString()}`;
}

/** The message about waivers that end within 48 hours. */
export function slackMessage(ending: readonly Ending[], at: Date): string {
  const lines = ending.slice(0, MOST_ROWS).map(({ waiver, refused }) => {
    const left = formatDuration(waiver.until.getTime() - at.getTime());
    const then =
      refused === undefined || refused.length === 0 ? "" : `; then refused: ${refused.length} running`;
    return `• ${waiver.id} (${waiver.class}) in ${left}, owner ${waiver.owners.join(", ")}${then}`;
  });
  return slackText(["Waivers that end within 48 hours:", ...lines].join("\n"));
}

/** `2026-W48`, in UTC. Source: ISO 8601, week date: the week belongs to the year of its Thursday. */
export function isoWeek(at: Date): string {
  const thursday = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 3 - ((thursday.getUTCDay() + 6) % 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  const week = 1 + Math.floor((thursday.getTime() - first) / (7 * DAY));
  return `${thursday.getUTCFullYear()}-W${String(week).padStart(2, "0")}`;
}

function section<T>(
  title: string,
  entries: readonly T[],
  row: (entry: T) => string[],
  header: readonly string[],
): string[] {
  if (entries.length === 0) return [`### ${title}`, "", "None.", ""];
  const shown = entries.slice(0, MOST_ROWS).map(row);
  const more = entries.length > MOST_ROWS ? [`And ${entries.length - MOST_ROWS} more.`, ""] : [];
  const lines = [header, header.map(() => "---"), ...shown].map((cells) => `| ${cells.join(" | ")} |`);
  return [`### ${title}`, "", ...lines, "", ...more];
}

function endingRow({ waiver, refused }: Ending): string[] {
  return [...expiredRow(waiver), refused === undefined ? "not known" : String(refused.length)];
}

function expiredRow({ id, until, owners }: Waiver): string[] {
  return [code(id), formatInstant(until), owners.map(code).join(", ")];
}

/** Words of the document as words: no mention, no markup, no end of a cell or comment. */
function code(text: string): string {
  return `\`${text.replaceAll(/[`|<>\\]/g, "?")}\``;
}
