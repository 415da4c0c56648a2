import { ancestorsOf, blockersOf, criticalPath, cyclesIn, levelsOf, mapOf, type StageMap } from "./graph.ts";
import {
  type Check,
  type CheckMode,
  MAX_STAGES,
  type Notice,
  type Pipeline,
  type Product,
  type SigningIdentity,
  type Stage,
} from "./pipeline.ts";

/** A waiver, as far as a plan shows it. */
export interface PlannedWaiver {
  readonly id: string;
  /** The gate whose findings it sets aside. */
  readonly class: string;
  /** First instant at which it no longer counts. */
  readonly until: Date;
}

/** What a plan is made with, in addition to the pipeline. */
export interface PlanFacts {
  /** Waivers that are active. */
  readonly waivers: readonly PlannedWaiver[];
  /** The names of the policy's authorities that a signer is; undefined where there is no policy. */
  readonly authoritiesOf: ((signer: SigningIdentity) => readonly string[]) | undefined;
  /** Past durations of stages in seconds, by what runs call them. */
  readonly seconds: ReadonlyMap<string, number>;
}

/** One stage of a plan. */
export interface PlannedStage {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  /** From 1; undefined for a stage that is never reached. */
  readonly level: number | undefined;
  readonly needs: readonly string[];
  readonly condition: string | undefined;
  readonly runs: "success" | "anyway" | "never";
  readonly copies: number | undefined;
  readonly environment: string | undefined;
  readonly mayFail: boolean;
  readonly checks: readonly {
    readonly check: Check;
    readonly mode: CheckMode;
    readonly waivers: readonly PlannedWaiver[];
  }[];
  readonly products: readonly Product[];
  /** What of its products cannot be taken back. */
  readonly releases: readonly Product[];
  /** For a stage that releases: the stages whose checks stop it. */
  readonly gatedBy: readonly string[];
  /** For a stage that checks: whether a release waits for it, or is in it; null where the pipeline releases nothing. */
  readonly gates: boolean | null;
  readonly signer: (SigningIdentity & { readonly authorities: readonly string[] | undefined }) | undefined;
  readonly seconds: number | undefined;
}

/** A pipeline as it would run. */
export interface Plan {
  readonly name: string;
  readonly file: string;
  readonly kind: Pipeline["kind"];
  readonly triggers: readonly string[];
  /** In the order in which they could run. */
  readonly stages: readonly PlannedStage[];
  readonly criticalPath: { readonly stages: readonly string[]; readonly seconds: number } | undefined;
  /** By place. */
  readonly notices: readonly Notice[];
}

/** Plans one pipeline. Pure. */
export function planPipeline(pipeline: Pipeline, facts: PlanFacts): Plan {
  const stages = pipeline.stages.slice(0, MAX_STAGES);
  const byId = mapOf(stages);
  const reachable = reachableOf(stages, byId);
  const blockers = new Map(stages.filter(isRelease).map(({ id }) => [id, blockersOf(id, byId)] as const));
  const levels = levelsOf(stages);
  const planned = stages.map((stage): PlannedStage =>
    planStage(stage, {
      facts,
      blockers,
      byId,
      level: reachable.has(stage.id) ? levels.get(stage.id) : undefined,
    }),
  );
  const notices = [
    ...pipeline.notices,
    ...tooMany(pipeline),
    ...structure(stages, byId, reachable),
    ...planned.flatMap((stage) => stageNotices(stage, byId)),
  ];
  return {
    name: pipeline.name,
    file: pipeline.file,
    kind: pipeline.kind,
    triggers: pipeline.triggers,
    stages: planned.toSorted((a, b) => orderOf(a) - orderOf(b)),
    criticalPath: criticalPath(
      stages.filter(({ id }) => reachable.has(id)),
      ({ title }) => facts.seconds.get(title),
    ),
    notices: notices.toSorted((a, b) => a.file.localeCompare(b.file) || a.line - b.line),
  };
}

function orderOf({ level }: PlannedStage): number {
  return level ?? Number.MAX_SAFE_INTEGER;
}

function isRelease({ activity }: Stage): boolean {
  return activity.releases.size > 0;
}

interface Surroundings {
  readonly facts: PlanFacts;
  readonly byId: StageMap;
  /** By stage that releases: the stages whose failure stops it. */
  readonly blockers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly level: number | undefined;
}

function planStage(stage: Stage, { facts, blockers, byId, level }: Surroundings): PlannedStage {
  const { activity, signer, runs } = stage;
  const gatedBy = [...(blockers.get(stage.id) ?? [])].filter((id) => enforces(byId.get(id)!));
  return {
    id: stage.id,
    file: stage.file,
    line: stage.line,
    level,
    needs: stage.needs,
    condition: stage.condition,
    runs: runs.kind,
    copies: stage.copies,
    environment: stage.environment,
    mayFail: stage.mayFail,
    checks: [...activity.checks].map(([check, mode]) => ({
      check,
      mode: stage.mayFail ? "advisory" : mode,
      waivers: facts.waivers.filter((waiver) => waiver.class === check || check === "policy"),
    })),
    products: [...activity.products],
    releases: [...activity.releases],
    gatedBy: gatedBy.toSorted(),
    gates: gatesRelease(stage, blockers),
    signer: signer && { ...signer, authorities: facts.authoritiesOf?.(signer) },
    seconds: facts.seconds.get(stage.title),
  };
}

function gatesRelease(stage: Stage, blockers: Surroundings["blockers"]): boolean | null {
  if (blockers.size === 0) return null;
  return enforces(stage) && (isRelease(stage) || [...blockers.values()].some((ids) => ids.has(stage.id)));
}

function enforces({ activity, mayFail }: Stage): boolean {
  return !mayFail && [...activity.checks.values()].includes("enforce");
}

/** Stages that can run: no need is missing, in a circle, never run, or behind one that is. */
function reachableOf(stages: readonly Stage[], byId: StageMap): Set<string> {
  const levels = levelsOf(stages);
  const reachable = new Set<string>();
  for (const { id } of stages.toSorted((a, b) => (levels.get(a.id) ?? 0) - (levels.get(b.id) ?? 0))) {
    const { runs, needs } = byId.get(id)!;
    const isStopped = runs.kind === "success" && needs.some((need) => !reachable.has(need));
    if (levels.has(id) && runs.kind !== "never" && !isStopped) reachable.add(id);
  }
  return reachable;
}

function tooMany({ stages, file }: Pipeline): Notice[] {
  if (stages.length <= MAX_STAGES) return [];
  const message = `It has ${stages.length} stages; the first ${MAX_STAGES} are planned.`;
  return [{ level: "unknown", file, line: 1, column: 1, rule: "too-many-stages", stage: undefined, message }];
}

function structure(stages: readonly Stage[], byId: StageMap, reachable: ReadonlySet<string>): Notice[] {
  const repeated = stages.filter((stage) => byId.get(stage.id) !== stage);
  const missing = stages.flatMap((stage) =>
    stage.needs.filter((need) => !byId.has(need)).map((need) => ({ stage, need })),
  );
  const cycles = cyclesIn(stages);
  const said = new Set([...cycles.flat(), ...missing.map(({ stage }) => stage.id)]);
  const unreachable = stages.filter(({ id }) => !reachable.has(id) && !said.has(id));
  return [
    ...repeated.map((stage) => wrong(stage, "duplicate-stage", "Another stage has the same name.")),
    ...missing.map(({ stage, need }) =>
      wrong(stage, "unknown-need", `It needs ${need}, which is not there.`),
    ),
    ...cycles.map((ids) => {
      const path = [...ids, ids[0]!].join(" → ");
      return wrong(byId.get(ids[0]!)!, "cycle", `These stages wait for one another: ${path}.`);
    }),
    ...unreachable.map((stage) => {
      const behind = [...ancestorsOf(stage.id, byId)].filter((id) => !reachable.has(id)).toSorted();
      const why =
        stage.runs.kind === "never" ? "its condition is false" : `it is behind ${behind[0] ?? "a cycle"}`;
      return wrong(stage, "unreachable", `It never runs: ${why}.`);
    }),
  ];
}

function stageNotices(stage: PlannedStage, byId: StageMap): Notice[] {
  const place = byId.get(stage.id)!;
  if (stage.level === undefined) return [];
  return [...ungated(stage, place), ...careless(stage, place), ...untrusted(stage, place)];
}

function ungated({ checks, gates }: PlannedStage, place: Stage): Notice[] {
  if (checks.length === 0 || gates !== false) return [];
  const enforced = checks.filter(({ mode }) => mode === "enforce").map(({ check }) => check);
  if (enforced.length === 0)
    return [
      { ...wrong(place, "ungated-check", "It only reports: its failure stops nothing."), level: "note" },
    ];
  const message = `It gates nothing: no stage that releases waits for ${enforced.join(", ")}.`;
  return [wrong(place, "ungated-check", message)];
}

function careless({ releases, runs, gatedBy, needs }: PlannedStage, place: Stage): Notice[] {
  const isCareless = releases.length > 0 && runs === "anyway" && gatedBy.length === 0 && needs.length > 0;
  if (!isCareless) return [];
  const message = `It releases ${releases.join(", ")} even if what it needs failed; judge needs.*.result in its condition.`;
  return [wrong(place, "releases-after-failure", message)];
}

function untrusted({ signer }: PlannedStage, place: Stage): Notice[] {
  if (signer?.authorities?.length !== 0) return [];
  const message = `Its signature would be refused: no authority of the policy is ${signer.identity}.`;
  return [wrong(place, "untrusted-signer", message)];
}

function wrong({ id, file, line, column }: Stage, rule: string, message: string): Notice {
  return { level: "wrong", file, line, column, rule, stage: id, message };
}
