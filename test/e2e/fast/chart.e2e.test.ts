import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { MODE_LABEL } from "../../../src/core/index.ts";
import { takesNamespace, type WebhookRules } from "../../support/webhook-rules.ts";
import {
  type ChartObject,
  MANIFESTS,
  manifestText,
  objectsIn,
  OPERATION_GATE_VALUES,
  renderChart,
} from "../support/chart.ts";
import { createDryRun, type DryRun } from "../support/dry-run.ts";
import { PROJECT } from "../support/programs.ts";
import { cluster } from "../support/scenario.ts";

type Rendered = ChartObject & { readonly spec: { readonly replicas?: number } };

const PROVIDED = { mode: "provided", secretName: "tls", caBundle: "eA==" };
const WORKLOADS = [{ group: "acme.example", kind: "Thing", resource: "things", path: ["spec", "pod"] }];

/** Every value that changes what is rendered, at least once. */
const MATRIX: readonly (readonly [string, object])[] = [
  ["nothing set", {}],
  [
    "cert-manager, a ServiceMonitor, alerts",
    {
      certificate: { mode: "certManager" },
      serviceMonitor: { enabled: true, labels: { release: "prometheus" } },
      prometheusRule: { enabled: true, labels: { release: "prometheus" } },
    },
  ],
  [
    "an issuer of one's own",
    { certificate: { mode: "certManager", issuerRef: { kind: "ClusterIssuer", name: "ca" } } },
  ],
  [
    "a certificate of one's own, no NetworkPolicy",
    { certificate: PROVIDED, networkPolicy: { enabled: false } },
  ],
  ["enforce by default", { defaultMode: "enforce", webhook: { timeoutSeconds: 5, workloads: WORKLOADS } }],
  ["autoscaling", { autoscaling: { enabled: true, minReplicas: 3, maxReplicas: 9 } }],
  ["advisory by default", { defaultMode: "advisory", replicas: 3, priorityClassName: "" }],
  [
    "documents in ConfigMaps of one's own",
    {
      policy: { existingConfigMap: "p" },
      waivers: { existingConfigMap: "w" },
      revocations: { existingConfigMap: "r" },
    },
  ],
  [
    "secrets, and where the pods go",
    {
      pullSecrets: { names: ["pull"], workloads: true },
      keySecrets: ["keys"],
      image: { digest: `sha256:${"a".repeat(64)}`, pullSecrets: ["own"] },
      nodeSelector: { "kubernetes.io/os": "linux" },
      tolerations: [{ operator: "Exists" }],
      callers: { clientCAConfigMap: "api-server", allowedNames: ["system:auth-proxy"] },
      networkPolicy: {
        metricsFrom: [{ namespaceSelector: {} }],
        webhookFrom: [{ ipBlock: { cidr: "10.0.0.0/24" } }],
      },
      podAnnotations: { team: "platform" },
      env: [{ name: "NODE_OPTIONS", value: "--import=/etc/mc-gate/tracer/register.mjs" }],
    },
  ],
  [
    "files",
    {
      files: [
        { configMap: "registry-ca", path: "/etc/mc-gate/ca" },
        { secret: "trust", path: "/etc/mc-gate/trust" },
      ],
    },
  ],
  ["Argo CD, with the operation gate", OPERATION_GATE_VALUES],
  [
    "settings",
    {
      settings: {
        tuf: { enabled: false },
        evidence: { staleLimit: "2h", prewarm: { images: 100 } },
        registries: { hosts: {} },
      },
    },
  ],
];

const REFUSED: readonly (readonly [string, object, RegExp])[] = [
  ["a value that does not exist", { replicaCount: 3 }, /replicaCount/],
  ["a mode that does not exist", { defaultMode: "permissive" }, /defaultMode/],
  ["no replicas", { replicas: 0 }, /replicas/],
  ["fewer replicas at most than at least", { autoscaling: { enabled: true, minReplicas: 7 } }, /maxReplicas/],
  ["a setting that does not exist", { settings: { evidence: { keep: "2h" } } }, /keep/],
  ["provided, without a certificate", { certificate: { mode: "provided" } }, /secretName|caBundle/],
];

/** The replicas that a Deployment is rendered with, and whether an autoscaler is. */
async function replicasOf(values: object): Promise<readonly [number | undefined, boolean]> {
  const objects = objectsIn(await renderChart(values)) as Rendered[];
  const { spec } = objects.find(({ kind }) => kind === "Deployment")!;
  return [spec.replicas, objects.some(({ kind }) => kind === "HorizontalPodAutoscaler")];
}

async function alertsIn(namespace: string): Promise<Rendered> {
  const objects = objectsIn(await renderChart({ prometheusRule: { enabled: true } }, namespace));
  return (objects as Rendered[]).find(({ kind }) => kind === "PrometheusRule")!;
}

/** The chart's webhooks with these values. */
async function webhooksOf(values: object): Promise<readonly WebhookRules[]> {
  const objects = objectsIn(await renderChart(values)) as readonly (ChartObject & {
    readonly webhooks?: readonly WebhookRules[];
  })[];
  return objects.find(({ kind }) => kind === "ValidatingWebhookConfiguration")?.webhooks ?? [];
}

/** Namespaces that a webhook leaves out by their name. */
async function leftOut(webhook: string, values: object): Promise<readonly string[]> {
  const { namespaceSelector } = (await webhooksOf(values)).find(({ name }) => name === webhook)!;
  const byName = namespaceSelector?.matchExpressions?.find(
    ({ key }) => key === "kubernetes.io/metadata.name",
  );
  return byName?.values ?? [];
}

/** The modes whose webhooks are asked about a namespace that is labelled like this. */
function modesAsked(webhooks: readonly WebhookRules[], label: string | undefined): readonly string[] {
  const labels = {
    "kubernetes.io/metadata.name": "shop",
    ...(label !== undefined && { [MODE_LABEL]: label }),
  };
  return ["enforce", "advisory"].filter((mode) => {
    const webhook = webhooks.find(({ name }) => name === `${mode}.mc-gate.dev`);
    return webhook !== undefined && takesNamespace(webhook, labels);
  });
}

describe("the chart", () => {
  let dryRun: DryRun;

  beforeAll(async () => {
    dryRun = await createDryRun(cluster());
  });
  afterAll(() => dryRun.stop());

  it.each(MATRIX)("with %s is taken by the API server, every field known", async (_, values) => {
    expect(await dryRun.of(await renderChart(values))).toEqual([0, []]);
  });

  it("leaves the number of replicas to the autoscaler where there is one", async () => {
    expect(await replicasOf({ replicas: 5 })).toEqual([5, false]);
    expect(await replicasOf({ replicas: 5, autoscaling: { enabled: true } })).toEqual([undefined, true]);
  });

  it("renders the alerts as they are in their file, for its own Deployment", async () => {
    const text = await readFile(join(PROJECT, "alerts/mc-gate.yaml"), "utf8");
    expect((await alertsIn("mc-gate")).spec).toEqual(parse(text));
    const elsewhere = JSON.stringify((await alertsIn("security")).spec);
    expect(elsewhere).toContain('namespace=\\"security\\", deployment=\\"mc-gate\\"');
  });

  it("renders the dashboard as it is in its file", async () => {
    const objects = objectsIn(await renderChart({ grafanaDashboard: { enabled: true } }));
    const text = await readFile(join(PROJECT, "dashboards/mc-gate.json"), "utf8");
    expect(objects).toContainEqual(
      expect.objectContaining({ kind: "ConfigMap", data: { "mc-gate.json": text } }),
    );
  });

  it.each(REFUSED)("refuses %s before anything is rendered", async (_, values, what) => {
    await expect(renderChart(values)).rejects.toThrow(what);
  });

  it("leaves out by name what must run before the gate, and only where enforcement is the default", async () => {
    const enforce = "enforce.mc-gate.dev";
    expect(await leftOut(enforce, { defaultMode: "enforce" })).toEqual(["mc-gate", "kube-system"]);
    const own = { defaultMode: "enforce", defaultModeExempt: ["kube-system", "calico-system"] };
    expect(await leftOut(enforce, own)).toEqual(["mc-gate", "kube-system", "calico-system"]);
    expect(await leftOut(enforce, {})).toEqual(["mc-gate"]);
    expect(await leftOut("advisory.mc-gate.dev", { defaultMode: "advisory" })).toEqual(["mc-gate"]);
  });

  it.each(["off", "advisory", "enforce"])(
    "takes a label that spells no mode for enforce, where no label means %s",
    async (defaultMode) => {
      const webhooks = await webhooksOf({ defaultMode });
      for (const label of ["Enforce", "OFF", "", "enforce"])
        expect(modesAsked(webhooks, label)).toContain("enforce");
      expect(modesAsked(webhooks, "advisory")).toEqual(["advisory"]);
      expect(modesAsked(webhooks, "off")).toEqual([]);
      expect(modesAsked(webhooks, undefined)).toEqual(defaultMode === "off" ? [] : [defaultMode]);
    },
  );

  it.each(Object.keys(MANIFESTS))("is what %s holds", async (path) => {
    const text = await readFile(join(PROJECT, path), "utf8");
    expect(text, "run: npm run manifests").toBe(await manifestText(path));
    expect(await dryRun.of(text, 1)).toEqual([0, []]);
  });
});
