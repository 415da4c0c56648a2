import { z } from "zod";

import { MODES } from "../src/core/index.ts";
import { ArgoCdSettings } from "../src/serve/settings/argocd-settings.ts";
import { ServerSettings } from "../src/serve/settings/server-settings.ts";
import { Settings } from "../src/serve/settings/settings.ts";
import { PodValues } from "./chart-pod-values.ts";
import { Any, Name, NameOrEmpty, PullSecret, ShortName, Texts } from "./chart-value-types.ts";

function documentOf(what: string) {
  return z
    .strictObject({
      text: z.string().describe(`The text of the ${what}; the one in the cluster where empty.`),
      existingConfigMap: NameOrEmpty.describe("A ConfigMap of yours, instead of a text."),
    })
    .describe(`Where the ${what} comes from.`);
}

const Image = z.strictObject({
  registry: z.string().describe("A registry in the place of the one in repository."),
  repository: z.string().min(1).describe("Repository, registry included."),
  digest: z
    .string()
    .regex(/^(?:sha256:[0-9a-f]{64})?$/)
    .describe("Digest; it goes before the tag."),
  tag: z.string().describe("Tag; the chart's appVersion where empty."),
  pullPolicy: z.enum(["Always", "IfNotPresent", "Never"]).describe("When the node pulls."),
  pullSecrets: z.array(PullSecret).describe("Pull secrets for the gate's own image."),
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
  issuerRef: Any.describe("cert-manager's issuer; an authority of the chart's own where empty."),
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

const ChosenBy = Texts.describe("More labels, by which a Prometheus chooses it.");

const Interval = z.string().regex(/^(?:[1-9][0-9]*(?:ms|[smhd]))?$/);

const ServiceMonitor = z.strictObject({
  enabled: z.boolean().describe("Whether there is one."),
  labels: ChosenBy,
  annotations: Texts.describe("Its annotations."),
  interval: Interval.describe("How often it is scraped; as Prometheus does usually where empty."),
  scrapeTimeout: Interval.describe("How long that may take; as usual where empty."),
  honorLabels: z.boolean().describe("Whether labels of the gate win over those of the scrape."),
  relabelings: z.array(Any).describe("Relabelings of the target."),
  metricRelabelings: z.array(Any).describe("Relabelings of what was scraped."),
});

const Port = z.int().min(1).max(65_535);

const Listener = z.strictObject({
  address: z.string().describe("Address in the pod; every address where empty."),
  port: Port.describe("Port for the API server."),
  probePort: Port.describe("Port for probes and /metrics."),
});

const Service = z.strictObject({
  annotations: Texts.describe("Its annotations."),
  ipFamilyPolicy: z
    .enum(["", "SingleStack", "PreferDualStack", "RequireDualStack"])
    .describe("How many address families it has; the cluster's usual number where empty."),
  ipFamilies: z
    .array(z.enum(["IPv4", "IPv6"]))
    .max(2)
    .describe("Which ones, the first of them first."),
});

const MatchCondition = z.strictObject({
  name: z.string().min(1).describe("Name of the condition."),
  expression: z.string().min(1).describe("CEL; what it is false for is not judged."),
});

/** The values of the chart. What helm checks before it renders anything. */
export const ChartValues = z.strictObject({
  nameOverride: ShortName.describe("In the place of the chart's name."),
  fullnameOverride: ShortName.describe("Name of all objects."),
  commonLabels: Texts.describe("Labels of every object and pod."),
  global: z
    .looseObject({
      imageRegistry: z.string().describe("A registry in the place of the one in image.repository."),
      imagePullSecrets: z.array(PullSecret).describe("Pull secrets for the gate's own image."),
    })
    .partial()
    .describe("What a parent chart sets for all of its charts."),
  enabled: z
    .boolean()
    .optional()
    .describe("Not used; a parent chart may name it as the condition of this one."),
  image: Image.describe("The gate's own image."),
  imagePullSecrets: z
    .array(PullSecret)
    .describe("The same as image.pullSecrets, where other charts have it."),
  replicas: z.int().min(1).max(50).describe("Replicas; not used where autoscaling is enabled."),
  autoscaling: Autoscaling.describe("Replicas by CPU use."),
  podDisruptionBudget: z
    .strictObject({
      enabled: z.boolean().describe("Whether there is one."),
      maxUnavailable: z
        .union([z.int().min(1), z.string().regex(/^(?:[1-9]|[1-9][0-9]|100)%$/)])
        .describe("How many replicas may be taken away at once."),
    })
    .describe("What a drain may take away."),
  defaultMode: z
    .enum(["", ...MODES])
    .describe("The mode of namespaces without the label mc-gate.dev/mode; the one in force where empty."),
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
      annotations: Texts.describe("Annotations of the ValidatingWebhookConfiguration."),
      matchConditionsUnsafe: z
        .array(MatchCondition)
        .max(64)
        .describe(
          "Conditions of the webhooks for workloads. What one is false for starts without being judged.",
        ),
    })
    .describe("What the API server is told."),
  server: Listener.describe("Where the gate listens in its pod."),
  service: Service.describe("The Service that the API server asks."),
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
      admittedImage: z
        .string()
        .describe("An image that the policy admits, by digest; not asked for where empty."),
      node: z.string().min(1).describe("Path of Node.js in the gate's image."),
    })
    .describe("What `helm test` asks for."),
  extraObjects: z
    .array(z.union([z.string().min(1), Any]))
    .max(100)
    .describe("More objects of the release, as maps or as texts; both are templates."),
  networkPolicy: z
    .strictObject({
      enabled: z.boolean().describe("Whether there is one."),
      webhookFrom: z.array(Any).describe("Who may reach the webhook port; everybody where empty."),
      metricsFrom: z.array(Any).describe("Who may scrape /metrics; everybody where empty."),
    })
    .describe("The gate's NetworkPolicy."),
  serviceMonitor: ServiceMonitor.describe("For the Prometheus operator."),
  prometheusRule: z
    .strictObject({ enabled: z.boolean().describe("Whether there is one."), labels: ChosenBy })
    .describe("The alerts of alerts/mc-gate.yaml, for the Prometheus operator."),
});

/** The JSON Schema of the chart's values. Draft 7, which every Helm reads. */
export function valuesJsonSchema(): object {
  return z.toJSONSchema(ChartValues, { io: "input", target: "draft-7" });
}
