import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { PLAIN_HOOKS, plainHookText, renderHook } from "../support/hook-chart.ts";
import { eventually } from "../support/process.ts";
import { PROJECT } from "../support/programs.ts";
import { cluster } from "../support/scenario.ts";

const NAMESPACE = "tenant";
const NEEDED = { image: `registry.example/mc-gate@sha256:${"a".repeat(64)}`, ca: "line 1\nline 2\n" };
const QUOTA = {
  apiVersion: "v1",
  kind: "ResourceQuota",
  metadata: { name: "compute" },
  spec: {
    hard: { "requests.cpu": "4", "requests.memory": "4Gi", "limits.cpu": "4", "limits.memory": "4Gi" },
  },
};

interface Hook {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec: object & { readonly template?: { readonly metadata: object; readonly spec: object } };
}

async function hookOf(values: object, release?: string): Promise<Hook> {
  return parse(await renderHook({ ...NEEDED, ...values }, release)) as Hook;
}

async function nameOf(application: string): Promise<string> {
  return (await hookOf({ application })).metadata.name;
}

describe("the chart of the hook", () => {
  beforeAll(async () => {
    const { kubectlOk } = cluster();
    await kubectlOk(["create", "namespace", NAMESPACE]);
    await kubectlOk(["label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted"]);
    await kubectlOk(["-n", NAMESPACE, "apply", "-f", "-"], { stdin: JSON.stringify(QUOTA) });
  });
  afterAll(async () => {
    await cluster().kubectl(["delete", "namespace", NAMESPACE, "--wait=false"]);
  });

  it.each(Object.keys(PLAIN_HOOKS))("is what %s holds", async (path) => {
    const text = await readFile(join(PROJECT, path), "utf8");
    expect(text, "run: npm run manifests").toBe(await plainHookText(path));
  });

  it("names the hook after the Application, or else after the release", async () => {
    expect(await nameOf("shop")).toBe("shop-mc-presync");
    expect((await hookOf({}, "blog")).metadata.name).toBe("blog-mc-presync");
    expect((await hookOf({ fullnameOverride: "ask" })).metadata.name).toBe("ask");
  });

  it("gives names that are alike when shortened, or of two namespaces, a hook each that a label can name", async () => {
    const long = "a".repeat(60);
    const names = await Promise.all(
      [`${long}1`, `${long}2`, "team-a_web", "team_a-web", `${"b".repeat(42)}.${"c".repeat(20)}`].map(nameOf),
    );
    expect(new Set(names).size).toBe(names.length);
    for (const name of names) expect(name).toMatch(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])-mc-presync$/);
    for (const name of names) expect(name.length).toBeLessThanOrEqual(63);
  });

  it.each(["Job", "Pod"])("puts each value where a %s takes it", async (kind) => {
    const values = {
      imagePullSecrets: [{ name: "pull" }],
      nodeSelector: { pool: "tools" },
      tolerations: [{ operator: "Exists" }],
      priorityClassName: "high",
      podLabels: { team: "shop" },
      podAnnotations: { "sidecar.istio.io/inject": null, note: "x" },
      podSecurityContext: { runAsUser: null },
      resources: { limits: { memory: "256Mi" } },
      gate: "https://gate.example",
    };
    const hook = await hookOf({ kind, ...values });
    const pod = hook.spec.template ?? hook;
    expect(pod.metadata).toMatchObject({ labels: { team: "shop" }, annotations: { note: "x" } });
    expect(pod.metadata).not.toHaveProperty(["annotations", "sidecar.istio.io/inject"]);
    expect(pod.spec).toMatchObject({
      imagePullSecrets: values.imagePullSecrets,
      nodeSelector: values.nodeSelector,
      tolerations: values.tolerations,
      priorityClassName: "high",
      securityContext: { runAsNonRoot: true },
      containers: [
        {
          image: NEEDED.image,
          args: ["presync", "--gate", values.gate, "--timeout", "60"],
          env: [{ name: "MC_GATE_CA", value: NEEDED.ca }],
          resources: { limits: { cpu: "500m", memory: "256Mi" } },
        },
      ],
    });
    expect(pod.spec).not.toHaveProperty("securityContext.runAsUser");
  });

  it.each([
    ["no image", { image: "" }, /image is needed/],
    ["no authority", { ca: "" }, /ca is needed/],
    ["another kind", { kind: "Deployment" }, /kind is Job or Pod/],
  ])("is not rendered with %s", async (_, values, reason) => {
    await expect(hookOf(values)).rejects.toThrow(reason);
  });

  it.each(["Job", "Pod"])("gets its pod as a %s under a quota and the restricted standard", async (kind) => {
    const { kubectlOk } = cluster();
    const hook = await hookOf({ kind, application: kind.toLowerCase() });
    await kubectlOk(["-n", NAMESPACE, "apply", "-f", "-"], { stdin: JSON.stringify(hook) });
    const ofHook = ["get", "pods", "-l", "app.kubernetes.io/name=mc-presync", "-o", "name"];
    const pod = await eventually("the pod", async () => {
      const pods = (await kubectlOk(["-n", NAMESPACE, ...ofHook])).split("\n");
      return pods.find((each) => each.startsWith(`pod/${hook.metadata.name}`));
    });
    expect(pod).toContain("mc-presync");
  });

  it("comes with a network policy that the API server takes", async () => {
    const file = join(PROJECT, "deploy/argocd/network-policy.yaml");
    const said = await cluster().kubectlOk(["-n", NAMESPACE, "apply", "--dry-run=server", "-f", file]);
    expect(said).toContain("networkpolicy.networking.k8s.io/mc-presync created");
  });
});
