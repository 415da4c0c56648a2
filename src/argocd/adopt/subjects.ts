import { otherSourcesOf } from "./changes.ts";
import type { Generated } from "./generated.ts";
import {
  type Context,
  EXEMPT,
  namedHookStatus,
  type HookStatus,
  hookStatusOf,
  UNKNOWN,
} from "./hook-status.ts";
import { isExempt, isLive, keyOf, type Located, type Named, namespaceOf, projectOf } from "./identity.ts";
import { type Application, type ApplicationSet, isPartial } from "./objects.ts";
import {
  appliesArgoCdAlone,
  ignoresSourceOfOthers,
  leavesClusterOpen,
  obstacleOf,
  operationObstacleOf,
} from "./obstacles.ts";
import { type Plan, planOf } from "./plan.ts";

/** One Application, or one ApplicationSet for all that it makes. */
export interface Candidate<Place> extends Plan {
  readonly kind: "Application" | "ApplicationSet";
  readonly namespace: string;
  readonly name: string;
  /** Undefined for an ApplicationSet that only its Applications speak of. */
  readonly place: Place | undefined;
  /** Whether it was read from a cluster rather than from what is kept of it. */
  readonly isLive: boolean;
  /** Of an ApplicationSet: how many Applications of it were read. */
  readonly generated?: number;
  /** Those that a template does not leave open. */
  readonly projects: readonly string[];
}

/** An Application that nothing generates. */
export function applicationSubject<Place>(
  { object, place, patchedBy }: Located<Application, Place>,
  context: Context,
): Candidate<Place> {
  const hookStatus = hookStatusOf(object, context);
  const status = context.statuses.get(keyOf(object, context));
  const { sourceType, sourceTypes } = status ?? {};
  const tools = sourceTypes?.length ? sourceTypes : [sourceType ?? ""];
  const reasons = {
    obstacle: obstacleOf(object.spec, context),
    refusal: operationObstacleOf(object.spec, context),
  };
  const plan = planOf({ object, status: hookStatus, patchedBy, ...reasons, tools, path: ["spec"] }, context);
  return {
    ...identity(object, place, context),
    projects: [projectOf(object)],
    ...plan,
    notes: [...plan.notes, ...applicationNotes({ ...object, status }, context)],
  };
}

function applicationNotes(
  { spec, status }: Pick<Application, "spec" | "status">,
  { way, layer }: Context,
): readonly string[] {
  const moved =
    "it ignores differences in /spec/source of Applications, which the change moves to /spec/sources/0";
  const empty = "it applies only Argo CD objects, which run no image: --exempt it, or leave the hook out";
  if (layer === "operation") return [];
  return [
    ...(way === "sources" && ignoresSourceOfOthers(spec) ? [moved] : []),
    ...(appliesArgoCdAlone({ status }) ? [empty] : []),
  ];
}

/** An ApplicationSet with the Applications that it has made. */
export function setSubject<Place>(
  { object, place, patchedBy }: Located<ApplicationSet, Place>,
  generated: Generated | undefined,
  context: Context,
): Candidate<Place> {
  const { spec } = object.spec.template;
  const status = templateHookStatus(object, generated, context);
  const obstacle = obstacleOf(spec, context) ?? generated?.obstacle;
  const reasons = { obstacle, refusal: operationObstacleOf(spec, context) ?? generated?.refusal };
  const path = ["spec", "template", "spec"];
  const plan = planOf({ object, status, patchedBy, ...reasons, tools: [], path }, context);
  const isOpen = generated === undefined && plan.changes.length > 0 && leavesClusterOpen(spec);
  const open = "its template leaves the cluster open: the hook needs a gate on each";
  return {
    ...identity(object, place, context),
    generated: generated?.total ?? 0,
    projects: projectsOf(object, generated),
    ...plan,
    notes: isOpen ? [...plan.notes, open] : plan.notes,
  };
}

function projectsOf(object: ApplicationSet, generated: Generated | undefined): readonly string[] {
  const names = [projectOf(object), ...(generated?.projects ?? [])];
  return [...new Set(names.filter((name) => !name.includes("{{")))];
}

/** What is known of a template, which does not decide alone where a patch or a generator brings sources. */
function templateHookStatus(
  object: ApplicationSet,
  generated: Generated | undefined,
  context: Context,
): HookStatus {
  if (isExempt(object, context)) return EXEMPT;
  const decides = isPartial(object) || otherSourcesOf(object) === undefined;
  const named = decides ? namedTemplate(object.spec.template.spec, generated, context) : undefined;
  return named ?? unnamedTemplate(generated);
}

/** An ApplicationSet that is not among what was read. */
export function unseenSet<Place>(
  { namespace, name, total, projects, status, refusal }: Generated,
  { layer }: Pick<Context, "layer">,
): Candidate<Place> {
  const asks = layer !== "operation" && (status.hook === "no" || status.hook === "unknown");
  const gate = refusal === undefined ? ("judges" as const) : ("refuses" as const);
  return {
    ...status,
    ...(layer !== "hook" && status.hook !== "exempt" && { operationGate: gate }),
    kind: "ApplicationSet",
    namespace,
    name,
    place: undefined,
    isLive: false,
    generated: total,
    projects,
    changes: [],
    notes: [
      ...(layer !== "hook" && refusal !== undefined ? [refusal] : []),
      ...(asks ? ["it was not read, and its template is what has to change"] : []),
    ],
  };
}

/** A template that names the hook; its Applications may lag behind, or be kept as they are. */
function namedTemplate(
  spec: ApplicationSet["spec"]["template"]["spec"],
  generated: Generated | undefined,
  context: Context,
): HookStatus | undefined {
  const named = namedHookStatus(spec, generated?.status.lastSync ?? "unknown", context);
  const without = (generated?.total ?? 0) - (generated?.withHook ?? 0);
  if (named === undefined || without === 0 || named.hook !== "yes") return named;
  const note = `${without} of its Applications do not have what its template has`;
  return { ...named, hook: "no", notes: [...named.notes, note] };
}

/** What the Applications of a template show that does not name the hook. */
function unnamedTemplate(generated: Generated | undefined): HookStatus {
  if (generated === undefined || generated.status.hook === "exempt") return UNKNOWN;
  const { hook, by, lastSync } = generated.status;
  return { hook, lastSync, notes: [], ...(hook === "yes" && by !== undefined && { by }) };
}

function identity<Place>(object: Named, place: Place, context: Context) {
  const { kind, metadata } = object;
  return {
    kind,
    namespace: namespaceOf(object, context),
    name: metadata.name,
    place,
    isLive: isLive(object),
  };
}
