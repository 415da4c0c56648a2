import { formatInstant } from "../core/index.ts";
import type { Level, Notice } from "./pipeline.ts";
import type { Plan, PlannedStage, PlannedWaiver } from "./plan.ts";

/** Most waivers that are named for one check. */
const MAX_WAIVERS = 5;

/** How many of everything plans have. */
export interface PlanSummary {
  readonly stages: number;
  readonly levels: number;
  readonly releases: number;
  readonly gatedReleases: number;
  readonly wrong: number;
  readonly unknown: number;
  readonly notes: number;
}

/** Counts over plans. */
export function summaryOf(plans: readonly Plan[], extra: readonly Notice[]): PlanSummary {
  const stages = plans.flatMap((plan) => plan.stages);
  const releases = stages.filter((stage) => stage.releases.length > 0);
  const notices = [...plans.flatMap((plan) => plan.notices), ...extra];
  const count = (level: Level): number => notices.filter((each) => each.level === level).length;
  return {
    stages: stages.length,
    levels: Math.max(0, ...stages.map(({ level = 0 }) => level)),
    releases: releases.length,
    gatedReleases: releases.filter(({ gatedBy, gates }) => gatedBy.length > 0 || gates === true).length,
    wrong: count("wrong"),
    unknown: count("unknown"),
    notes: count("note"),
  };
}

/** The summary in one line. */
export function summaryLine({
  stages,
  levels,
  releases,
  gatedReleases,
  wrong,
  unknown,
  notes,
}: PlanSummary): string {
  const gated = releases === 0 ? "nothing is released" : `${gatedReleases} of ${releases} releases gated`;
  const said =
    wrong + unknown + notes === 0 ? "nothing wrong" : `${wrong} wrong, ${unknown} unknown, ${notes} to note`;
  return `${stages} ${stages === 1 ? "stage" : "stages"} in ${levels} ${levels === 1 ? "level" : "levels"}, ${gated}; ${said}.`;
}

/** A stage's name with how often it runs: `build ×4`, `build ×?` where only the run decides. */
export function titleOf({ id, copies }: PlannedStage): string {
  if (copies === 1) return id;
  return `${id} ×${copies ?? "?"}`;
}

/** What a stage is and does, in clauses. */
export function clausesOf(stage: PlannedStage): string[] {
  const { checks, products, releases, signer, environment, condition, seconds } = stage;
  const made = products.filter((product) => !releases.includes(product));
  const clauses = [
    ...checks.map(({ check, mode, waivers }) => `checks ${check} (${mode}${waivedBy(waivers)})`),
    isUngated(stage) && "gates nothing",
    made.length > 0 && `makes ${made.join(", ")}`,
    ...(releases.length > 0 ? [`releases ${releases.join(", ")}`, `gated by ${gatesOf(stage)}`] : []),
    signer && `signs as ${signer.identity} (${trustOf(signer.authorities)})`,
    environment !== undefined && `environment ${environment}`,
    stage.mayFail && "may fail",
    condition !== undefined && `if ${condition}`,
    seconds !== undefined && `takes ${durationText(seconds)}`,
  ];
  return clauses.filter((clause) => typeof clause === "string");
}

function isUngated({ checks, gates }: PlannedStage): boolean {
  return checks.length > 0 && gates === false;
}

function gatesOf({ gatedBy, gates }: PlannedStage): string {
  const all = [...gatedBy, ...(gates === true ? ["its own checks"] : [])];
  return all.length === 0 ? "nothing" : all.join(", ");
}

function waivedBy(waivers: readonly PlannedWaiver[]): string {
  const shown = waivers.slice(0, MAX_WAIVERS).map(({ id, until }) => `${id} until ${formatInstant(until)}`);
  const more = waivers.length - shown.length;
  if (shown.length === 0) return "";
  return `; waivers ${shown.join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}

function trustOf(authorities: readonly string[] | undefined): string {
  if (authorities === undefined) return "no policy given";
  return authorities.length === 0 ? "trusted by no authority" : `authority ${authorities.join(", ")}`;
}

/** Seconds for people: `1m 30s`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  const parts = [hours > 0 ? `${hours}h` : "", minutes > 0 ? `${minutes}m` : "", rest > 0 ? `${rest}s` : ""];
  return parts.filter((part) => part !== "").join(" ") || "0s";
}
