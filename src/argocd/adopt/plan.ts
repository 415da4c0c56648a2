import { type Change, otherSourcesOf, planChange, type Planned, type SpecPlace } from "./changes.ts";
import { appliedFor, isLive } from "./identity.ts";
import { type Application, type ApplicationSet, isPartial, specOf } from "./objects.ts";
import { fixedSourceOf } from "./obstacles.ts";
import type { Context, HookStatus } from "./standing.ts";

/** What is known of an object, and what follows from it. */
export interface Plan extends HookStatus {
  /** What brings the hook in; none where it is there, a person must do it, or the operation gate shall ask alone. */
  readonly changes: readonly Change[];
  /** Whether the operation gate judges it; undefined where that gate shall not ask. */
  readonly operationGate?: "judges" | "refuses";
}

/** What a plan is made of. */
export interface PlanParts {
  readonly object: Application | ApplicationSet;
  readonly standing: HookStatus;
  /** The file that changes its sources before it is applied. */
  readonly patchedBy: string | undefined;
  /** Why the hook could not run. */
  readonly obstacle: string | undefined;
  /** Why the operation gate refuses it. */
  readonly refusal: string | undefined;
  readonly tools: readonly string[];
  readonly path: SpecPlace["path"];
}

/** What is to be done about an object. */
export function planOf(parts: PlanParts, context: Context): Plan {
  const { standing, object } = parts;
  const known = { ...withOperationGate(parts, context), changes: [] };
  if (standing.hook === "exempt" || context.layer === "operation") return known;
  const { obstacle, lastSync, by } = { ...parts, ...standing };
  if (obstacle !== undefined && lastSync !== "ran" && !isPartial(object)) {
    const hook = by === undefined ? "cannot" : standing.hook;
    return { ...known, hook, notes: [...known.notes, obstacle] };
  }
  return by === undefined ? withChanges(known, parts, context) : known;
}

function byHand(why: string): string {
  return `${why}: change it by hand`;
}

function withOperationGate({ standing, refusal }: PlanParts, { layer }: Context): Omit<Plan, "changes"> {
  if (layer === "hook" || standing.hook === "exempt") return standing;
  if (refusal === undefined) return { ...standing, operationGate: "judges" };
  return { ...standing, operationGate: "refuses", notes: [...standing.notes, refusal] };
}

function withChanges(known: Plan, parts: PlanParts, context: Context): Plan {
  const why = reasonByHand(parts, context);
  const plan = why === undefined ? planFor(parts, context) : { byHand: why };
  if ("byHand" in plan) return { ...known, notes: [...known.notes, byHand(plan.byHand)] };
  const parent = isLive(parts.object) ? appliedFor(parts.object) : undefined;
  const kept = `Argo CD applies it for ${parent}: change it in that one's repository, or it comes back as it was`;
  return {
    ...known,
    changes: plan.changes,
    notes: parent === undefined ? known.notes : [...known.notes, kept],
  };
}

function planFor({ object, tools, path }: PlanParts, { hook, way }: Context): Planned {
  const application = object.kind === "Application" ? object.metadata.name : object.spec.template.name;
  return planChange({ spec: specOf(object), path, tools, application }, hook, way);
}

/** Why a program must not change an object, whatever its spec says. */
function reasonByHand({ object, patchedBy }: PlanParts, { way }: Context): string | undefined {
  if (isPartial(object))
    return "it is a part of one, such as a patch of kustomize, and the rest lies elsewhere";
  if (patchedBy !== undefined) return `${patchedBy} changes its sources after it`;
  if (object.kind === "Application") return undefined;
  return otherSourcesOf(object) ?? (way === "sources" ? fixedSourceOf(object) : undefined);
}
