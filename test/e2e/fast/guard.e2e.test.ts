import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { objectsIn, renderChart, webhooksAt } from "../support/chart.ts";
import type { Cluster } from "../support/cluster.ts";
import { CHART } from "../support/gate-release.ts";
import { type GateProcess, startGate } from "../support/gate.ts";
import { helm } from "../support/helm.ts";
import { dismiss, employ, SECURITY } from "../support/people.ts";
import { eventually } from "../support/process.ts";
import { apply, cluster } from "../support/scenario.ts";

type Outcome = ReturnType<Cluster["kubectl"]>;

const OWN = "mc-gate";
const TENANTS = "guarded";
const LABEL = "mc-gate-guard";
const UNSIGNED = `ghcr.io/acme/app@sha256:${"a".repeat(64)}`;
const ADMITS_ALL = JSON.stringify({
  rules: [{ name: "app", images: ["ghcr.io/acme/*"], require: { reference: { pinned: true } } }],
  unmatched: "allow",
});
const WAIVERS = JSON.stringify({
  waivers: [
    {
      id: "W-1",
      class: "sbom",
      digest: `sha256:${"a".repeat(64)}`,
      reason: "The supplier delivers its list of parts next week.",
      owners: ["olga"],
      created: new Date().toISOString(),
      ttl: "1d",
    },
  ],
});
/** May do to namespaces and ConfigMaps what an admin of them may, and nothing of the gate's. */
const ADMIN = [
  {
    apiGroups: [""],
    resources: ["namespaces", "namespaces/status", "namespaces/finalize", "configmaps", "pods", "events"],
    verbs: ["get", "list", "create", "update", "patch", "delete", "deletecollection"],
  },
];
/** May remove everything that the chart makes, without the rights of the gate's own. */
const REMOVER = [
  {
    apiGroups: [
      "",
      "apps",
      "policy",
      "autoscaling",
      "networking.k8s.io",
      "rbac.authorization.k8s.io",
      "admissionregistration.k8s.io",
    ],
    resources: ["*"],
    verbs: ["get", "list", "watch", "update", "patch", "delete"],
  },
];

const kubectl = (...args: readonly string[]): Outcome => cluster().kubectl([...args]);

function applyAs(user: string, object: object): Outcome {
  return apply(object, `--as=${user}`);
}

function configMap(document: string, text: string): object {
  const metadata = { name: `mc-gate-${document}`, namespace: OWN };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { [`${document}.yaml`]: text } };
}

function settingsWith({ settings }: GateProcess, more: object): object {
  return configMap("settings", JSON.stringify({ ...JSON.parse(settings), ...more }));
}

/** Writes the mode label through a subresource, as `kubectl edit` cannot. */
function patchMode(user: string, mode: string | null, subresource?: string): Outcome {
  const patch = JSON.stringify({ metadata: { labels: { "mc-gate.dev/mode": mode } } });
  const through = subresource === undefined ? [] : [`--subresource=${subresource}`];
  return kubectl("patch", "namespace", TENANTS, "--type=merge", "-p", patch, `--as=${user}`, ...through);
}

async function finalize(user: string, mode: string): Promise<Awaited<Outcome>> {
  const namespace = JSON.parse(await cluster().kubectlOk(["get", "namespace", TENANTS, "-o", "json"]));
  namespace.metadata.labels["mc-gate.dev/mode"] = mode;
  const path = `/api/v1/namespaces/${TENANTS}/finalize`;
  return cluster().kubectl(["replace", "--raw", path, "-f", "-", `--as=${user}`], {
    stdin: JSON.stringify(namespace),
  });
}

async function modeNow(): Promise<string> {
  return cluster().kubectlOk([
    "get",
    "namespace",
    TENANTS,
    "-o",
    "jsonpath={.metadata.labels.mc-gate\\.dev/mode}",
  ]);
}

function startPod(): Outcome {
  const metadata = { name: "web", namespace: TENANTS };
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { containers: [{ name: "web", image: UNSIGNED }] },
  };
  return cluster().kubectl(["apply", "-f", "-", "--dry-run=server"], { stdin: JSON.stringify(pod) });
}

const LOWER = { code: 1, stderr: expect.stringContaining("right to lower namespacemodes.mc-gate.dev") };
const WEAKEN = { code: 1, stderr: expect.stringMatching(/right to weaken \w+\.mc-gate\.dev/) };

describe("modes and documents on a real API server, against people who may edit namespaces and ConfigMaps", () => {
  let gate: GateProcess;

  /** The lines of the guard's decisions. */
  function decisions(): readonly Record<string, unknown>[] {
    const lines = gate.log().split("\n");
    return lines.filter((line) => line.includes('"guard decision"')).map((line) => JSON.parse(line));
  }

  beforeAll(async () => {
    const { kubectlOk } = cluster();
    await kubectlOk(["create", "namespace", TENANTS]);
    await kubectlOk(["label", "namespace", TENANTS, "mc-gate.dev/mode=Enforce"]);
    await employ(cluster(), { user: "tenant", label: LABEL, rules: ADMIN });
    await employ(cluster(), { user: "sam", label: LABEL, rules: [...ADMIN, SECURITY] });
    const policies = { ...SECURITY, resources: ["policies"] };
    await employ(cluster(), { user: "paula", label: LABEL, rules: [...ADMIN, policies] });
    await employ(cluster(), { user: "remover", label: LABEL, rules: REMOVER });
    gate = await startGate({ cluster: cluster(), registries: [], policy: "rules: []\n" });
    await eventually("the webhooks", async () =>
      (await patchMode("tenant", "off")).code === 1 ? true : undefined,
    );
    await eventually("the service account", async () => {
      const { code } = await kubectl("-n", TENANTS, "get", "serviceaccount", "default");
      return code === 0 ? true : undefined;
    });
  });
  afterAll(async () => {
    await gate?.stop();
    await dismiss(cluster(), LABEL);
    await kubectl("delete", "namespace", TENANTS, "--wait=false");
  });

  it("judges a namespace with a label that spells no mode as enforced", async () => {
    expect(await modeNow()).toBe("Enforce");
    expect(await startPod()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("[policy/unmatched]"),
    });
  });

  it.each(["off", "advisory", null])("lets no tenant lower it to %s, also through status", async (mode) => {
    expect(await patchMode("tenant", mode)).toMatchObject(LOWER);
    expect(await patchMode("tenant", mode, "status")).toMatchObject(LOWER);
    expect(await modeNow()).toBe("Enforce");
  });

  it("lets no tenant lower it through finalize, and the security team do both", async () => {
    expect(await finalize("tenant", "off")).toMatchObject(LOWER);
    expect(await modeNow()).toBe("Enforce");
    expect(await finalize("sam", "advisory")).toMatchObject({ code: 0 });
    expect(await modeNow()).toBe("advisory");
    expect(await patchMode("tenant", "enforce", "status")).toMatchObject({ code: 0 });
    expect(await patchMode("sam", "off", "status")).toMatchObject({ code: 0 });
    expect(await modeNow()).toBe("off");
    expect(await patchMode("tenant", "enforce")).toMatchObject({ code: 0 });
  });

  it.each(["policy", "waivers", "revocations"])(
    "lets no tenant delete the %s, by name or with all others",
    async (name) => {
      expect(await kubectl("-n", OWN, "delete", "configmap", `mc-gate-${name}`, "--as=tenant")).toMatchObject(
        WEAKEN,
      );
      const all = `/api/v1/namespaces/${OWN}/configmaps?fieldSelector=metadata.name%3Dmc-gate-${name}`;
      expect(await kubectl("delete", "--raw", all, "--as=tenant")).toMatchObject(WEAKEN);
      expect(await kubectl("-n", OWN, "get", "configmap", `mc-gate-${name}`)).toMatchObject({ code: 0 });
    },
  );

  it("lets no tenant bring back weaker what was deleted by right, before and after a restart", async () => {
    for (const name of ["policy", "waivers"])
      expect(await kubectl("-n", OWN, "delete", "configmap", `mc-gate-${name}`, "--as=sam")).toMatchObject({
        code: 0,
      });
    expect(await applyAs("tenant", configMap("policy", ADMITS_ALL))).toMatchObject(WEAKEN);
    expect(await applyAs("tenant", configMap("policy", "rules: []\n"))).toMatchObject({ code: 0 });
    await gate.kill();
    await gate.start();
    expect(await applyAs("tenant", configMap("waivers", WAIVERS))).toMatchObject(WEAKEN);
    expect(await applyAs("tenant", configMap("waivers", "waivers: []\n"))).toMatchObject({ code: 0 });
    expect(await applyAs("sam", configMap("waivers", WAIVERS))).toMatchObject({ code: 0 });
  });

  it("lets no tenant weaken or delete the settings, which they may make stricter", async () => {
    expect(await applyAs("tenant", settingsWith(gate, {}))).toMatchObject({ code: 0 });
    const elsewhere = { hosts: { "ghcr.io": { replacedBy: "evil.example", plainHttpUnsafe: true } } };
    expect(await applyAs("tenant", settingsWith(gate, { registries: elsewhere }))).toMatchObject(WEAKEN);
    expect(
      await applyAs("tenant", settingsWith(gate, { registries: { allowedHosts: ["ghcr.io"] } })),
    ).toMatchObject({
      code: 0,
    });
    expect(await kubectl("-n", OWN, "delete", "configmap", "mc-gate-settings", "--as=tenant")).toMatchObject(
      WEAKEN,
    );
  });

  it("lets no tenant edit a document while no replica answers, and the security team repair it", async () => {
    const policy = configMap("policy", "rules: []\n");
    await gate.kill();
    const guard = {
      code: 1,
      stderr: expect.stringMatching(/failed calling webhook "\w+\.guard\.mc-gate\.dev"/),
    };
    expect(await applyAs("tenant", configMap("policy", ADMITS_ALL))).toMatchObject(guard);
    expect(await applyAs("tenant", configMap("waivers", WAIVERS.replace("W-1", "W-2")))).toMatchObject(guard);
    expect(await applyAs("tenant", settingsWith(gate, { defaultMode: "off" }))).toMatchObject(guard);
    const binary = { ...configMap("prepared", ""), data: {}, binaryData: {} };
    expect(await applyAs("tenant", binary)).toMatchObject({ code: 0 });
    const several = { ...binary, data: { "waivers.yaml": WAIVERS, "revocations.yaml": "revocations: []\n" } };
    expect(await applyAs("tenant", several)).toMatchObject(guard);
    expect(
      await kubectl("-n", OWN, "label", "configmap", "mc-gate-policy", "a=b", "--as=tenant"),
    ).toMatchObject({
      code: 0,
    });
    expect(await applyAs("sam", several)).toMatchObject({ code: 0 });
    expect(await applyAs("sam", configMap("policy", ADMITS_ALL))).toMatchObject({ code: 0 });
    expect(await applyAs("sam", policy)).toMatchObject({ code: 0 });
    const remove = ["-n", OWN, "delete", "configmap", "mc-gate-policy", "--as=tenant"];
    expect(await kubectl(...remove)).toMatchObject({ code: 0 });
    expect(await applyAs("tenant", policy)).toMatchObject(guard);
    expect(await applyAs("sam", policy)).toMatchObject({ code: 0 });
    await gate.start();
  });

  it("judges a ConfigMap with several documents where the editor may weaken only the first, or all", async () => {
    const texts = {
      "policy.yaml": "rules: []\n",
      "waivers.yaml": "waivers: []\n",
      "revocations.yaml": "revocations: []\n",
    };
    const shared = { ...configMap("prepared", ""), data: texts };
    expect(await applyAs("sam", shared)).toMatchObject({ code: 0 });
    const more = { ...shared, data: { ...texts, "waivers.yaml": WAIVERS } };
    expect(await applyAs("paula", more)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(
        'weaken waivers.mc-gate.dev "mc-gate-prepared", which paula does not have',
      ),
    });
    expect(await applyAs("sam", more)).toMatchObject({ code: 0 });
    expect(await kubectl("-n", OWN, "delete", "configmap", "mc-gate-prepared", "--as=sam")).toMatchObject({
      code: 0,
    });
  });

  it("tells who changed what from what to what, in the log, in the metrics and by Events", async () => {
    await gate.kill();
    await gate.start();
    expect(await patchMode("sam", "advisory", "status")).toMatchObject({ code: 0 });
    expect(await patchMode("tenant", "off")).toMatchObject(LOWER);
    expect(decisions()).toMatchObject([
      {
        decision: "allowed",
        reason: "by-right",
        user: "sam",
        subResource: "status",
        name: TENANTS,
        resource: "namespacemodes",
        from: "enforce",
        to: "advisory",
      },
      {
        decision: "refused",
        reason: "right-missing",
        user: "tenant",
        name: TENANTS,
        from: "advisory",
        to: "off",
      },
    ]);
    expect(await gate.metrics()).toMatch(
      /mc_gate_guard_decisions_total\{[^}]*resource="namespacemodes"[^}]*reason="by-right"[^}]*\} 1/,
    );
    const notes = await eventually("the Events", async () => {
      const { stdout } = await kubectl(
        "-n",
        OWN,
        "get",
        "events",
        "-o",
        "jsonpath={range .items[*]}{.message}{'\\n'}{end}",
      );
      return stdout.includes("tenant changes") && stdout.includes("sam changes") ? stdout : undefined;
    });
    expect(notes).toContain(
      `sam changes the mode of namespace ${TENANTS} through status from enforce to advisory: allowed`,
    );
    expect(notes).toContain(`tenant changes the mode of namespace ${TENANTS} from advisory to off: refused`);
    expect(await patchMode("tenant", "enforce")).toMatchObject({ code: 0 });
  });

  it("does not stand in the way of a namespace that is being deleted: its own, and one that it enforces", async () => {
    expect(await kubectl("delete", "namespace", OWN, "--timeout=90s")).toMatchObject({ code: 0 });
    const deletions = decisions().filter(({ operation }) => operation === "DELETE");
    expect(deletions.length).toBeGreaterThan(0);
    expect(deletions.filter(({ reason }) => reason !== "namespace-ends")).toEqual([]);
    expect(await kubectl("delete", "namespace", TENANTS, "--timeout=90s")).toMatchObject({ code: 0 });
  });

  it("lets helm uninstall remove a release, by somebody without its rights, at the first try", async () => {
    const common = ["--namespace", OWN];
    const certificate = { mode: "provided", secretName: "tls", caBundle: gate.authority };
    const values = ["--set-json", `certificate=${JSON.stringify(certificate)}`];
    const { kubeconfig, kubectlOk } = cluster();
    await kubectlOk(["delete", "validatingwebhookconfiguration", OWN]);
    const installed = await helm(kubeconfig, [
      "install",
      OWN,
      CHART,
      "--create-namespace",
      ...common,
      ...values,
    ]);
    expect([installed.code, installed.stderr]).toEqual([0, expect.any(String)]);
    const { webhooks } = webhooksAt(gate.url, objectsIn(await renderChart({ certificate }, OWN)));
    // Only the webhooks: Helm deletes nothing that does not say whose release it is of.
    const patch = JSON.stringify({ webhooks });
    await kubectlOk(["patch", "validatingwebhookconfiguration", OWN, "--type=merge", "-p", patch]);
    await eventually("the webhooks", async () => {
      const { stderr } = await kubectl("-n", OWN, "delete", "configmap", "mc-gate-policy", "--as=remover");
      return stderr.includes("right to weaken") || undefined;
    });
    const uninstalled = await helm(kubeconfig, ["uninstall", OWN, ...common, "--kube-as-user", "remover"]);
    expect([uninstalled.code, uninstalled.stderr]).toEqual([0, expect.any(String)]);
    const left = await kubectl("-n", OWN, "get", "configmaps", "-o", "name");
    const documents = ["enforcement", "policy", "revocations", "waivers"].map(
      (name) => `configmap/mc-gate-${name}`,
    );
    expect(left.stdout.split("\n").filter((name) => name.includes("mc-gate-"))).toEqual(documents);
  });
});
