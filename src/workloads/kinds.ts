/** Where a kind keeps its pod spec. */
export interface WorkloadPath {
  readonly group: string;
  readonly kind: string;
  /** Keys from the object's top to the pod spec. */
  readonly path: readonly string[];
  /** Keys from the object's top to `{kind, name}` of the workload whose template it takes when it has none of its own. */
  readonly reference?: readonly string[];
}

/** The type of an object. */
export interface ObjectType {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
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
  { group: "argoproj.io", kind: "Rollout", path: TEMPLATE, reference: ["spec", "workloadRef"] },
  { group: "serving.knative.dev", kind: "Service", path: TEMPLATE },
];

/** API groups of Kubernetes itself: of their kinds, only those of `WORKLOADS` carry a pod spec. Source: API reference 1.36. */
const BUILT_IN_GROUPS: ReadonlySet<string> = new Set([
  "",
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "apps",
  "authentication.k8s.io",
  "authorization.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "coordination.k8s.io",
  "discovery.k8s.io",
  "events.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "internal.apiserver.k8s.io",
  "networking.k8s.io",
  "node.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "resource.k8s.io",
  "scheduling.k8s.io",
  "storage.k8s.io",
  "storagemigration.k8s.io",
]);

/** Keys of an object's top whose form is the same for every kind. Source: Kubernetes API conventions, "Objects". */
const COMMON_KEYS: readonly unknown[] = ["apiVersion", "kind", "metadata"];

/** Whether a pod spec can be at a path: no kind has one in what all kinds have in common. */
export function canHoldPodSpec([first]: readonly string[]): boolean {
  return !COMMON_KEYS.includes(first);
}

/** Where a kind keeps its pod spec, among the built-in rows and the configured ones; undefined where no row knows it. */
export function workloadPath(
  { group, kind }: ObjectType,
  configured: readonly WorkloadPath[],
): WorkloadPath | undefined {
  return [...WORKLOADS, ...configured].find((row) => row.group === group && row.kind === kind);
}

/** Whether a kind that no row knows is one of Kubernetes' own; none of them names images. */
export function isBuiltIn({ group }: ObjectType): boolean {
  return BUILT_IN_GROUPS.has(group);
}

/** Whether the pods of a kind are separate objects, admitted by themselves: true of every kind but the Pod. */
export function isTemplate({ group, kind }: ObjectType): boolean {
  return group !== "" || kind !== "Pod";
}
