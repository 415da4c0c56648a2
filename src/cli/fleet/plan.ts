import { EXIT, type ExitCode, formatDuration, printable } from "../../core/index.ts";
import {
  findWave,
  type FleetPlan,
  isToDo,
  plannedFor,
  type ProgressById,
  type Wave,
  WAVES,
} from "../../fleet/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { print, say, table } from "../terminal.ts";
import { writeOutput } from "../write-output.ts";
import { campaignOf, discovering, type ReleaseOptions, withFleet } from "./connect.ts";

const MAX_WHY = 200;

export interface PlanOptions extends ReleaseOptions {
  readonly out?: string;
}

/** `mc fleet plan`. */
export async function planCommand(options: PlanOptions): Promise<ExitCode> {
  return withWave(options, ({ plan, progress }) => {
    if (options.out !== undefined) writeOutput(options.out, `${JSON.stringify(plan, undefined, 2)}\n`);
    if (options.output === "json") print(jsonAnswer({ ...plan }));
    else {
      printItems(plan, progress);
      sayTime(plan.items.filter(isToDo).length);
    }
    return exitOf(plan);
  });
}

/** `mc fleet status`. */
export async function statusCommand(options: ReleaseOptions): Promise<ExitCode> {
  return withWave(options, ({ plan, progress, next }) => {
    if (options.output === "json")
      print(jsonAnswer({ waves: wavesOf(plan, progress), next, unknown: plan.unknown }));
    else {
      printItems(plan, progress);
      const rows = wavesOf(plan, progress).map((each) => [
        `${each.share} %`,
        ...[each.repositories, each.waiting, each.green, each.red].map(String),
      ]);
      say(table(["WAVE", "REPOSITORIES", "WAITING", "GREEN", "RED"], rows));
      if (next.kind === "wait") say(`The next wave waits: ${next.why}.`);
    }
    return exitOf(plan);
  });
}

async function withWave(options: ReleaseOptions, show: (wave: Wave) => ExitCode): Promise<ExitCode> {
  const campaign = campaignOf(options);
  return withFleet(options, async (github) => {
    const found = await findWave({
      ...discovering(options, github),
      github,
      campaign,
      defaultOwner: options.owners,
      journal: { begun: new Set(), dropped: 0 },
      ticked: { retry: new Set(), now: new Set() },
      append: () => undefined,
    });
    return show(found);
  });
}

/** 11 where a repository is unknown, else 10 where something is left to do. */
export function exitOf({ items, unknown }: FleetPlan): ExitCode {
  if (unknown.length > 0) return EXIT.unknown;
  return items.some(isToDo) ? EXIT.refused : EXIT.allowed;
}

interface WaveRow {
  readonly share: number;
  readonly repositories: number;
  readonly waiting: number;
  readonly green: number;
  readonly red: number;
}

function wavesOf({ items }: FleetPlan, progress: ProgressById): WaveRow[] {
  return WAVES.map((share, wave) => {
    const here = items.filter((item) => item.wave === wave).map(({ id }) => progress.get(id));
    const count = (which: string): number => here.filter((each) => each === which).length;
    return {
      share,
      repositories: here.length,
      waiting: count("waiting"),
      green: count("green"),
      red: count("red"),
    };
  });
}

/** Items by wave, for people, and what is unknown. */
export function printItems({ items, unknown }: FleetPlan, progress: ProgressById): void {
  const inOrder = items.toSorted((a, b) => a.wave - b.wave);
  const rows = inOrder.map((item) => [
    `${WAVES[item.wave]} %`,
    item.name,
    item.action,
    progress.get(item.id) ?? "",
    printable(item.why ?? item.pull?.url ?? item.files.map(({ path }) => path).join(", "), MAX_WHY),
  ]);
  print(table(["WAVE", "REPOSITORY", "ACTION", "STATE", "DETAIL"], rows));
  for (const { name, why } of unknown) say(`Unknown: ${name}: ${printable(why, MAX_WHY)}.`);
}

/** How long so many pull requests take at least. */
export function sayTime(pulls: number): void {
  say(
    `${pulls} pull request(s): at least ${formatDuration(plannedFor(pulls))}, at GitHub's limits of 80 requests a minute and 500 an hour that create content.`,
  );
}
