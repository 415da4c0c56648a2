import { type Context, type HookStatus, hookStatusOf } from "./hook-status.ts";
import { keyOf, madeBy, namespaceOf, projectOf } from "./identity.ts";
import type { Application } from "./objects.ts";
import { obstacleOf, operationObstacleOf } from "./obstacles.ts";

/** The Applications that one ApplicationSet has made. */
export interface Generated {
  readonly namespace: string;
  readonly name: string;
  /** How many there are, those that need no hook left out. */
  readonly total: number;
  readonly withHook: number;
  readonly projects: readonly string[];
  /** What holds for all of them. */
  readonly status: HookStatus;
  /** Why the hook could not run for one of them. */
  readonly obstacle: string | undefined;
  /** Why the operation gate refuses one of them. */
  readonly refusal: string | undefined;
}

/** The Applications that were generated, by the namespace and name of their ApplicationSet. */
export function generatedBy(applications: readonly Application[], context: Context): Map<string, Generated> {
  const families = Map.groupBy(
    [...new Map(applications.map((each) => [keyOf(each, context), each])).values()],
    (each) => `${namespaceOf(each, context)}/${madeBy(each) ?? ""}`,
  );
  const sets = [...families].filter(([key]) => !key.endsWith("/"));
  return new Map(sets.map(([key, members]) => [key, familyOf(members, context)]));
}

function familyOf(members: readonly Application[], context: Context): Generated {
  const [first] = members;
  const statuses = members.map((each) => hookStatusOf(each, context)).filter(({ hook }) => hook !== "exempt");
  return {
    namespace: namespaceOf(first!, context),
    name: madeBy(first!)!,
    total: statuses.length,
    withHook: statuses.filter(({ hook }) => hook === "yes").length,
    projects: [...new Set(members.map(projectOf))],
    status: common(statuses),
    refusal: members.map(({ spec }) => operationObstacleOf(spec, context)).find((each) => each !== undefined),
    obstacle: members.map(({ spec }) => obstacleOf(spec, context)).find((each) => each !== undefined),
  };
}

/** The worst of them. */
function common(statuses: readonly HookStatus[]): HookStatus {
  const lastSyncs = statuses.map(({ lastSync }) => lastSync);
  const lastSync =
    lastSyncs.find((each) => each === "did-not-run") ?? lastSyncs.find((each) => each === "unknown");
  const worst =
    statuses.find(({ hook }) => hook === "no") ??
    statuses.find(({ hook }) => hook === "unknown") ??
    statuses[0];
  if (worst === undefined) return { hook: "exempt", lastSync: "unknown", notes: [] };
  return { ...worst, lastSync: lastSync ?? "ran" };
}
