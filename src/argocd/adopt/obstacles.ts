import { printable } from "../../core/index.ts";
import type { SurveyOptions } from "./identity.ts";
import type { Application, ApplicationSet, Spec } from "./objects.ts";

const THIS_CLUSTER = ["https://kubernetes.default.svc", "in-cluster"];
const ARGOCD_GROUP = "argoproj.io";

/** Why the hook could not run for an Application: a clause. Undefined where nothing says so. */
export function obstacleOf(
  { destination }: Pick<Spec, "destination">,
  { clusters }: Pick<SurveyOptions, "clusters">,
): string | undefined {
  if (!textOf(destination?.["namespace"]))
    return "its destination names no namespace, which the hook needs; the operation gate checks it without a hook";
  const cluster = clusterOf(destination);
  if (cluster === undefined || isOpen(cluster) || [...THIS_CLUSTER, ...clusters].includes(cluster))
    return undefined;
  return `it deploys to ${printable(cluster, 200)}, where the hook would look for a gate; name that cluster by --cluster if one runs there, or take the operation gate`;
}

/** Whether a template leaves open which cluster its Applications deploy to. */
export function leavesClusterOpen({ destination }: Pick<Spec, "destination">): boolean {
  return isOpen(clusterOf(destination) ?? "");
}

/** Why the operation gate refuses an Application, whatever it deploys: a clause. Undefined where it judges it. */
export function operationObstacleOf(
  { sourceHydrator, syncPolicy }: Spec,
  { movingRevisions }: Pick<SurveyOptions, "movingRevisions">,
): string | undefined {
  if (sourceHydrator != null) return "the operation gate refuses Applications with a sourceHydrator";
  if (movingRevisions === "refuse" && valueAt(syncPolicy, "retry", "refresh") === true)
    return "its retries take the newest commit (refresh: true), which the operation gate refuses in enforcing namespaces";
  return undefined;
}

/** Whether a list of differences that Argo CD ignores names the field that `sources` takes the place of. */
function ignoresSource(differences: unknown): boolean {
  return /\/spec\/source\b|\.spec\.source\b/.test(JSON.stringify(differences) ?? "");
}

/** Whether an Application ignores differences in the field `source` of Applications that it applies. */
export function ignoresSourceOfOthers({ ignoreDifferences }: Spec): boolean {
  const list: readonly unknown[] = Array.isArray(ignoreDifferences) ? ignoreDifferences : [];
  return list.some(
    (each) => ["Application", "*"].includes(textOf(valueAt(each, "kind"))) && ignoresSource(each),
  );
}

/** Whether all that an Application has applied is of Argo CD itself, which runs no image. */
export function appliesArgoCdAlone({ status }: Pick<Application, "status">): boolean {
  const resources = status?.resources ?? [];
  return resources.length > 0 && resources.every(({ group }) => group === ARGOCD_GROUP);
}

/** Why the template of an ApplicationSet cannot move its source: a clause. Undefined where it can. */
export function fixedSourceOf({ spec }: ApplicationSet): string | undefined {
  return ignoresSource(spec.ignoreApplicationDifferences)
    ? "its ignoreApplicationDifferences name /spec/source, which the change moves to /spec/sources/0"
    : undefined;
}

function clusterOf(destination: Spec["destination"]): string | undefined {
  return textOf(destination?.["server"]) || textOf(destination?.["name"]) || undefined;
}

function isOpen(text: string): boolean {
  return text.includes("{{");
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function valueAt(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const part of path)
    here = typeof here === "object" && here !== null ? (here as Record<string, unknown>)[part] : undefined;
  return here;
}
