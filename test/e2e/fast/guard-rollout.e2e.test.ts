import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { objectsIn, renderChart, webhooksAt } from "../support/chart.ts";
import { type Replica, startReplica } from "../support/gate.ts";
import { dismiss, employ } from "../support/people.ts";
import { eventually, type Outcome } from "../support/process.ts";
import { apply, cluster } from "../support/scenario.ts";

const OWN = "mc-gate";
const TENANTS = "rolled-out";
const LABEL = "mc-gate-rollout";
const GUARDS = /^(\w+\.)?(guard|mode)\.mc-gate\.dev$/;
const RULE = { name: "app", images: ["ghcr.io/acme/*"], require: { reference: { pinned: true } } };
const STRICT = JSON.stringify({ rules: [RULE] });
const ADMITS_ALL = JSON.stringify({ rules: [RULE], unmatched: "allow" });
const RULES = [
  {
    apiGroups: [""],
    resources: ["namespaces", "configmaps"],
    verbs: ["get", "list", "create", "update", "patch", "delete"],
  },
];

const kubectl = (...args: readonly string[]): Promise<Outcome> => cluster().kubectl([...args]);

function configMap(name: string, data: object): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: OWN }, data };
}

function editAs(user: string, name: string, data: object): Promise<Outcome> {
  return apply(configMap(name, data), `--as=${user}`);
}

/** Has the API server ask this replica, by what the chart renders for the settings that are being rolled out. */
async function askedIs(replica: Replica): Promise<void> {
  const { url, authority, log } = replica;
  const certificate = { mode: "provided", secretName: "tls", caBundle: authority };
  const values = { certificate, policy: { existingConfigMap: "ours" }, defaultMode: "enforce" };
  const rendered = webhooksAt(url, objectsIn(await renderChart(values, OWN)));
  const webhooks = rendered.webhooks.filter((each) => GUARDS.test((each as { name: string }).name));
  const { code, stderr } = await apply({ ...rendered, webhooks });
  if (code !== 0) throw new Error(stderr);
  let at = 0;
  await eventually("the webhook configuration", async () => {
    const word = `no-mode-${at++}`;
    await kubectl("label", "namespace", TENANTS, `mc-gate.dev/mode=${word}`, "--overwrite");
    return log().includes(word) || undefined;
  });
}

describe("documents and modes while settings are rolled out, against people who lack the gate's rights", () => {
  const replicas = new Map<string, Replica>();

  beforeAll(async () => {
    await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: OWN } });
    await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: TENANTS } });
    for (const name of ["ours", "mc-gate-policy"]) await apply(configMap(name, { "policy.yaml": STRICT }));
    await apply(configMap("mc-gate-revocations", { "revocations.yaml": "revocations: []\n" }));
    await employ(cluster(), { user: "tenant", label: LABEL, rules: RULES });
    const options = { cluster: cluster(), registries: [] };
    replicas.set("old", await startReplica(options));
    const inCluster = { defaultMode: "enforce", policy: { configMap: "ours", key: "policy.yaml" } };
    replicas.set("new", await startReplica({ ...options, inCluster }));
  });
  afterAll(async () => {
    await kubectl("delete", "validatingwebhookconfiguration", OWN, "--ignore-not-found");
    await Promise.all([...replicas.values()].map(({ stop }) => stop()));
    await dismiss(cluster(), LABEL);
    await kubectl("delete", "namespace", OWN, TENANTS, "--wait=false");
  });

  it.each(["old", "new"])(
    "are guarded by both replicas' settings where the %s one answers",
    async (which) => {
      await askedIs(replicas.get(which)!);
      for (const name of ["ours", "mc-gate-policy", "prepared"]) {
        const refused = await editAs("tenant", name, { "policy.yaml": ADMITS_ALL });
        const sentence = `right to weaken policies.mc-gate.dev "${name}"`;
        expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(sentence)]);
      }
      for (const name of ["ours", "mc-gate-policy"]) {
        const deleted = await kubectl("-n", OWN, "delete", "configmap", name, "--as=tenant");
        expect([deleted.code, deleted.stderr]).toEqual([1, expect.stringContaining("right to weaken")]);
        expect(await editAs("tenant", name, { "policy.yaml": `${STRICT}\n` })).toMatchObject({ code: 0 });
      }
      expect(await editAs("tenant", "unrelated", { "other.yaml": ADMITS_ALL })).toMatchObject({ code: 0 });
      for (const mode of ["off", "advisory"]) {
        const lowered = await kubectl(
          "label",
          "namespace",
          TENANTS,
          `mc-gate.dev/mode=${mode}`,
          "--as=tenant",
        );
        expect([lowered.code, lowered.stderr]).toEqual([1, expect.stringContaining("right to lower")]);
      }
      const raised = ["label", "namespace", TENANTS, "mc-gate.dev/mode=enforce", "--as=tenant"];
      expect(await kubectl(...raised)).toMatchObject({ code: 0 });
      expect(await kubectl("label", "namespace", TENANTS, "mc-gate.dev/mode-")).toMatchObject({ code: 0 });
    },
  );
});
