/** Where a kind keeps its pod spec. */
export interface WorkloadPath {
  readonly group: string;
  readonly kind: string;
  /** Keys from the object's top to the pod spec. */
  readonly path: readonly string[];
}

const TEMPLATE = ["spec", "template", "spec"];

/** Every kind that carries a pod spec, and two well-known custom ones. A new kind is a line here, or in the settings. */
export const WORKLOADS: readonly WorkloadPath[] = [
  { group: "", kind: "Pod", path: ["spec"] },
  { group: "", kind: "PodTemplate", path: ["template", "spec"] },
  { group: "", kind: "ReplicationController", path: TEMPLATE },
  { group: "apps", kind: "ReplicaSet", path: TEMPLATE },
  { group: "apps", kind: "Deployment", path: TEMPLATE },
  { group: "apps", kind: "StatefulSet", path: TEMPLATE },
  { group: "apps", kind: "DaemonSet", path: TEMPLATE },
  { group: "batch", kind: "Job", path: TEMPLATE },
  { group: "batch", kind: "CronJob", path: ["spec", "jobTemplate", ...TEMPLATE] },
  { group: "argoproj.io", kind: "Rollout", path: TEMPLATE },
  { group: "serving.knative.dev", kind: "Service", path: TEMPLATE },
];

/** Where a kind keeps its pod spec, among the built-in rows and the configured ones; undefined where no row knows it. */
export function workloadPath(
  { group, kind }: { readonly group: string; readonly kind: string },
  configured: readonly WorkloadPath[],
): WorkloadPath | undefined {
  return [...WORKLOADS, ...configured].find((row) => row.group === group && row.kind === kind);
}
