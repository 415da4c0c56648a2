import { type Change, otherSourcesOf, planChange, type Planned, type SpecPlace } from "./changes.ts";
import type { Context, HookStatus } from "./hook-status.ts";
import { appliedFor, isLive } from "./identity.ts";
import { type Application, type ApplicationSet, isPartial, specOf } from "./objects.ts";
import { fixedSourceOf } from "./obstacles.ts";

/** What is known of an object, and what follows from it. */
export interface Plan extends HookStatus {
  /** What brings the hook in; none where it is there, a person must do it, or the operation gate shall ask alone. */
  readonly changes: readonly Change[];
  /** Whether the operation gate judges it; undefined where that gate shall not ask. */
  readonly operationGate?: "judges" | "refuses";
}

export interface PlanInput {
  readonly object: Application | ApplicationSet;
  readonly status: HookStatus;
  /** What changes its sources before it is applied: a clause. */
  readonly patchedBy: string | undefined;
  /** Why the hook could not run. */
  readonly obstacle: string | undefined;
  /** Why the operation gate refuses it. */
  readonly refusal: string | undefined;
  readonly tools: readonly string[];
  readonly path: SpecPlace["path"];
}

/** What is to be done about an object. */
export function planOf(input: PlanInput, context: Context): Plan {
  const { status, object } = input;
  const known = { ...withOperationGate(input, context), changes: [] };
  if (status.hook === "exempt" || context.layer === "operation") return known;
  const { obstacle, lastSync, by } = { ...input, ...status };
  if (obstacle !== undefined && lastSync !== "ran" && !isPartial(object)) {
    const hook = by === undefined ? "cannot" : status.hook;
    return { ...known, hook, notes: [...known.notes, obstacle] };
  }
  return by === undefined ? withChanges(known, input, context) : known;
}

function byHand(why: string): string {
  return `${why}: change it by hand`;
}

function withOperationGate({ status, refusal }: PlanInput, { layer }: Context): Omit<Plan, "changes"> {
  if (layer === "hook" || status.hook === "exempt") return status;
  if (refusal === undefined) return { ...status, operationGate: "judges" };
  return { ...status, operationGate: "refuses", notes: [...status.notes, refusal] };
}

function withChanges(known: Plan, input: PlanInput, context: Context): Plan {
  const why = reasonByHand(input, context);
  const plan = why === undefined ? planFor(input, context) : { byHand: why };
  if ("byHand" in plan) return { ...known, notes: [...known.notes, byHand(plan.byHand)] };
  const parent = isLive(input.object) ? appliedFor(input.object) : undefined;
  const kept = `Argo CD applies it for ${parent}: change it in that one's repository, or it comes back as it was`;
  return {
    ...known,
    changes: plan.changes,
    notes: parent === undefined ? known.notes : [...known.notes, kept],
  };
}

function planFor({ object, tools, path }: PlanInput, { hook, way }: Context): Planned {
  const application = object.kind === "Application" ? object.metadata.name : object.spec.template.name;
  return planChange({ spec: specOf(object), path, tools, application }, hook, way);
}

/** Why a program must not change an object, whatever its spec says. */
function reasonByHand({ object, patchedBy }: PlanInput, { way }: Context): string | undefined {
  if (isPartial(object))
    return "it is a part of one, such as a patch of kustomize, and the rest lies elsewhere";
  if (patchedBy !== undefined) return patchedBy;
  if (object.kind === "Application") return undefined;
  return otherSourcesOf(object) ?? (way === "sources" ? fixedSourceOf(object) : undefined);
}
