import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { EMPTY_DOCUMENTS, flagsOf, objectsIn, renderChart } from "../support/chart.ts";
import { CHART } from "../support/gate-release.ts";
import { helm } from "../support/helm.ts";
import type { Outcome } from "../support/process.ts";
import { cluster } from "../support/scenario.ts";

const NAMESPACE = "upgraded";
const NAME = "upgraded-mc-gate";
const POLICY =
  "rules: [{ name: ours, images: ['registry.example/**'], require: { reference: { pinned: true } } }]\n";
const REVOKED = "revocations: []\n# kept\n";
const DOCUMENTS = ["policy", "waivers", "revocations"] as const;

function run(command: "install" | "upgrade", values: object): Promise<Outcome> {
  const common = ["--namespace", NAMESPACE, "--create-namespace"];
  const flags = command === "install" ? common : [...common.slice(0, 2), "--reset-values"];
  const certificate = { mode: "provided", secretName: "tls", caBundle: "eA==" };
  return helm(cluster().kubeconfig, [
    command,
    NAMESPACE,
    CHART,
    ...flags,
    ...flagsOf({ certificate, ...values }),
  ]);
}

/** The text under a ConfigMap's key; undefined where there is no such ConfigMap. */
async function textOf(name: string, key: string): Promise<string | undefined> {
  const get = ["-n", NAMESPACE, "get", "configmap", `${NAME}-${name}`, "--ignore-not-found", "-o", "json"];
  const found = await cluster().kubectlOk(get);
  return found === "" ? undefined : JSON.parse(found).data[key];
}

async function documents(): Promise<readonly (string | undefined)[]> {
  return Promise.all(DOCUMENTS.map((name) => textOf(name, `${name}.yaml`)));
}

async function defaultMode(): Promise<unknown> {
  return parse((await textOf("settings", "settings.yaml")) ?? "").cluster.defaultMode;
}

/** Whether the API server asks about namespaces without a label. */
async function asksWithoutLabel(): Promise<boolean> {
  const found = await cluster().kubectlOk(["get", "validatingwebhookconfiguration", NAME, "-o", "json"]);
  return (
    JSON.stringify(JSON.parse(found).webhooks[0].namespaceSelector).includes(
      '"NotIn","values":["advisory","off"]',
    ) && !JSON.stringify(JSON.parse(found).webhooks[0].namespaceSelector).includes('"Exists"')
  );
}

/** The names of the ConfigMaps in a rendered text. */
function namesOf(text: string): string[] {
  return objectsIn(text).flatMap(({ kind, metadata: { name } }) => (kind === "ConfigMap" ? [name] : []));
}

describe("a release of the chart", () => {
  beforeAll(async () => {
    const { code, stderr } = await run("install", { policy: { text: POLICY }, defaultMode: "enforce" });
    if (code !== 0) throw new Error(stderr);
  });
  afterAll(async () => {
    await helm(cluster().kubeconfig, [
      "uninstall",
      NAMESPACE,
      "--namespace",
      NAMESPACE,
      "--ignore-not-found",
    ]);
    await cluster().kubectl(["delete", "namespace", NAMESPACE, "--wait=false"]);
  });

  it("begins with empty documents where the values have none", async () => {
    const { waivers, revocations } = EMPTY_DOCUMENTS;
    expect(await documents()).toEqual([POLICY, waivers.text, revocations.text]);
    expect([await defaultMode(), await asksWithoutLabel()]).toEqual(["enforce", true]);
  });

  it("keeps its documents, with edits made since, and its default mode in an upgrade that names neither", async () => {
    const edit = JSON.stringify({ data: { "revocations.yaml": REVOKED } });
    await cluster().kubectlOk(["-n", NAMESPACE, "patch", "configmap", `${NAME}-revocations`, "-p", edit]);
    const upgraded = await run("upgrade", { replicas: 3 });
    expect([upgraded.code, upgraded.stdout]).toEqual([
      0,
      expect.stringContaining("the mode is enforce, as it was:"),
    ]);
    expect(upgraded.stdout).toMatch(/policy +upgraded-mc-gate-policy \(kept as it was\)/);
    expect(await documents()).toEqual([POLICY, EMPTY_DOCUMENTS.waivers.text, REVOKED]);
    expect([await defaultMode(), await asksWithoutLabel()]).toEqual(["enforce", true]);
  });

  it("lowers its default mode where the values say so, and takes a text that they give", async () => {
    const text = `${POLICY}# second\n`;
    expect(await run("upgrade", { defaultMode: "advisory", policy: { text } })).toMatchObject({ code: 0 });
    expect([await defaultMode(), await textOf("policy", "policy.yaml")]).toEqual(["advisory", text]);
    expect(await run("upgrade", {})).toMatchObject({ code: 0 });
    expect([await defaultMode(), await textOf("policy", "policy.yaml")]).toEqual(["advisory", text]);
  });

  it("leaves a document where it is when the values name another ConfigMap", async () => {
    expect(await run("upgrade", { waivers: { existingConfigMap: "ours" } })).toMatchObject({ code: 0 });
    expect(await textOf("waivers", "waivers.yaml")).toBe(EMPTY_DOCUMENTS.waivers.text);
  });

  it.each([
    ["waivers", "set waivers.text or waivers.existingConfigMap"],
    ["settings", "set defaultMode"],
  ])("refuses an upgrade that would begin anew with its %s, which are gone", async (name, advice) => {
    await cluster().kubectlOk(["-n", NAMESPACE, "delete", "configmap", `${NAME}-${name}`]);
    const refused = await run("upgrade", {});
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(advice)]);
    const values = { defaultMode: "enforce", waivers: EMPTY_DOCUMENTS.waivers };
    expect(await run("upgrade", values)).toMatchObject({ code: 0 });
  });

  it("leaves its documents when it is removed, and finds them again", async () => {
    const before = await documents();
    const uninstalled = await helm(cluster().kubeconfig, ["uninstall", NAMESPACE, "--namespace", NAMESPACE]);
    expect([uninstalled.code, await textOf("settings", "settings.yaml")]).toEqual([0, undefined]);
    expect(await documents()).toEqual(before);
    expect(await run("install", {})).toMatchObject({ code: 0 });
    expect(await documents()).toEqual(before);
    expect(await defaultMode()).toBe("off");
  });
});

describe("the chart, rendered without a cluster", () => {
  it("holds no document without a text, since it would replace the one in the cluster", async () => {
    const none = await renderChart({});
    const switches = "mc-gate-enforcement"; // with nothing in it, which replaces nothing
    expect(namesOf(none).toSorted()).toEqual([switches, "mc-gate-settings"]);
    const empty = objectsIn(none).find(
      ({ kind, metadata }) => kind === "ConfigMap" && metadata.name === switches,
    );
    expect(empty).not.toHaveProperty("data");
    const some = namesOf(await renderChart({ policy: { text: POLICY } }));
    expect(some.toSorted()).toEqual([switches, "mc-gate-policy", "mc-gate-settings"]);
  });

  it("has Argo CD and Helm keep documents that are no longer rendered", async () => {
    const rendered = objectsIn(await renderChart(EMPTY_DOCUMENTS)) as readonly {
      metadata: { name: string; annotations?: object };
    }[];
    const found = rendered.filter(({ metadata }) =>
      DOCUMENTS.some((name) => metadata.name === `mc-gate-${name}`),
    );
    const kept = { "helm.sh/resource-policy": "keep", "argocd.argoproj.io/sync-options": "Prune=false" };
    expect(found.map(({ metadata }) => metadata.annotations)).toEqual([kept, kept, kept]);
  });

  it.each(DOCUMENTS)("takes no text of the %s beside a ConfigMap for them", async (name) => {
    const both = { [name]: { text: "x", existingConfigMap: "y" } };
    await expect(renderChart(both)).rejects.toThrow(
      `${name}.text and ${name}.existingConfigMap exclude each other`,
    );
  });

  it.each(["  leading: 1\n", "a: 1", "a: 1\n\n\n", "a: |\n  b\n\n", "{{ .Values }}: '\"'\n"])(
    "gives %j as it is",
    async (text) => {
      const found = objectsIn(await renderChart({ policy: { text } })).find(
        ({ metadata }) => metadata.name === "mc-gate-policy",
      );
      expect(found).toMatchObject({ data: { "policy.yaml": text } });
    },
  );

  it.each([
    ["off", "nothing is judged there."],
    ["advisory", "everything starts there, with warnings of what the policy does not allow."],
    ["enforce", "what the policy does not allow is refused there, except in mc-gate, kube-system."],
  ])("says with the default mode %s what happens without a label", async (mode, sentence) => {
    const flags = ["--namespace", "mc-gate", "--dry-run=client", ...flagsOf({ defaultMode: mode })];
    const { stdout } = await helm("/dev/null", ["install", "mc-gate", CHART, ...flags]);
    const [, notes = ""] = stdout.split("NOTES:\n");
    expect(notes).toContain(`the mode is ${mode}:\n${sentence}`);
  });
});
