import { ancestorsOf } from "./graph.ts";
import type { Plan, PlannedStage } from "./plan.ts";

/** A need as it is drawn. */
export interface Edge {
  readonly from: PlannedStage;
  readonly to: PlannedStage;
}

/** The needs of a plan that do not follow from other needs; in circles, all of them. */
export function edgesOf(plan: Plan): Edge[] {
  const byId = new Map(plan.stages.map((stage) => [stage.id, stage]));
  const ancestors = new Map(plan.stages.map(({ id }) => [id, ancestorsOf(id, byId)]));
  return plan.stages.flatMap((to) =>
    [...new Set(to.needs)].flatMap((need) => {
      const from = byId.get(need);
      const follows = to.needs.some((other) => {
        const before = ancestors.get(other);
        if (other === need || before?.has(need) !== true) return false;
        return !ancestors.get(need)!.has(other) && !before.has(to.id); // a way through `to` itself leads round a circle
      });
      return from === undefined || follows ? [] : [{ from, to }];
    }),
  );
}

/** A short name for each stage of all plans: names of stages may hold anything. */
export function numbered(plans: readonly Plan[]): ReadonlyMap<PlannedStage, string> {
  return new Map(plans.flatMap((plan) => plan.stages).map((stage, at) => [stage, `s${at + 1}`]));
}
