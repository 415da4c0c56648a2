import { z } from "zod";

import { MODES } from "../src/core/index.ts";
import { ArgoCdSettings } from "../src/serve/settings/argocd-settings.ts";
import { ServerSettings } from "../src/serve/settings/server-settings.ts";
import { Settings } from "../src/serve/settings/settings.ts";
import { MonitoringValues } from "./chart-monitoring-values.ts";
import { PodValues } from "./chart-pod-values.ts";
import { RecordValues } from "./chart-record-values.ts";
import { Any, Name, NameOrEmpty, PullSecret, ShortName, Texts } from "./chart-value-types.ts";

function documentOf(what: string) {
  return z
    .strictObject({
      text: z.string().describe(`The text of the ${what}; if empty, the one in the cluster is kept.`),
      existingConfigMap: NameOrEmpty.describe("Your own ConfigMap, instead of a text."),
    })
    .describe(`Where the ${what} comes from.`);
}

const Image = z.strictObject({
  registry: z.string().describe("A registry that replaces the one in repository."),
  repository: z.string().min(1).describe("Repository, including the registry."),
  digest: z
    .string()
    .regex(/^(?:sha256:[0-9a-f]{64})?$/)
    .describe("Digest; it takes precedence over the tag."),
  tag: z.string().describe("Tag; the chart's appVersion if empty."),
  pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).describe("When the node pulls the image."),
  pullSecrets: z.array(PullSecret).describe("Pull secrets for the gate's own image."),
});

const Workload = z.strictObject({
  group: z.string().describe("API group."),
  kind: z.string().min(1).describe("Kind."),
  resource: z.string().min(1).describe("Plural resource name, as in webhook rules."),
  path: z.array(z.string().min(1)).min(1).describe("Keys from the top of the object to its pod spec."),
});

const Folder = z
  .string()
  .regex(/^\/[\w./-]+$/)
  .describe("Folder in the gate's file system where its keys are mounted as files.");
const Files = z.union([
  z.strictObject({
    configMap: Name.describe("A ConfigMap in the release's namespace; give either this or secret."),
    path: Folder,
  }),
  z.strictObject({
    secret: Name.describe("A Secret in the release's namespace; give either this or configMap."),
    path: Folder,
  }),
]);

const Certificate = z.strictObject({
  mode: z
    .enum(["selfManaged", "certManager", "provided"])
    .describe("Who issues the serving certificate: the gate, cert-manager, or you."),
  issuerRef: Any.describe("cert-manager's issuer; if empty, the chart creates its own authority."),
  secretName: NameOrEmpty.describe("With provided: a Secret with tls.crt and tls.key."),
  caBundle: z.string().describe("With provided: the PEM of the authority that the API server trusts."),
});

const ArgoCd = z.strictObject({
  enabled: z
    .boolean()
    .describe("Answer PreSync hooks and rollouts; requires the right to read pods and Jobs."),
  settings: ArgoCdSettings.omit({ operations: true })
    .partial()
    .extend({
      operations: ArgoCdSettings.shape.operations
        .unwrap()
        .omit({ exempt: true, prewarm: true })
        .optional()
        .describe("The webhook for Applications."),
    })
    .describe("Parts of the argocd section of the settings document; see docs/reference/settings.md."),
  operationGate: z
    .strictObject({
      enabled: z
        .boolean()
        .describe("Check every sync as it starts. While no replica answers, no sync starts."),
      timeoutSeconds: z.int().min(1).max(30).describe("How long the API server waits for an answer."),
      exempt: ArgoCdSettings.shape.operations
        .unwrap()
        .shape.exempt.unwrap()
        .describe("Applications that are never checked, as namespace/name: the gate's own."),
      prewarm: z
        .boolean()
        .describe(
          "Render in advance what OutOfSync Applications would apply, and look up its images; requires the right to read Applications.",
        ),
    })
    .describe("The webhook for Applications."),
});

const Autoscaling = z.strictObject({
  enabled: z.boolean().describe("Whether to create a HorizontalPodAutoscaler; requires the metrics-server."),
  minReplicas: z.int().min(1).max(50).describe("Minimum number of replicas."),
  maxReplicas: z.int().min(1).max(50).describe("Maximum number of replicas."),
  targetCPUUtilizationPercentage: z
    .int()
    .min(1)
    .max(1000)
    .describe("Target CPU use, in percent of the request."),
});

const Port = z.int().min(1).max(65_535);

const Listener = z.strictObject({
  address: z.string().describe("Address in the pod; every address if empty."),
  port: Port.describe("Port for the API server."),
  probePort: Port.describe("Port for probes and /metrics."),
  fallback: z
    .strictObject({
      enabled: z
        .boolean()
        .describe(
          "Whether each replica publishes an endpoint that is used while no pod counts as ready; requires the right to create and patch EndpointSlices in the release's namespace.",
        ),
      port: Port.describe("Its port in the pod; another than server.port."),
    })
    .describe("Endpoints for the time without any that is ready."),
});

const Service = z.strictObject({
  annotations: Texts.describe("Its annotations."),
  ipFamilyPolicy: z
    .enum(["", "SingleStack", "PreferDualStack", "RequireDualStack"])
    .describe("How many address families it has; the cluster's default if empty."),
  ipFamilies: z
    .array(z.enum(["IPv4", "IPv6"]))
    .max(2)
    .describe("The address families, in order of preference."),
});

const MatchCondition = z.strictObject({
  name: z.string().min(1).describe("Name of the condition."),
  expression: z.string().min(1).describe("CEL; requests for which it is false are not checked."),
});

/** The values of the chart. What helm checks before it renders anything. */
export const ChartValues = z.strictObject({
  nameOverride: ShortName.describe("Replaces the chart's name."),
  fullnameOverride: ShortName.describe("Name of all objects."),
  commonLabels: Texts.describe("Labels of every object and pod."),
  global: z
    .looseObject({
      imageRegistry: z.string().describe("A registry that replaces the one in image.repository."),
      imagePullSecrets: z.array(PullSecret).describe("Pull secrets for the gate's own image."),
    })
    .partial()
    .describe("Values that a parent chart sets for all its charts."),
  enabled: z
    .boolean()
    .optional()
    .describe("Not used; a parent chart may name it as the condition of this one."),
  image: Image.describe("The gate's own image."),
  imagePullSecrets: z
    .array(PullSecret)
    .describe("The same as image.pullSecrets, under the name that other charts use."),
  replicas: z.int().min(1).max(50).describe("Number of replicas; not used if autoscaling is enabled."),
  autoscaling: Autoscaling.describe("Replicas by CPU use."),
  podDisruptionBudget: z
    .strictObject({
      enabled: z.boolean().describe("Whether to create one."),
      maxUnavailable: z
        .union([z.int().min(1), z.string().regex(/^(?:[1-9]|[1-9][0-9]|100)%$/)])
        .describe("How many replicas may be unavailable at once."),
    })
    .describe("The disruption budget."),
  defaultMode: z
    .enum(["", ...MODES])
    .describe(
      "The mode of namespaces without the label mc-gate.dev/mode; if empty, the current one is kept.",
    ),
  defaultModeExempt: z
    .array(Name)
    .max(32)
    .describe(
      "Namespaces that defaultMode enforce excludes, whatever their label: those whose pods must run before the gate can.",
    ),
  webhook: z
    .strictObject({
      timeoutSeconds: z.int().min(1).max(30).describe("How long the API server waits for an answer."),
      workloads: z.array(Workload).max(100).describe("Custom resources that contain pod specs."),
      annotations: Texts.describe("Annotations of the ValidatingWebhookConfiguration."),
      matchConditionsUnsafe: z
        .array(MatchCondition)
        .max(64)
        .describe(
          "Conditions of the workload webhooks. Objects for which one is false start without being checked.",
        ),
    })
    .describe("The webhook configuration."),
  server: Listener.describe("Where the gate listens in its pod."),
  service: Service.describe("The Service that the API server calls."),
  certificate: Certificate.describe("The serving certificate."),
  callers: z
    .strictObject({
      clientCAConfigMap: NameOrEmpty.describe(
        "A ConfigMap with the key ca.crt: authorities of the API server's client certificate. If empty, any client that reaches the webhook port is trusted.",
      ),
      allowedNames: ServerSettings.shape.callers
        .unwrap()
        .shape.allowedNames.describe("Names; the certificate must have one of them."),
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
        .describe("Also read the pull secrets of workloads; requires the right to read every Secret."),
    })
    .describe("Credentials for registries."),
  keySecrets: z
    .array(Name)
    .max(64)
    .describe("Secrets in the release's namespace with public keys of the policy."),
  argocd: ArgoCd.describe("Argo CD syncs, and rollouts."),
  record: RecordValues.describe("The decision record in files; standard output has it in any case."),
  files: z.array(Files).max(16).describe("ConfigMaps and Secrets that are mounted as files."),
  settings: z
    .strictObject({
      registries: Settings.shape.registries,
      outbound: Settings.shape.outbound,
      verify: Settings.shape.verify,
      evidence: Settings.shape.evidence,
      tuf: Settings.shape.tuf,
    })
    .partial()
    .describe("Parts of the settings document; see docs/reference/settings.md."),
  ...PodValues.shape,
  test: z
    .strictObject({
      admittedImage: z.string().describe("An image that the policy admits, by digest; not tested if empty."),
      node: z.string().min(1).describe("Path of Node.js in the gate's image."),
    })
    .describe("Settings of `helm test`."),
  extraObjects: z
    .array(z.union([z.string().min(1), Any]))
    .max(100)
    .describe("Additional objects of the release, as maps or as texts; both are templates."),
  networkPolicy: z
    .strictObject({
      enabled: z.boolean().describe("Whether to create one."),
      webhookFrom: z.array(Any).describe("Who may reach the webhook port; everyone if empty."),
      metricsFrom: z.array(Any).describe("Who may scrape /metrics; everyone if empty."),
    })
    .describe("The gate's NetworkPolicy."),
  ...MonitoringValues,
});

/** The JSON Schema of the chart's values. Draft 7, which every Helm reads. */
export function valuesJsonSchema(): object {
  return z.toJSONSchema(ChartValues, { io: "input", target: "draft-7" });
}
