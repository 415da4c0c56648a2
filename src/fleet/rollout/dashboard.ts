import { printable } from "../../core/index.ts";
import type { FleetPlan, PlanItem } from "./plan.ts";
import type { ProgressById } from "./progress.ts";
import { WAVES } from "./waves.ts";

/** Of an issue's body, as GitHub counts it. */
const MAX_BODY = 65_000;
const MAX_ROWS = 300;

/** The label that the dashboard issue is found by. */
export const DASHBOARD_LABEL = "mc-fleet";
export const DASHBOARD_TITLE = "MC rollout";

/** What people ticked in the dashboard issue. */
export interface Ticked {
  /** Pull requests to open again although one was closed. */
  readonly retry: ReadonlySet<string>;
  /** Pull requests to open before their wave. */
  readonly now: ReadonlySet<string>;
}

/** Reads the ticked boxes. Names that are not names are read over. */
export function readTicks(body: string): Ticked {
  const ticked = [...body.matchAll(/^\s*- \[[xX]\] <!-- (retry|now)=([\w.-]+\/[\w.-]+) -->/gm)];
  const of = (kind: string): Set<string> =>
    new Set(ticked.filter((each) => each[1] === kind).map((each) => each[2]!));
  return { retry: of("retry"), now: of("now") };
}

/** The issue's body: what is open, what is not and why. Its boxes are empty again. */
export function dashboardBody({ campaign, items, unknown }: FleetPlan, progress: ProgressById): string {
  const is = (name: string) => (item: PlanItem) => progress.get(item.id) === name;
  const parts = [
    `The rollout of \`${campaign.reusable}\` ${campaign.version}. Docs: ${campaign.docs}. Ticked boxes are read at the next run of \`mc fleet open\`.`,
    wavesTable(items, progress),
    section("Blocked", items.filter(is("blocked")), line),
    section("Red", items.filter(is("red")), line),
    section("Pending", items.filter(is("pending")), line),
    section("Declined or edited by a person", items.filter(is("declined")), (item) => box("retry", item)),
    section("Waiting for their wave", items.filter(is("waiting")), (item) => box("now", item)),
    section("Unknown", unknown, ({ name, why }) => `- ${name}: ${printable(why, 200)}`),
  ];
  const body = parts.filter((part) => part !== "").join("\n\n");
  return body.length <= MAX_BODY
    ? `${body}\n`
    : `${body.slice(0, MAX_BODY)}\n\nCut: GitHub takes no longer text.\n`;
}

function wavesTable(items: readonly PlanItem[], progress: ProgressById): string {
  const rows = WAVES.map((share, wave) => {
    const here = items.filter((item) => item.wave === wave);
    const green = here.filter(({ id }) => progress.get(id) === "green").length;
    const waiting = here.filter(({ id }) => progress.get(id) === "waiting").length;
    return `| ${share} % | ${here.length} | ${here.length - waiting} | ${green} |`;
  });
  return ["| Wave | Repositories | Reached | Green |", "| --- | --- | --- | --- |", ...rows].join("\n");
}

function section<T>(title: string, all: readonly T[], write: (each: T) => string): string {
  if (all.length === 0) return "";
  const rest = all.length > MAX_ROWS ? [`- and ${all.length - MAX_ROWS} more`] : [];
  return [`### ${title} (${all.length})`, "", ...all.slice(0, MAX_ROWS).map(write), ...rest].join("\n");
}

function line({ name, pull, why }: PlanItem): string {
  return `- ${pull === undefined ? name : `[${name}](${pull.url})`}${why === undefined ? "" : `: ${printable(why, 200)}`}`;
}

function box(kind: "retry" | "now", item: PlanItem): string {
  return `- [ ] <!-- ${kind}=${item.name} --> ${line(item).slice(2)}`;
}
