import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readDocument } from "../../../src/documents/index.ts";
import { Settings } from "../../../src/serve/settings/settings.ts";
import { type ChartObject, objectsIn, renderChart } from "../support/chart.ts";
import { createDryRun, type DryRun } from "../support/dry-run.ts";
import { eventually } from "../support/process.ts";
import { cluster } from "../support/scenario.ts";

/** Kind, path and what is there; the only object of its kind, or the one that is named after it: `ConfigMap/mc-gate-settings`. */
type Place = readonly [object: string, path: string, expected: unknown];

const POD = "spec.template.spec";
const GATE = `${POD}.containers.0`;
const IMAGE = "registry.internal:5000/mc-gate/mc-gate:0.1.0";
const SELECTOR = { "app.kubernetes.io/name": "mc-gate", "app.kubernetes.io/instance": "mc-gate" };
const MINE = { "example.com/team": "platform" };
const TERMS = [{ matchExpressions: [{ key: "pool", operator: "In", values: ["infra"] }] }];
const DROP = [{ action: "labeldrop", regex: "pod" }];
const CONDITION = { name: "not-restored", expression: "request.userInfo.username != 'velero'" };
const CLONE = {
  name: "clone",
  image: "registry.internal/git:1",
  args: ["clone", "https://git.internal/gate", "/git"],
  volumeMounts: [{ name: "git", mountPath: "/git" }],
};
const QUOTA_CLASSES = [{ scopeName: "PriorityClass", operator: "In", values: ["system-node-critical"] }];

/** What people set in charts of this kind, and where it is to be found in what is rendered. */
const FEATURES: readonly (readonly [string, object, readonly Place[]])[] = [
  [
    "annotations and a name for the ServiceAccount",
    {
      serviceAccount: {
        name: "gate",
        annotations: { "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/gate" },
      },
    },
    [
      ["ServiceAccount", "metadata.name", "gate"],
      [
        "ServiceAccount",
        "metadata.annotations",
        { "eks.amazonaws.com/role-arn": "arn:aws:iam::1:role/gate" },
      ],
      ["Deployment", `${POD}.serviceAccountName`, "gate"],
      ["RoleBinding", "subjects.0.name", "gate"],
      ["ClusterRoleBinding", "subjects.0.name", "gate"],
    ],
  ],
  [
    "a ServiceAccount that is there already",
    { serviceAccount: { create: false, name: "made-by-terraform" } },
    [
      ["ServiceAccount", "", undefined],
      ["Deployment", `${POD}.serviceAccountName`, "made-by-terraform"],
      ["ClusterRoleBinding", "subjects.0.name", "made-by-terraform"],
    ],
  ],
  [
    "labels for pods, which the selector does not ask for",
    { podLabels: { "azure.workload.identity/use": "true" } },
    [
      [
        "Deployment",
        "spec.template.metadata.labels",
        expect.objectContaining({ ...SELECTOR, "azure.workload.identity/use": "true" }),
      ],
      ["Deployment", "spec.selector.matchLabels", SELECTOR],
    ],
  ],
  [
    "labels for everything",
    { commonLabels: MINE },
    [
      "Deployment",
      "Service",
      "ClusterRole/mc-gate",
      "ConfigMap/mc-gate-settings",
      "ValidatingWebhookConfiguration",
      "ResourceQuota",
    ]
      .flatMap((object): Place[] => [
        [
          object,
          "metadata.labels",
          expect.objectContaining({ ...SELECTOR, ...MINE, "helm.sh/chart": "mc-gate-0.1.0" }),
        ],
      ])
      .concat([["Deployment", "spec.template.metadata.labels", expect.objectContaining(MINE)]]),
  ],
  [
    "a CronJob that compares what is in force with the files in git",
    { drift: { enabled: true, schedule: "0 6 * * *", initContainers: [CLONE] } },
    [
      ["CronJob", "spec.schedule", "0 6 * * *"],
      ["CronJob", "spec.jobTemplate.spec.template.spec.initContainers", [CLONE]],
      [
        "CronJob",
        "spec.jobTemplate.spec.template.spec.containers.0.args",
        ["drift", "--file=/git", "--namespace=mc-gate", "--service=mc-gate", "--report"],
      ],
      [
        "Role/mc-gate-drift",
        "rules.1",
        { apiGroups: ["mc-gate.dev"], resources: ["states"], verbs: ["get", "update"] },
      ],
      [
        "ConfigMap/mc-gate-settings",
        "data",
        expect.objectContaining({ "settings.yaml": expect.stringMatching(/^state: \{\}$/m) }),
      ],
      [
        "ClusterRole/mc-gate",
        "rules",
        expect.arrayContaining([
          { apiGroups: ["authentication.k8s.io"], resources: ["tokenreviews"], verbs: ["create"] },
        ]),
      ],
    ],
  ],
  [
    "annotations for pods",
    { podAnnotations: MINE },
    [["Deployment", "spec.template.metadata.annotations", expect.objectContaining(MINE)]],
  ],
  [
    "a pod security context without the ids that OpenShift chooses",
    { podSecurityContext: { runAsUser: null, runAsGroup: null, fsGroup: null } },
    [
      [
        "Deployment",
        `${POD}.securityContext`,
        { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
      ],
    ],
  ],
  [
    "a security context for the container",
    { securityContext: { appArmorProfile: { type: "RuntimeDefault" } } },
    [
      [
        "Deployment",
        `${GATE}.securityContext`,
        expect.objectContaining({
          readOnlyRootFilesystem: true,
          appArmorProfile: { type: "RuntimeDefault" },
        }),
      ],
    ],
  ],
  [
    "affinity",
    {
      affinity: {
        nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: TERMS } },
      },
    },
    [
      [
        "Deployment",
        `${POD}.affinity`,
        { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: TERMS } } },
      ],
    ],
  ],
  [
    "a topology spread of one's own, with the gate's selector where it has none",
    {
      topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "rack", whenUnsatisfiable: "DoNotSchedule" },
        {
          maxSkew: 2,
          topologyKey: "row",
          whenUnsatisfiable: "DoNotSchedule",
          labelSelector: { matchLabels: MINE },
        },
      ],
    },
    [
      [
        "Deployment",
        `${POD}.topologySpreadConstraints.0`,
        {
          maxSkew: 1,
          topologyKey: "rack",
          whenUnsatisfiable: "DoNotSchedule",
          labelSelector: { matchLabels: SELECTOR },
        },
      ],
      ["Deployment", `${POD}.topologySpreadConstraints.1.labelSelector.matchLabels`, MINE],
    ],
  ],
  [
    "no topology spread",
    { topologySpreadConstraints: [] },
    [["Deployment", `${POD}.topologySpreadConstraints`, undefined]],
  ],
  [
    "a disruption budget in percent",
    { podDisruptionBudget: { maxUnavailable: "50%" } },
    [["PodDisruptionBudget", "spec.maxUnavailable", "50%"]],
  ],
  [
    "no disruption budget",
    { podDisruptionBudget: { enabled: false } },
    [["PodDisruptionBudget", "", undefined]],
  ],
  [
    "the nodes' network, and ports of one's own",
    { hostNetwork: true, server: { port: 10250, probePort: 10251, fallback: { port: 10252 } } },
    [
      ["Deployment", `${POD}.hostNetwork`, true],
      ["Deployment", `${POD}.dnsPolicy`, "ClusterFirstWithHostNet"],
      [
        "Deployment",
        `${GATE}.ports`,
        [
          { name: "webhook", containerPort: 10250 },
          { name: "fallback", containerPort: 10252 },
          { name: "probes", containerPort: 10251 },
        ],
      ],
      [
        "ConfigMap/mc-gate-settings",
        "data.settings.yaml",
        expect.stringMatching(/^ {2}port: 10250\n {2}probePort: 10251$/m),
      ],
      [
        "ConfigMap/mc-gate-settings",
        "data.settings.yaml",
        expect.stringMatching(/^ {2}fallback:\n {4}port: 10252\n {4}service: mc-gate$/m),
      ],
    ],
  ],
  [
    "DNS of one's own",
    { dnsPolicy: "None", dnsConfig: { nameservers: ["10.0.0.10"] } },
    [
      ["Deployment", `${POD}.dnsPolicy`, "None"],
      ["Deployment", `${POD}.dnsConfig`, { nameservers: ["10.0.0.10"] }],
    ],
  ],
  [
    "address families, and an address to listen at",
    {
      service: { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv4"], annotations: MINE },
      server: { address: "0.0.0.0" },
    },
    [
      ["Service", "spec.ipFamilyPolicy", "SingleStack"],
      ["Service", "spec.ipFamilies", ["IPv4"]],
      ["Service", "metadata.annotations", MINE],
      ["ConfigMap/mc-gate-settings", "data.settings.yaml", expect.stringContaining("address: 0.0.0.0")],
    ],
  ],
  [
    "a quota for another class of the system",
    { priorityClassName: "system-node-critical", priorityClassQuota: { pods: 7 } },
    [
      ["ResourceQuota", "spec", { hard: { pods: "7" }, scopeSelector: { matchExpressions: QUOTA_CLASSES } }],
      ["Deployment", `${POD}.priorityClassName`, "system-node-critical"],
    ],
  ],
  [
    "no quota where it is switched off",
    { priorityClassQuota: { enabled: false } },
    [["ResourceQuota", "", undefined]],
  ],
  [
    "no quota for a class of one's own",
    { priorityClassName: "platform" },
    [["ResourceQuota", "", undefined]],
  ],
  [
    "no priority class",
    { priorityClassName: "" },
    [
      ["Deployment", `${POD}.priorityClassName`, undefined],
      ["ResourceQuota", "", undefined],
    ],
  ],
  [
    "a registry for all charts",
    { global: { imageRegistry: "registry.internal:5000" } },
    [["Deployment", `${GATE}.image`, IMAGE]],
  ],
  [
    "a registry for this chart, which goes before",
    { global: { imageRegistry: "other.example" }, image: { registry: "registry.internal:5000" } },
    [["Deployment", `${GATE}.image`, IMAGE]],
  ],
  [
    "a repository without a registry, for a registry",
    {
      global: { imageRegistry: "registry.internal:5000" },
      image: { repository: "platform/mc-gate", tag: "1" },
    },
    [["Deployment", `${GATE}.image`, "registry.internal:5000/platform/mc-gate:1"]],
  ],
  [
    "an image by digest, and when it is pulled",
    { image: { digest: `sha256:${"a".repeat(64)}`, pullPolicy: "Always" } },
    [
      ["Deployment", `${GATE}.image`, `ghcr.io/mc-gate/mc-gate@sha256:${"a".repeat(64)}`],
      ["Deployment", `${GATE}.imagePullPolicy`, "Always"],
    ],
  ],
  [
    "pull secrets in each form",
    {
      global: { imagePullSecrets: [{ name: "a" }, "b"] },
      imagePullSecrets: [{ name: "c" }, "a"],
      image: { pullSecrets: ["d", { name: "e" }] },
    },
    [["Deployment", `${POD}.imagePullSecrets`, ["a", "b", "c", "d", "e"].map((name) => ({ name }))]],
  ],
  [
    "files of the decision record on a volume of each replica, larger than they may grow",
    { record: { enabled: true, folderMib: 100, fileMib: 10 } },
    [
      ["Deployment", `${GATE}.volumeMounts.2`, { name: "record", mountPath: "/var/lib/mc-gate/record" }],
      ["Deployment", `${POD}.volumes.2`, { name: "record", emptyDir: { sizeLimit: "146Mi" } }],
    ],
  ],
  [
    "files of the decision record on a claim",
    { record: { enabled: true, existingClaim: "records" } },
    [["Deployment", `${POD}.volumes.2`, { name: "record", persistentVolumeClaim: { claimName: "records" } }]],
  ],
  [
    "a log level",
    { logLevel: "warn" },
    [["ConfigMap/mc-gate-settings", "data.settings.yaml", expect.stringContaining("log:\n  level: warn\n")]],
  ],
  [
    "a CA for every connection",
    {
      files: [{ configMap: "company-ca", path: "/etc/mc-gate/ca" }],
      settings: { outbound: { caFile: "/etc/mc-gate/ca/ca.crt" } },
    },
    [
      [
        "ConfigMap/mc-gate-settings",
        "data.settings.yaml",
        expect.stringContaining("outbound:\n  caFile: /etc/mc-gate/ca/ca.crt\n"),
      ],
    ],
  ],
  [
    "a forward proxy, before the environment",
    {
      proxy: { httpsProxy: "http://proxy.internal:3128", noProxy: ".svc,10.0.0.0/8" },
      env: [{ name: "TZ", value: "UTC" }],
      server: { fallback: { enabled: false } },
    },
    [
      [
        "Deployment",
        `${GATE}.env`,
        [
          { name: "HTTPS_PROXY", value: "http://proxy.internal:3128" },
          { name: "NO_PROXY", value: ".svc,10.0.0.0/8" },
          { name: "TZ", value: "UTC" },
        ],
      ],
    ],
  ],
  [
    "environment",
    {
      env: [{ name: "TZ", value: "UTC" }],
      envFrom: [{ secretRef: { name: "company-proxy" } }],
      server: { fallback: { enabled: false } },
    },
    [
      ["Deployment", `${GATE}.env`, [{ name: "TZ", value: "UTC" }]],
      ["Deployment", `${GATE}.envFrom`, [{ secretRef: { name: "company-proxy" } }]],
    ],
  ],
  [
    "volumes and containers",
    {
      extraVolumes: [{ name: "secrets", csi: { driver: "secrets-store.csi.k8s.io", readOnly: true } }],
      extraVolumeMounts: [{ name: "secrets", mountPath: "/mnt/secrets", readOnly: true }],
      extraContainers: [{ name: "beside", image: "beside.example/beside:1" }],
    },
    [
      [
        "Deployment",
        `${POD}.volumes`,
        expect.arrayContaining([
          expect.objectContaining({ name: "secrets" }),
          expect.objectContaining({ name: "settings" }),
        ]),
      ],
      [
        "Deployment",
        `${GATE}.volumeMounts`,
        expect.arrayContaining([{ name: "secrets", mountPath: "/mnt/secrets", readOnly: true }]),
      ],
      ["Deployment", `${POD}.containers.1.name`, "beside"],
      ["Deployment", `${GATE}.name`, "gate"],
    ],
  ],
  [
    "annotations of the webhooks",
    { webhook: { annotations: { "admissions.enforcer/disabled": "true" } } },
    [["ValidatingWebhookConfiguration", "metadata.annotations", { "admissions.enforcer/disabled": "true" }]],
  ],
  [
    "conditions of the webhooks for workloads, and of no other",
    { webhook: { matchConditionsUnsafe: [CONDITION] } },
    [
      ["ValidatingWebhookConfiguration", "webhooks.0.matchConditions", [CONDITION]],
      ["ValidatingWebhookConfiguration", "webhooks.1.matchConditions", [CONDITION]],
      [
        "ValidatingWebhookConfiguration",
        "webhooks.2.matchConditions",
        [expect.objectContaining({ name: "documents" })],
      ],
      [
        "ValidatingWebhookConfiguration",
        "webhooks.8.matchConditions",
        [expect.objectContaining({ name: "mode-changes" })],
      ],
    ],
  ],
  [
    "namespaces that enforcement by default leaves out",
    { defaultMode: "enforce", defaultModeExempt: ["kube-system", "calico-system"] },
    [
      [
        "ValidatingWebhookConfiguration",
        "webhooks.0.namespaceSelector.matchExpressions.1.values",
        ["mc-gate", "kube-system", "calico-system"],
      ],
    ],
  ],
  [
    "probes, history and the way of an update",
    {
      startupProbe: { failureThreshold: 300 },
      livenessProbe: { initialDelaySeconds: 5 },
      readinessProbe: { timeoutSeconds: 9 },
      revisionHistoryLimit: 3,
      updateStrategy: { rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } },
    },
    [
      [
        "Deployment",
        `${GATE}.startupProbe`,
        { httpGet: { path: "/livez", port: "probes" }, periodSeconds: 1, failureThreshold: 300 },
      ],
      ["Deployment", `${GATE}.livenessProbe.initialDelaySeconds`, 5],
      [
        "Deployment",
        `${GATE}.readinessProbe`,
        {
          httpGet: { path: "/readyz", port: "probes" },
          periodSeconds: 2,
          timeoutSeconds: 9,
          failureThreshold: 3,
        },
      ],
      ["Deployment", "spec.revisionHistoryLimit", 3],
      ["Deployment", "spec.strategy.rollingUpdate", { maxUnavailable: 1, maxSurge: 0 }],
    ],
  ],
  [
    "a ServiceMonitor",
    {
      serviceMonitor: {
        enabled: true,
        labels: MINE,
        annotations: MINE,
        interval: "15s",
        scrapeTimeout: "5s",
        honorLabels: true,
        relabelings: DROP,
        metricRelabelings: DROP,
      },
    },
    [
      [
        "ServiceMonitor",
        "spec.endpoints",
        [
          {
            port: "probes",
            path: "/metrics",
            honorLabels: true,
            interval: "15s",
            scrapeTimeout: "5s",
            relabelings: DROP,
            metricRelabelings: DROP,
          },
        ],
      ],
      ["ServiceMonitor", "metadata.labels", expect.objectContaining(MINE)],
      ["ServiceMonitor", "metadata.annotations", MINE],
    ],
  ],
  [
    "alerts",
    { prometheusRule: { enabled: true, labels: MINE } },
    [["PrometheusRule", "metadata.labels", expect.objectContaining(MINE)]],
  ],
  [
    "a dashboard, with the label of Grafana's sidecar and one more",
    { grafanaDashboard: { enabled: true, labels: MINE, annotations: { grafana_folder: "Security" } } },
    [
      [
        "ConfigMap/mc-gate-dashboard",
        "metadata.labels",
        expect.objectContaining({ ...MINE, grafana_dashboard: "1" }),
      ],
      ["ConfigMap/mc-gate-dashboard", "metadata.annotations.grafana_folder", "Security"],
    ],
  ],
  [
    "autoscaling",
    { autoscaling: { enabled: true, maxReplicas: 9 } },
    [["HorizontalPodAutoscaler", "spec.maxReplicas", 9]],
  ],
  [
    "an endpoint for the time without any that is ready, from the start",
    {},
    [
      [
        "Deployment",
        `${GATE}.env`,
        [
          { name: "MC_GATE_POD_IPS", valueFrom: { fieldRef: { fieldPath: "status.podIPs" } } },
          { name: "MC_GATE_POD_NAME", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
          { name: "MC_GATE_POD_UID", valueFrom: { fieldRef: { fieldPath: "metadata.uid" } } },
        ],
      ],
      ["NetworkPolicy", "spec.ingress.0.ports", [{ port: "webhook" }, { port: "fallback" }]],
      [
        "Role/mc-gate",
        "rules",
        expect.arrayContaining([
          { apiGroups: ["discovery.k8s.io"], resources: ["endpointslices"], verbs: ["create", "patch"] },
        ]),
      ],
    ],
  ],
  [
    "no such endpoint",
    { server: { fallback: { enabled: false } } },
    [
      ["Deployment", `${GATE}.env`, undefined],
      ["NetworkPolicy", "spec.ingress.0.ports", [{ port: "webhook" }]],
      ["ConfigMap/mc-gate-settings", "data.settings.yaml", expect.stringMatching(/^(?![^]*fallback)/)],
    ],
  ],
  ["no NetworkPolicy", { networkPolicy: { enabled: false } }, [["NetworkPolicy", "", undefined]]],
  [
    "objects of one's own, as maps and as texts, both templates",
    {
      extraObjects: [
        {
          apiVersion: "v1",
          kind: "ConfigMap",
          metadata: { name: "{{ .Release.Name }}-own", namespace: "mc-gate" },
        },
        "apiVersion: v1\nkind: Secret\nmetadata: { name: '{{ .Release.Name }}-own', namespace: mc-gate }\n",
      ],
    },
    [
      ["ConfigMap/mc-gate-own", "metadata.name", "mc-gate-own"],
      ["Secret", "metadata.name", "mc-gate-own"],
    ],
  ],
  [
    "a name for everything",
    { fullnameOverride: "guard" },
    [
      ["Deployment", "metadata.name", "guard"],
      ["ClusterRole/guard", "metadata.name", "guard"],
      ["ClusterRole/guard-security", "metadata.name", "guard-security"],
      ["ValidatingWebhookConfiguration", "webhooks.0.clientConfig.service.name", "guard"],
      ["ConfigMap/guard-settings", "data.settings.yaml", expect.stringContaining("configMap: guard-policy")],
    ],
  ],
  [
    "a name in the place of the chart's",
    { nameOverride: "admission" },
    [
      ["Deployment", "metadata.name", "mc-gate-admission"],
      ["Deployment", "spec.selector.matchLabels", { ...SELECTOR, "app.kubernetes.io/name": "admission" }],
      ["Service", "spec.selector", { ...SELECTOR, "app.kubernetes.io/name": "admission" }],
    ],
  ],
  [
    "an authority behind cert-manager's certificates, so that their renewal changes no caBundle",
    { certificate: { mode: "certManager" } },
    [
      ["Issuer/mc-gate-selfsigned", "spec", { selfSigned: {} }],
      ["Certificate/mc-gate-ca", "spec.isCA", true],
      ["Certificate/mc-gate-ca", "spec.duration", "43800h"],
      ["Certificate/mc-gate-ca", "spec.privateKey.rotationPolicy", "Never"],
      ["Certificate/mc-gate-ca", "spec.issuerRef", { kind: "Issuer", name: "mc-gate-selfsigned" }],
      ["Issuer/mc-gate-ca", "spec", { ca: { secretName: "mc-gate-ca" } }],
      ["Certificate/mc-gate-tls", "spec.issuerRef", { kind: "Issuer", name: "mc-gate-ca" }],
      ["Certificate/mc-gate-tls", "spec.isCA", undefined],
      [
        "ValidatingWebhookConfiguration",
        "metadata.annotations",
        { "cert-manager.io/inject-ca-from": "mc-gate/mc-gate-tls" },
      ],
    ],
  ],
  [
    "an issuer of one's own, and no authority besides",
    { certificate: { mode: "certManager", issuerRef: { kind: "ClusterIssuer", name: "ca" } } },
    [
      ["Issuer", "", undefined],
      ["Certificate", "spec.issuerRef", { kind: "ClusterIssuer", name: "ca" }],
    ],
  ],
];

/** What is refused, and the words that say why. */
const REFUSED: readonly (readonly [string, object, RegExp])[] = [
  [
    "a selector by an object's labels, which whoever writes it chooses",
    { webhook: { objectSelector: {} } },
    /objectSelector/,
  ],
  ["another failurePolicy", { webhook: { failurePolicy: "Ignore" } }, /failurePolicy/],
  [
    "a common label that selectors ask for",
    { commonLabels: { "app.kubernetes.io/name": "x" } },
    /commonLabels sets app.kubernetes.io\/name/,
  ],
  [
    "a pod label that selectors ask for",
    { podLabels: { "app.kubernetes.io/instance": "x" } },
    /podLabels sets app.kubernetes.io\/instance/,
  ],
  [
    "the checksum as an annotation",
    { podAnnotations: { "checksum/settings": "x" } },
    /podAnnotations sets checksum\/settings/,
  ],
  [
    "cert-manager's own annotation",
    {
      certificate: { mode: "certManager" },
      webhook: { annotations: { "cert-manager.io/inject-ca-from": "x/y" } },
    },
    /webhook.annotations sets cert-manager.io\/inject-ca-from/,
  ],
  [
    "no ServiceAccount without a name of another",
    { serviceAccount: { create: false } },
    /serviceAccount.name is needed/,
  ],
  ["a budget that keeps the last replica", { podDisruptionBudget: { maxUnavailable: 0 } }, /maxUnavailable/],
  ["a path for a probe", { livenessProbe: { path: "/" } }, /path/],
  ["a name that no Service may have", { fullnameOverride: "a.b" }, /fullnameOverride/],
  ["an interval without a unit", { serviceMonitor: { interval: "15" } }, /interval/],
];

function objectOf(objects: readonly ChartObject[], which: string): unknown {
  const [kind, name] = which.split("/");
  const found = objects.filter(
    (each) => each.kind === kind && (name === undefined || each.metadata.name === name),
  );
  if (found.length > 1) throw new Error(`${which} names ${found.length} objects`);
  return found[0];
}

/** The value at a path; the rest of the path is one key where there is such a key. */
function valueAt(value: unknown, path: string): unknown {
  if (path === "" || value === undefined) return value;
  const map = value as Readonly<Record<string, unknown>>;
  if (Object.hasOwn(map, path)) return map[path];
  const [first = "", ...rest] = path.split(".");
  return valueAt(map[first], rest.join("."));
}

/** What the gate would say against the settings that are rendered. */
function settingsProblems(objects: readonly ChartObject[]): readonly unknown[] {
  const data = objects.map((each) => (each as { data?: Record<string, string> }).data?.["settings.yaml"]);
  const parsed = readDocument(
    data.find((text) => text !== undefined)!,
    Settings,
  );
  return parsed.ok ? [] : parsed.problems;
}

const criticalPod = {
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "critical", namespace: "mc-gate" },
  spec: {
    priorityClassName: "system-cluster-critical",
    containers: [{ name: "main", image: "registry.example/app:1" }],
  },
};

describe("the chart's values", () => {
  let dryRun: DryRun;

  beforeAll(async () => {
    dryRun = await createDryRun(cluster());
  });
  afterAll(() => dryRun.stop());

  it.each(FEATURES)("render %s where it belongs, and the API server takes it", async (_, values, places) => {
    const text = await renderChart(values);
    const objects = objectsIn(text);
    for (const [which, path, expected] of places)
      expect([which, path, valueAt(objectOf(objects, which), path)]).toEqual([which, path, expected]);
    expect(settingsProblems(objects)).toEqual([]);
    expect(await dryRun.of(text)).toEqual([0, []]);
  });

  it.each(REFUSED)("refuse %s with a reason", async (_, values, reason) => {
    await expect(renderChart(values)).rejects.toThrow(reason);
  });

  it("render no quota in kube-system, where it would count what runs there", async () => {
    const objects = objectsIn(await renderChart({}, "kube-system"));
    expect(objects.map(({ kind }) => kind)).not.toContain("ResourceQuota");
    expect(objects.map(({ kind }) => kind)).toContain("Deployment");
  });

  it("bring the quota without which this cluster lets no pod of the priority class in", async () => {
    const objects = objectsIn(await renderChart({}));
    const { kubectl, kubectlOk } = cluster();
    const create = async () =>
      (await kubectl(["create", "--dry-run=server", "-f", "-"], { stdin: JSON.stringify(criticalPod) }))
        .stderr;
    // A namespace has its service account, and a quota its figures, a moment later.
    const refused = async () => (await create()).includes("insufficient quota") || undefined;
    const admitted = async () => (await create()) === "" || undefined;
    expect(await eventually("the refusal", refused)).toBe(true);
    await kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(objectOf(objects, "ResourceQuota")) });
    expect(await eventually("the quota", admitted)).toBe(true);
    await kubectlOk(["delete", "resourcequota", "mc-gate-priority-class", "--namespace", "mc-gate"]);
  });
});
