import { EXIT, type ExitCode, printable, UsageError } from "../../core/index.ts";
import {
  type Campaign,
  DASHBOARD_LABEL,
  DASHBOARD_TITLE,
  dashboardBody,
  findWave,
  type FleetPlan,
  type FleetPort,
  isToDo,
  openWave,
  type Outcome,
  readFleetJournal,
  readPlan,
  readTicks,
  type Wave,
  type WaveOptions,
} from "../../fleet/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { linesOf, openLines } from "../line-file.ts";
import { print, readText, say } from "../terminal.ts";
import { type Channels, withGitHub } from "../with-github.ts";
import { campaignOf, discovering, type ReleaseOptions, withFleet } from "./connect.ts";
import { printItems, sayTime } from "./plan.ts";

const MAX_WHY = 200;

export interface OpenOptions extends ReleaseOptions {
  readonly plan?: string;
  readonly journal: string;
  readonly dashboard?: string;
  readonly yes: boolean;
}

/** `mc fleet open`: the next wave, and the dashboard issue. */
export async function openCommand(options: OpenOptions): Promise<ExitCode> {
  const saved = options.plan === undefined ? undefined : savedPlan(options.plan);
  const campaign = saved?.campaign ?? campaignOf(options);
  return withDashboard(options, (dashboard) =>
    withFleet(options, (github) => open({ options, saved, campaign, github, dashboard })),
  );
}

interface Open {
  readonly options: OpenOptions;
  readonly saved: FleetPlan | undefined;
  readonly campaign: Campaign;
  readonly github: FleetPort;
  readonly dashboard: Channels["github"] | undefined;
}

function savedPlan(file: string): FleetPlan {
  const plan = readPlan(readText(file));
  if (plan === undefined) throw new UsageError(`${file} is not a plan of mc fleet plan --out`);
  return plan;
}

async function withDashboard(
  { dashboard: repo }: OpenOptions,
  work: (dashboard: Channels["github"] | undefined) => Promise<ExitCode>,
): Promise<ExitCode> {
  return repo === undefined ? work(undefined) : withGitHub({ repo }, ({ github }) => work(github));
}

async function open(command: Open): Promise<ExitCode> {
  const { options, saved, campaign, github, dashboard } = command;
  const issue = (await dashboard?.issues(DASHBOARD_LABEL))?.find(({ state }) => state === "open");
  const lines = options.yes ? openLines(options.journal) : undefined;
  try {
    const all: WaveOptions = {
      ...discovering({ ...options, org: campaign.owner, workflow: campaign.reusable }, github),
      github,
      campaign,
      saved,
      defaultOwner: options.owners,
      journal: await readFleetJournal(linesOf(options.journal)),
      ticked: readTicks(issue?.body ?? ""),
      append: (line) => lines?.append(line),
    };
    const wave = await findWave(all);
    const outcomes = options.yes ? await openWave(wave, all) : [];
    if (options.yes) await update(dashboard, issue?.number, dashboardBody(wave.plan, wave.progress));
    return report(wave, outcomes, options);
  } finally {
    lines?.close();
  }
}

/** The issue is written at the end of every run, and its boxes are empty again. */
async function update(
  dashboard: Channels["github"] | undefined,
  number: number | undefined,
  body: string,
): Promise<void> {
  if (number === undefined)
    await dashboard?.createIssue({ title: DASHBOARD_TITLE, body, labels: [DASHBOARD_LABEL] });
  else await dashboard?.updateIssue(number, { body });
}

function report(wave: Wave, outcomes: readonly Outcome[], options: OpenOptions): ExitCode {
  if (options.output === "json") {
    const due = wave.due.map(({ name, action, hash }) => ({ name, action, hash }));
    print(
      jsonAnswer({
        written: options.yes,
        next: wave.next,
        moved: wave.moved,
        due,
        outcomes,
        unknown: wave.plan.unknown,
      }),
    );
  } else if (options.yes) printOutcomes(wave, outcomes);
  else preview(wave);
  return exitCode(wave, outcomes, options);
}

function printOutcomes({ moved, next, due }: Wave, outcomes: readonly Outcome[]): void {
  for (const { name, outcome, url, why } of outcomes)
    print(
      [name, outcome, url, why === undefined ? undefined : printable(why, MAX_WHY)]
        .filter((each) => each !== undefined)
        .join("  "),
    );
  for (const why of moved) say(`${printable(why, MAX_WHY)} since the plan; nothing was written. Plan again.`);
  if (outcomes.length < due.length)
    say("Stopped: GitHub refuses the token. Continue with the same command once it has its rights.");
  if (next.kind === "wait") say(`The next wave waits: ${next.why}.`);
}

function preview({ plan, progress, moved, next, due }: Wave): void {
  printItems({ ...plan, items: due }, progress);
  for (const why of moved) say(`${printable(why, MAX_WHY)} since the plan.`);
  if (next.kind === "wait") say(`The next wave waits: ${next.why}.`);
  sayTime(due.length);
  say("Nothing was written; give --yes.");
}

/** 11 where something is unknown; 10 where it is not all done, in this wave or in later ones. */
function exitCode({ plan, moved, due }: Wave, outcomes: readonly Outcome[], { yes }: OpenOptions): ExitCode {
  const done = new Set(
    outcomes.filter(({ outcome }) => outcome === "opened" || outcome === "updated").map(({ id }) => id),
  );
  if (plan.unknown.length > 0 || outcomes.some(({ outcome }) => outcome === "unknown")) return EXIT.unknown;
  if (moved.length > 0 || (yes && due.some(({ id }) => !done.has(id)))) return EXIT.refused;
  return plan.items.some((item) => isToDo(item) && !done.has(item.id)) ? EXIT.refused : EXIT.allowed;
}
