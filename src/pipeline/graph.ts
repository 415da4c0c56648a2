import type { Stage } from "./pipeline.ts";

/** A stage by its id. */
export type StageMap = ReadonlyMap<string, Stage>;
type Needs = ReadonlyMap<string, Pick<Stage, "needs">>;

/** One circle of each group of stages that wait for one another, in the order of needs. */
export function cyclesIn(stages: readonly Stage[]): string[][] {
  const byId = mapOf(stages);
  return components(stages, byId)
    .filter((ids) => ids.length > 1 || byId.get(ids[0]!)!.needs.includes(ids[0]!))
    .map((ids) => circleIn(ids, byId));
}

/** Follows needs inside a group until a stage comes again. */
function circleIn(ids: readonly string[], byId: StageMap): string[] {
  const path: string[] = [];
  let id = ids[0]!;
  while (!path.includes(id)) {
    path.push(id);
    id = byId.get(id)!.needs.find((need) => ids.includes(need))!;
  }
  return path.slice(path.indexOf(id));
}

/** Levels from 1: what needs nothing, what needs only that, and so on. Stages in a circle, or behind one, have none. */
export function levelsOf(stages: readonly Stage[]): Map<string, number> {
  const levels = new Map<string, number>();
  const waiting = new Map(stages.map(({ id, needs }) => [id, new Set(needs)]));
  let ready = stages.filter(({ needs }) => needs.length === 0).map(({ id }) => id);
  const dependents = dependentsOf(stages);
  for (let level = 1; ready.length > 0; level++) {
    for (const id of ready) levels.set(id, level);
    ready = ready.flatMap((id) =>
      (dependents.get(id) ?? []).filter((each) => isLast(waiting.get(each)!, id)),
    );
  }
  return levels;
}

/** Takes a need away; whether it was the last one. */
function isLast(needs: Set<string>, need: string): boolean {
  return needs.delete(need) && needs.size === 0;
}

/** Which stages need each stage directly, in the order of the pipeline. */
export function dependentsOf(stages: readonly Pick<Stage, "id" | "needs">[]): Map<string, string[]> {
  const dependents = new Map<string, string[]>(stages.map(({ id }) => [id, []]));
  for (const { id, needs } of stages) for (const need of new Set(needs)) dependents.get(need)?.push(id);
  return dependents;
}

/**
 * The stages whose failure stops a stage. Everything before it, however far back, unless it runs anyway: then only what it
 * judges, and what that is stopped by. Stages that may fail stop nothing.
 */
export function blockersOf(id: string, byId: StageMap, seen: ReadonlySet<string> = new Set()): Set<string> {
  const stage = byId.get(id);
  if (stage === undefined || seen.has(id)) return new Set();
  const { runs } = stage;
  const stops = (each: string): boolean => byId.get(each)?.mayFail === false;
  if (runs.kind === "success") return new Set([...ancestorsOf(id, byId)].filter(stops));
  if (runs.kind === "never") return new Set();
  const judged = runs.judges.filter(stops);
  const behind = judged.flatMap((each) => [...blockersOf(each, byId, new Set([...seen, id]))]);
  return new Set([...judged, ...behind]);
}

/** Everything that a stage needs, however far back, itself left out. */
export function ancestorsOf(id: string, byId: Needs): Set<string> {
  const found = new Set<string>();
  const open = [...(byId.get(id)?.needs ?? [])];
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    if (found.has(each) || each === id) continue;
    found.add(each);
    open.push(...(byId.get(each)?.needs ?? []));
  }
  return found;
}

/** The chain of stages that takes longest, and its seconds, of those whose duration is known; undefined where none is. */
export function criticalPath(
  stages: readonly Stage[],
  secondsOf: (stage: Stage) => number | undefined,
): { readonly stages: readonly string[]; readonly seconds: number } | undefined {
  const levels = levelsOf(stages);
  const ordered = stages
    .filter(({ id }) => levels.has(id))
    .toSorted((a, b) => levels.get(a.id)! - levels.get(b.id)!);
  const until = new Map<string, { readonly seconds: number; readonly before: string | undefined }>();
  for (const stage of ordered) {
    const last = stage.needs.toSorted((a, b) => until.get(b)!.seconds - until.get(a)!.seconds)[0];
    const seconds = (last === undefined ? 0 : until.get(last)!.seconds) + (secondsOf(stage) ?? 0);
    until.set(stage.id, { seconds, before: last });
  }
  const end = [...until].toSorted(([, a], [, b]) => b.seconds - a.seconds)[0];
  if (end === undefined || end[1].seconds === 0) return undefined;
  const path: string[] = [];
  for (let id: string | undefined = end[0]; id !== undefined; id = until.get(id)!.before) path.unshift(id);
  return { stages: path, seconds: end[1].seconds };
}

/** Stages by id; of two with the same id, the first. */
export function mapOf(stages: readonly Stage[]): Map<string, Stage> {
  const byId = new Map<string, Stage>();
  for (const stage of stages) if (!byId.has(stage.id)) byId.set(stage.id, stage);
  return byId;
}

/** Strongly connected components, found by following needs from each stage and back; pipelines are small. */
function components(stages: readonly Stage[], byId: StageMap): string[][] {
  const reach = new Map(stages.map(({ id }) => [id, ancestorsOf(id, byId)]));
  const placed = new Set<string>();
  const found: string[][] = [];
  for (const { id } of stages) {
    if (placed.has(id)) continue;
    const together = stages
      .map((each) => each.id)
      .filter((other) => other === id || (reach.get(id)!.has(other) && reach.get(other)!.has(id)));
    for (const each of together) placed.add(each);
    found.push(together);
  }
  return found;
}
