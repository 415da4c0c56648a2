import { Fault, type Mode, printable } from "../../core/index.ts";
import type { Application } from "../application.ts";
import type { ArgoCd, TargetDeps } from "../ports.ts";
import { renderedManifests } from "./rendered-manifests.ts";
import { targetModes } from "./target-modes.ts";
import { readTargetOf, type ReadTargetElsewhere, type Target } from "./target.ts";
import type { WantedTarget } from "./wanted-target.ts";

export type { Target } from "./target.ts";

/** Which Application, and which of its targets. */
export interface TargetRequest {
  readonly argoCd: ArgoCd;
  readonly application: Application;
  readonly wanted: WantedTarget;
}

export interface ReadTargetDeps extends Pick<TargetDeps, "workloads" | "ownDigests"> {
  /** Reads large targets in another thread; in this one where absent. */
  readonly readTargetElsewhere?: ReadTargetElsewhere;
}

/** Reads a target: renders it, and finds its images. Throws Faults. */
export async function readTarget(
  { argoCd, application, wanted }: TargetRequest,
  { workloads, ownDigests, readTargetElsewhere }: ReadTargetDeps,
  signal: AbortSignal,
): Promise<Target> {
  const manifests =
    wanted.kind === "inline"
      ? wanted.manifests
      : await renderedManifests({ argoCd, application, wanted }, signal);
  const namespace = application.spec.destination.namespace || "default";
  return await readTargetOf(manifests, { namespace, workloads, ownDigests }, readTargetElsewhere);
}

/**
 * The Argo CD that an Application of a namespace belongs to: another one may have an Application of the same name. Throws
 * Fault target/unavailable where none is configured for it, or several are.
 */
export function argoCdAt(namespace: string, { argoCds }: Pick<TargetDeps, "argoCds">): ArgoCd {
  const own = argoCds.find((each) => each.namespace === namespace);
  if (own !== undefined) return own;
  const serving = argoCds.filter(({ isApplicationNamespace }) => isApplicationNamespace?.(namespace));
  const [only] = serving.length > 0 ? serving : argoCds;
  if (only === undefined) throw new Fault("target/unavailable", "no Argo CD is configured");
  if (serving.length === 1 || (argoCds.length === 1 && only.isApplicationNamespace === undefined))
    return only;
  const count = serving.length === 0 ? "none" : `${serving.length}`;
  throw new Fault(
    "target/unavailable",
    `the Application's Argo CD is not known: ${count} of the configured instances serve Applications in namespace ${printable(namespace, 80)}; list it in argocd.instances[].applicationNamespaces of one`,
  );
}

/** How strict each namespace of a target is. */
export function modesOf(
  { namespaces }: Pick<Target, "namespaces">,
  { spec }: { readonly spec: Pick<Application["spec"], "destination" | "syncPolicy"> },
  deps: Pick<TargetDeps, "modeOf" | "defaultMode" | "otherClusters" | "thisCluster">,
): (namespace: string) => Mode {
  const { destination, syncPolicy } = spec;
  if (!isThisCluster(destination, deps.thisCluster)) return () => deps.otherClusters;
  const labels = syncPolicy?.managedNamespaceMetadata?.labels;
  const { namespace } = destination;
  return targetModes(namespaces, {
    modeOf: deps.modeOf,
    defaultMode: deps.defaultMode,
    ...(labels && namespace && { managed: { namespace, labels } }),
  });
}

/** Whether an Application's destination is the cluster that the gate is in. */
export function isThisCluster(
  { server, name }: Application["spec"]["destination"],
  thisCluster: readonly string[],
): boolean {
  const destination = withoutSlashes(server || name || "");
  return destination !== "" && thisCluster.some((each) => withoutSlashes(each) === destination);
}

/** Argo CD cuts the slashes at the end off. Source: argo-cd, util/argo, GetDestinationServer. */
function withoutSlashes(server: string): string {
  let end = server.length;
  while (server[end - 1] === "/") end -= 1;
  return server.slice(0, end);
}
