import { type WorkloadPath, WORKLOADS } from "./kinds.ts";

/** A kind whose objects hold a pod template, as it is listed. */
export interface TemplateKind extends WorkloadPath {
  readonly version: string;
  /** Plural. */
  readonly resource: string;
}

/** What an API server calls the kinds of `WORKLOADS` with a template. Source: Kubernetes API reference 1.37. */
const RESOURCES: Readonly<Record<string, readonly [version: string, resource: string]>> = {
  "/PodTemplate": ["v1", "podtemplates"],
  "/ReplicationController": ["v1", "replicationcontrollers"],
  "apps/ReplicaSet": ["v1", "replicasets"],
  "apps/Deployment": ["v1", "deployments"],
  "apps/StatefulSet": ["v1", "statefulsets"],
  "apps/DaemonSet": ["v1", "daemonsets"],
  "batch/Job": ["v1", "jobs"],
  "batch/CronJob": ["v1", "cronjobs"],
  "argoproj.io/Rollout": ["v1alpha1", "rollouts"],
  "serving.knative.dev/Service": ["v1", "services"],
};

/** Every kind of `WORKLOADS` but the Pod. */
export const TEMPLATE_KINDS: readonly TemplateKind[] = WORKLOADS.flatMap((row) => {
  const [version, resource] = RESOURCES[`${row.group}/${row.kind}`] ?? [];
  return version === undefined || resource === undefined ? [] : [{ ...row, version, resource }];
});
