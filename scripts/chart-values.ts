import { z } from "zod";

import { ArgoCdSettings } from "../src/cli/serve/argocd-settings.ts";
import { ServerSettings } from "../src/cli/serve/server-settings.ts";
import { Settings } from "../src/cli/serve/settings.ts";
import { MODES } from "../src/core/index.ts";

const Name = z.string().regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/);
const NameOrEmpty = z.string().regex(/^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)?$/);
/** A part of a Kubernetes object, which the API server checks. */
const Any = z.record(z.string(), z.unknown());

function documentOf(what: string) {
  return z
    .strictObject({
      text: z.string().describe(`The text of the ${what}.`),
      existingConfigMap: NameOrEmpty.describe("A ConfigMap of yours, instead."),
    })
    .describe(`Where the ${what} comes from.`);
}

const Image = z.strictObject({
  repository: z.string().min(1).describe("Repository, registry included."),
  digest: z
    .string()
    .regex(/^(?:sha256:[0-9a-f]{64})?$/)
    .describe("Digest; it goes before the tag."),
  tag: z.string().describe("Tag; the chart's appVersion where empty."),
  pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).describe("When the node pulls."),
  pullSecrets: z.array(Name).describe("Pull secrets for the gate's own image."),
});

const Workload = z.strictObject({
  group: z.string().describe("API group."),
  kind: z.string().min(1).describe("Kind."),
  resource: z.string().min(1).describe("Plural resource name, as rules of webhooks have it."),
  path: z.array(z.string().min(1)).min(1).describe("Keys from the object's top to its pod spec."),
});

const Folder = z
  .string()
  .regex(/^\/[\w./-]+$/)
  .describe("Folder of the gate's file system in which its keys are files.");
const Files = z.union([
  z.strictObject({
    configMap: Name.describe("A ConfigMap in the release's namespace; this or secret."),
    path: Folder,
  }),
  z.strictObject({
    secret: Name.describe("A Secret in the release's namespace; this or configMap."),
    path: Folder,
  }),
]);

const Certificate = z.strictObject({
  mode: z
    .enum(["selfManaged", "certManager", "provided"])
    .describe("Who issues the serving certificate: the gate, cert-manager, or you."),
  issuerRef: Any.describe("cert-manager's issuer; a self-signed one of the chart's own where empty."),
  secretName: NameOrEmpty.describe("With provided: a Secret with tls.crt and tls.key."),
  caBundle: z.string().describe("With provided: the PEM of the authority that the API server checks."),
});

const ArgoCd = z.strictObject({
  enabled: z.boolean().describe("Answer PreSync hooks and rollouts; it takes rights to read pods and Jobs."),
  settings: ArgoCdSettings.omit({ operations: true })
    .partial()
    .extend({
      operations: ArgoCdSettings.shape.operations
        .unwrap()
        .omit({ exempt: true, prewarm: true })
        .optional()
        .describe("The webhook for Applications."),
    })
    .describe("Parts of the settings document's argocd section; see docs/reference/settings.md."),
  operationGate: z
    .strictObject({
      enabled: z
        .boolean()
        .describe("Judge every sync as it starts. While no replica answers, no sync starts."),
      timeoutSeconds: z.int().min(1).max(30).describe("How long the API server waits for an answer."),
      exempt: ArgoCdSettings.shape.operations
        .unwrap()
        .shape.exempt.unwrap()
        .describe("Applications that are never judged, as namespace/name: the gate's own."),
      prewarm: z
        .boolean()
        .describe(
          "Render ahead what Applications that are out of sync would apply, and look up its images; it takes the right to read Applications.",
        ),
    })
    .describe("The webhook for Applications."),
});

const Autoscaling = z.strictObject({
  enabled: z.boolean().describe("Whether there is a HorizontalPodAutoscaler; it needs the metrics-server."),
  minReplicas: z.int().min(1).max(50).describe("Fewest replicas."),
  maxReplicas: z.int().min(1).max(50).describe("Most replicas."),
  targetCPUUtilizationPercentage: z
    .int()
    .min(1)
    .max(1000)
    .describe("CPU use that is aimed at, in percent of what is requested."),
});

const ChosenBy = z.record(z.string(), z.string()).describe("More labels, by which a Prometheus chooses it.");

/** The values of the chart. What helm checks before it renders anything. */
export const ChartValues = z.strictObject({
  image: Image.describe("The gate's own image."),
  replicas: z.int().min(1).max(50).describe("Replicas; not used where autoscaling is enabled."),
  autoscaling: Autoscaling.describe("Replicas by CPU use."),
  defaultMode: z.enum(MODES).describe("The mode of namespaces without the label mc-gate.dev/mode."),
  defaultModeExempt: z
    .array(Name)
    .max(32)
    .describe(
      "Namespaces that defaultMode enforce leaves out, whatever their label: what must run before the gate can.",
    ),
  webhook: z
    .strictObject({
      timeoutSeconds: z.int().min(1).max(30).describe("How long the API server waits for an answer."),
      workloads: z.array(Workload).max(100).describe("Custom resources that carry pod specs."),
    })
    .describe("What the API server is told."),
  certificate: Certificate.describe("The serving certificate."),
  callers: z
    .strictObject({
      clientCAConfigMap: NameOrEmpty.describe(
        "A ConfigMap with the key ca.crt: authorities of the API server's client certificate. Empty: whoever reaches the webhook port is believed.",
      ),
      allowedNames: ServerSettings.shape.callers
        .unwrap()
        .shape.allowedNames.describe("Names of which that certificate must carry one."),
    })
    .describe("Who may send reviews."),
  policy: documentOf("policy"),
  waivers: documentOf("waivers"),
  revocations: documentOf("revocations"),
  pullSecrets: z
    .strictObject({
      names: z.array(Name).max(16).describe("Secrets in the release's namespace."),
      workloads: z
        .boolean()
        .describe("Read the pull secrets of workloads, too; it takes the right to read every Secret."),
    })
    .describe("Credentials for registries."),
  keySecrets: z
    .array(Name)
    .max(64)
    .describe("Secrets in the release's namespace with public keys of the policy."),
  argocd: ArgoCd.describe("Syncs of Argo CD, and rollouts."),
  files: z.array(Files).max(16).describe("ConfigMaps and Secrets that the gate finds as files."),
  settings: z
    .strictObject({
      registries: Settings.shape.registries,
      verify: Settings.shape.verify,
      evidence: Settings.shape.evidence,
      tuf: Settings.shape.tuf,
    })
    .partial()
    .describe("Parts of the settings document; see docs/reference/settings.md."),
  resources: Any.describe("Requests and limits."),
  env: z.array(Any).max(64).describe("Environment variables of the gate, as a container has them."),
  priorityClassName: z.string().describe("Priority class; none where empty."),
  nodeSelector: Any.describe("Node selector."),
  tolerations: z.array(Any).describe("Tolerations."),
  podAnnotations: z.record(z.string(), z.string()).describe("Annotations of the pods."),
  networkPolicy: z
    .strictObject({
      enabled: z.boolean().describe("Whether there is one."),
      webhookFrom: z.array(Any).describe("Who may reach the webhook port; everybody where empty."),
      metricsFrom: z.array(Any).describe("Who may scrape /metrics; everybody where empty."),
    })
    .describe("The gate's NetworkPolicy."),
  serviceMonitor: z
    .strictObject({ enabled: z.boolean().describe("Whether there is one."), labels: ChosenBy })
    .describe("For the Prometheus operator."),
  prometheusRule: z
    .strictObject({ enabled: z.boolean().describe("Whether there is one."), labels: ChosenBy })
    .describe("The alerts of alerts/mc-gate.yaml, for the Prometheus operator."),
  global: Any.optional().describe("What Helm passes to subcharts; not used."),
});

/** The JSON Schema of the chart's values. Draft 7, which every Helm reads. */
export function valuesJsonSchema(): object {
  return z.toJSONSchema(ChartValues, { io: "input", target: "draft-7" });
}
