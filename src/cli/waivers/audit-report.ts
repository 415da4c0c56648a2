import { formatDuration, type Problem, formatInstant } from "../../core/index.ts";
import { type Ending, stateOf, type Waiver, type WaiverAudit } from "../../waivers/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { colour, table } from "../terminal.ts";

const MAX_SHOWN = 5;

/** The audit for people: a list of what counts, then what wants attention. */
export function auditText(audit: WaiverAudit, at: Date): string {
  const { active, ending, expired, hit, unused, overlapping, widest } = audit;
  return [
    table(
      ["ID", "CLASS", "STATE", "IN", "REFUSED THEN", "OWNERS"],
      active.map((each) => row(each, at)),
    ),
    ...part(
      "Ending within 48 hours",
      ending.flatMap((each) => endingLines(each, at)),
    ),
    ...part(
      "Expired and still in the file",
      expired.map((each) => `${each.id}  since ${formatInstant(each.until)}`),
    ),
    ...(hit === undefined
      ? unknown("Expired and hit", "--uses")
      : part(
          "Expired and hit",
          hit.map(({ waiver, hits }) => `${waiver.id}  ${hits} time(s)`),
        )),
    ...(unused === undefined
      ? unknown("Unused", "--uses, with every id by name")
      : part(
          "Unused",
          unused.map(({ id }) => id),
        )),
    ...part(
      "Overlapping",
      overlapping.map(({ waivers, spare }) => {
        const more = spare === undefined ? "" : `; ${spare.id} adds nothing`;
        return `${waivers.map(({ id }) => id).join(" and ")}${more}`;
      }),
    ),
    ...part(
      "Widest",
      widest.map(({ waiver, width }) => `${waiver.id}  ${width.because.join(", ")}`),
    ),
  ].join("\n");
}

/** The audit as stable JSON; what is not known is null. */
export function auditJson(audit: WaiverAudit, problems: readonly Problem[], at: Date): string {
  return jsonAnswer({
    at,
    waivers: [...audit.active.map(({ waiver }) => waiver), ...audit.pending, ...audit.expired].map(
      (each) => ({
        ...each,
        state: stateOf(each, at),
      }),
    ),
    active: audit.active.map(endingJson),
    ending: audit.ending.map(endingJson),
    expired: ids(audit.expired),
    expiredAndHit: audit.hit?.map(({ waiver: { id }, hits }) => ({ id, hits })) ?? null,
    unused: audit.unused === undefined ? null : ids(audit.unused),
    overlapping: audit.overlapping.map(({ waivers, from, until, spare }) => {
      return { waivers: ids(waivers), from, until, spare: spare?.id ?? null };
    }),
    widest: audit.widest.map(({ waiver: { id }, width }) => ({ id, because: width.because })),
    problems,
  });
}

function ids(waivers: readonly Waiver[]): string[] {
  return waivers.map(({ id }) => id);
}

function endingJson({ waiver: { id, until, owners }, refused }: Ending): object {
  return { id, until, owners, refused: refused?.map(({ text }) => text) ?? null };
}

function row({ waiver, refused }: Ending, at: Date): string[] {
  return [
    waiver.id,
    waiver.class,
    stateOf(waiver, at),
    formatDuration(waiver.until.getTime() - at.getTime()),
    refused === undefined ? "?" : String(refused.length),
    waiver.owners.join(","),
  ];
}

function endingLines({ waiver, refused = [] }: Ending, at: Date): string[] {
  const left = formatDuration(waiver.until.getTime() - at.getTime());
  const more = refused.length - MAX_SHOWN;
  return [
    `${waiver.id}  in ${left}, owner ${waiver.owners.join(", ")}`,
    ...refused.slice(0, MAX_SHOWN).map(({ text }) => `  then refused: ${text}`),
    ...(more > 0 ? [`  and ${more} more; -o json lists them all`] : []),
  ];
}

function part(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return ["", `${title}: none`];
  return ["", colour("bold", `${title}:`), ...lines.map((line) => `  ${line}`)];
}

function unknown(title: string, option: string): string[] {
  return ["", `${title}: not known without ${option}`];
}
