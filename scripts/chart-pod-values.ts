import { z } from "zod";

import { Any, NameOrEmpty, Texts } from "./chart-value-types.ts";

/** When a probe asks. What it asks is the chart's own. */
const Probe = z
  .strictObject({
    initialDelaySeconds: z.int().min(0).describe("Seconds until the first time."),
    periodSeconds: z.int().min(1).describe("Seconds from one time to the next."),
    timeoutSeconds: z.int().min(1).describe("Seconds that an answer may take."),
    failureThreshold: z.int().min(1).describe("How many failures in a row count."),
  })
  .partial();

/** The values that shape the gate's pods, mostly as a pod has them. */
export const PodValues = z.strictObject({
  revisionHistoryLimit: z.int().min(0).describe("How many old ReplicaSets stay for a rollback."),
  updateStrategy: Any.describe("How replicas are replaced."),
  resources: Any.describe("Requests and limits."),
  logLevel: z
    .enum(["", "info", "warn", "error"])
    .describe("Least level of a line that is logged; info where empty. Decisions are logged at any."),
  proxy: z
    .strictObject({
      httpsProxy: z.string().describe("HTTPS_PROXY; none where empty."),
      httpProxy: z.string().describe("HTTP_PROXY; none where empty."),
      noProxy: z.string().describe("NO_PROXY: hosts that are reached without a proxy; none where empty."),
    })
    .describe("A forward proxy, as environment of the gate."),
  env: z.array(Any).max(64).describe("Environment variables of the gate, as a container has them."),
  envFrom: z.array(Any).max(64).describe("ConfigMaps and Secrets that are read as its environment."),
  serviceAccount: z
    .strictObject({
      create: z.boolean().describe("Whether the chart makes it."),
      name: NameOrEmpty.describe("Its name; the release's full name where empty."),
      annotations: Texts.describe("Its annotations, such as the identity at a cloud."),
    })
    .describe("The account that the gate runs as."),
  podLabels: Texts.describe("Labels of the pods."),
  podAnnotations: Texts.describe("Annotations of the pods."),
  podSecurityContext: Any.describe("Security context of the pods; null removes a default."),
  securityContext: Any.describe("Security context of the gate's container; null removes a default."),
  priorityClassName: z.string().describe("Priority class; none where empty."),
  priorityClassQuota: z
    .strictObject({
      enabled: z
        .boolean()
        .describe("Whether there is one, for a class of the system and outside of kube-system."),
      pods: z.int().min(1).describe("How many pods of that class the namespace may have."),
    })
    .describe("A ResourceQuota for the priority class, which some clusters ask for."),
  nodeSelector: Any.describe("Node selector."),
  tolerations: z.array(Any).describe("Tolerations."),
  affinity: Any.describe("Affinity."),
  topologySpreadConstraints: z
    .array(Any)
    .describe("How replicas are spread; without a labelSelector each has that of the gate's pods."),
  hostNetwork: z.boolean().describe("Whether the pods are in their nodes' network."),
  dnsPolicy: z
    .enum(["", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"])
    .describe("DNS policy; ClusterFirstWithHostNet with hostNetwork where empty."),
  dnsConfig: Any.describe("DNS configuration."),
  startupProbe: Probe.describe("When it is asked whether the gate has started."),
  livenessProbe: Probe.describe("When it is asked whether it lives."),
  readinessProbe: Probe.describe("When it is asked whether it is ready."),
  extraVolumes: z.array(Any).max(64).describe("More volumes."),
  extraVolumeMounts: z.array(Any).max(64).describe("Where the gate's container has them."),
  extraContainers: z.array(Any).max(16).describe("More containers beside the gate's."),
});
