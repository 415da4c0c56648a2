import { z } from "zod";

import { Any, NameOrEmpty, Texts } from "./chart-value-types.ts";

/** When a probe asks. What it asks is the chart's own. */
const Probe = z
  .strictObject({
    initialDelaySeconds: z.int().min(0).describe("Seconds before the first probe."),
    periodSeconds: z.int().min(1).describe("Seconds between probes."),
    timeoutSeconds: z.int().min(1).describe("Seconds before a probe times out."),
    failureThreshold: z.int().min(1).describe("Consecutive failures before the probe counts as failed."),
  })
  .partial();

/** The values that shape the gate's pods, mostly as a pod has them. */
export const PodValues = z.strictObject({
  revisionHistoryLimit: z.int().min(0).describe("How many old ReplicaSets are kept for a rollback."),
  updateStrategy: Any.describe("How replicas are replaced."),
  resources: Any.describe("Requests and limits."),
  logLevel: z
    .enum(["", "info", "warn", "error"])
    .describe("Minimum level of logged lines; info if empty. Decisions are always logged."),
  proxy: z
    .strictObject({
      httpsProxy: z.string().describe("HTTPS_PROXY; none if empty."),
      httpProxy: z.string().describe("HTTP_PROXY; none if empty."),
      noProxy: z.string().describe("NO_PROXY: hosts that are reached without a proxy; none if empty."),
    })
    .describe("A forward proxy, set in the gate's environment."),
  env: z.array(Any).max(64).describe("Environment variables of the gate, in the form of a container's env."),
  envFrom: z.array(Any).max(64).describe("ConfigMaps and Secrets to read environment variables from."),
  serviceAccount: z
    .strictObject({
      create: z.boolean().describe("Whether the chart creates it."),
      name: NameOrEmpty.describe("Its name; the release's full name if empty."),
      annotations: Texts.describe("Its annotations, such as a cloud identity."),
    })
    .describe("The account that the gate runs as."),
  podLabels: Texts.describe("Labels of the pods."),
  podAnnotations: Texts.describe("Annotations of the pods."),
  podSecurityContext: Any.describe("Security context of the pods; null removes a default."),
  securityContext: Any.describe("Security context of the gate's container; null removes a default."),
  priorityClassName: z.string().describe("Priority class; none if empty."),
  priorityClassQuota: z
    .strictObject({
      enabled: z.boolean().describe("Whether to create one, for a system class outside kube-system."),
      pods: z.int().min(1).describe("How many pods of that class the namespace may have."),
    })
    .describe("A ResourceQuota for the priority class, which some clusters require."),
  nodeSelector: Any.describe("Node selector."),
  tolerations: z.array(Any).describe("Tolerations."),
  affinity: Any.describe("Affinity."),
  topologySpreadConstraints: z
    .array(Any)
    .describe("How replicas are spread; a constraint without a labelSelector gets that of the gate's pods."),
  hostNetwork: z.boolean().describe("Whether the pods use their nodes' network."),
  dnsPolicy: z
    .enum(["", "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"])
    .describe("DNS policy; if empty, ClusterFirstWithHostNet with hostNetwork."),
  dnsConfig: Any.describe("DNS configuration."),
  startupProbe: Probe.describe("Startup probe."),
  livenessProbe: Probe.describe("Liveness probe."),
  readinessProbe: Probe.describe("Readiness probe."),
  extraVolumes: z.array(Any).max(64).describe("Additional volumes."),
  extraVolumeMounts: z.array(Any).max(64).describe("Where they are mounted in the gate's container."),
  extraContainers: z.array(Any).max(16).describe("Additional containers in the gate's pod."),
});
