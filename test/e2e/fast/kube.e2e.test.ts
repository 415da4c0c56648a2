import { X509Certificate } from "node:crypto";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { parseAllDocuments } from "yaml";

import {
  connect,
  createEvents,
  createPullSecrets,
  eachRunningPod,
  keepWebhookCertificate,
  type KubeClient,
  type KubeError,
  type Right,
  RIGHTS,
  watchDocuments,
  type WatchedNamespaceModes,
  watchNamespaceModes,
  watchSecretKey,
} from "../../../src/kube/index.ts";
import { nextCertificates } from "../../../src/server/index.ts";
import { startFastCluster, type StartedCluster } from "../support/cluster.ts";
import { helm } from "../support/helm.ts";
import { clusterProgram } from "../support/restart.ts";
import { withRights } from "../support/rights.ts";

const POLICY = { configMap: "mc-gate-policy", key: "policy.yaml" };
const NAMES = {
  documents: [POLICY.configMap],
  "own pull secrets": ["gate-pull"],
  "keys of the policy": ["keys"],
  "certificate secret": ["mc-gate-certificate"],
  "webhook configurations": ["mc-gate"],
};
const CONFIGURATION = {
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "ValidatingWebhookConfiguration",
  metadata: { name: "mc-gate" },
  webhooks: ["enforce", "advisory"].map((name) => ({
    name: `${name}.mc-gate.dev`,
    clientConfig: { service: { name: "mc-gate", namespace: "gate" } },
    rules: [
      { apiGroups: ["none.example"], apiVersions: ["v1"], operations: ["CREATE"], resources: ["nothing"] },
    ],
    sideEffects: "None",
    admissionReviewVersions: ["v1"],
  })),
};

async function soon(assertion: () => void, timeout = 1000): Promise<void> {
  await vi.waitFor(assertion, { timeout, interval: 5 });
}

describe("the gate's own client on a real API server, with the rights of the table only", () => {
  let cluster: StartedCluster;
  let client: KubeClient;
  let modes: WatchedNamespaceModes;
  const texts: (string | undefined)[] = [];
  const troubles: KubeError[] = [];
  const running: { readonly stop: () => void }[] = [];
  const onText = (_: unknown, text: string | undefined): void => void texts.push(text);
  const onTrouble = (error: KubeError): void => void troubles.push(error);

  beforeAll(async () => {
    cluster = await startFastCluster();
    client = connect({ kubeconfig: await withRights(cluster, "gate", { rights: RIGHTS, names: NAMES }) });
    modes = watchNamespaceModes({ client, onTrouble });
    running.push(
      modes,
      watchDocuments({ client, namespace: "gate", documents: [POLICY], onText, onTrouble }),
    );
  });

  afterAll(async () => {
    for (const each of running) each.stop();
    await client?.close();
    await cluster?.stop();
  });

  async function apply(...objects: readonly object[]): Promise<void> {
    for (const object of objects) {
      await cluster.kubectlOk(["apply", "--server-side", "-f", "-"], { stdin: JSON.stringify(object) });
    }
  }

  async function policy(text: string): Promise<void> {
    const metadata = { name: POLICY.configMap, namespace: "gate" };
    await apply({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { [POLICY.key]: text } });
  }

  function secret(
    namespace: string,
    name: string,
    stringData: Readonly<Record<string, string>>,
  ): Promise<void> {
    return apply({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name, namespace },
      type: "Opaque",
      stringData,
    });
  }

  it("sees that a document is absent, then each edit within a second", async () => {
    await soon(() => expect(texts).toEqual([undefined]), 5000);
    await policy("one");
    await soon(() => expect(texts.at(-1)).toBe("one"));
    await policy("two");
    await soon(() => expect(texts.at(-1)).toBe("two"));
    await cluster.kubectlOk(["delete", "configmap", POLICY.configMap, "-n", "gate"]);
    await soon(() => expect(texts.at(-1)).toBeUndefined());
    expect(texts).toEqual([undefined, "one", "two", undefined]);
    expect(troubles).toEqual([]);
  });

  it("sees the mode of a namespace", async () => {
    expect(modes.modeOf("shop")).toEqual({ known: false });
    expect(modes.modeOf("kube-system")).toEqual({ known: true });
    await cluster.kubectlOk(["create", "namespace", "shop"]);
    await soon(() => expect(modes.modeOf("shop")).toEqual({ known: true }));
    await cluster.kubectlOk(["label", "namespace", "shop", "mc-gate.dev/mode=advisory"]);
    await soon(() => expect(modes.modeOf("shop")).toEqual({ known: true, mode: "advisory" }));
    await cluster.kubectlOk(["label", "namespace", "shop", "mc-gate.dev/mode=nonsense", "--overwrite"]);
    await soon(() => expect(modes.modeOf("shop")).toEqual({ known: true, mode: "enforce" }));
  });

  it("follows keys, reads pull secrets, and no other Secret of its own namespace by a list", async () => {
    await secret("gate", "keys", { "cosign.pub": "PEM" });
    const keys: (string | undefined)[] = [];
    const key = { namespace: "gate", name: "keys", key: "cosign.pub" };
    running.push(watchSecretKey(client, key, { onText: (text) => keys.push(text), onTrouble }));
    await soon(() => expect(keys).toEqual(["PEM"]));
    await secret("gate", "keys", { "cosign.pub": "another PEM" });
    await soon(() => expect(keys).toEqual(["PEM", "another PEM"]));
    const login = "--docker-server=registry.example --docker-username=shop --docker-password=s3cret";
    await cluster.kubectlOk(`create secret docker-registry pull -n shop ${login}`.split(" "));
    const account = {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "web", namespace: "shop" },
    };
    await apply({ ...account, imagePullSecrets: [{ name: "pull" }] });
    const secrets = createPullSecrets({ client, workloadSecrets: true, onTrouble });
    const password = {
      registry: "registry.example",
      kind: "password",
      username: "shop",
      password: "s3cret",
      from: "Secret shop/pull",
      isOfWorkload: true,
    };
    expect(await secrets("registry.example", { namespace: "shop", serviceAccount: "web" })).toEqual([
      password,
    ]);
    await expect(client.call({ path: "/api/v1/namespaces/gate/secrets" })).rejects.toMatchObject({
      status: 403,
    });
  });

  it("keeps a certificate that the webhook configuration trusts, the same for two replicas", async () => {
    await apply(CONFIGURATION);
    const pairs: string[] = [];
    const replicas = [1, 2].map(() =>
      keepWebhookCertificate({
        client,
        secret: { namespace: "gate", name: "mc-gate-certificate" },
        webhookConfigurations: ["mc-gate"],
        next: (current, now) => nextCertificates(current, { names: ["mc-gate.gate.svc"], now }),
        onPair: ({ cert }) => void pairs.push(cert),
        onTrouble,
      }),
    );
    running.push(...replicas);
    await Promise.all(replicas.map(({ ready }) => ready));
    expect([pairs.length, new Set(pairs).size]).toEqual([2, 1]);
    const leaf = new X509Certificate(pairs[0] ?? "");
    const trusted = await bundles();
    expect(trusted.map((pem) => leaf.verify(new X509Certificate(pem).publicKey))).toEqual([true, true]);
    expect(leaf.checkHost("mc-gate.gate.svc")).toBe("mc-gate.gate.svc");
    // Somebody applies the configuration again, without an authority in it.
    await cluster.kubectlOk(["replace", "-f", "-"], { stdin: JSON.stringify(CONFIGURATION) });
    await vi.waitFor(async () => expect(await bundles()).toEqual(trusted), { timeout: 5000 });
    expect(troubles.filter(({ status }) => status === 403)).toEqual([]);
  });

  async function bundles(): Promise<string[]> {
    const read = ["get", "validatingwebhookconfiguration", "mc-gate", "-o", "json"];
    const { webhooks } = JSON.parse(await cluster.kubectlOk(read)) as typeof CONFIGURATION;
    return webhooks.map(({ clientConfig }) =>
      Buffer.from(String(Reflect.get(clientConfig, "caBundle") ?? ""), "base64").toString("utf8"),
    );
  }

  it("lists the pods that have not ended, of all namespaces", async () => {
    const spec = { containers: [{ name: "c", image: "registry.example/app:1" }] };
    const items = ["waits", "ended"].map((name) => ({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace: "shop" },
      spec,
    }));
    await cluster.kubectl(["create", "namespace", "shop"]);
    const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
    await cluster.kubectlOk(["apply", "-f", "-"], { stdin: list });
    const ended = JSON.stringify({ status: { phase: "Failed" } });
    await cluster.kubectlOk(["patch", "pod", "ended", "-n", "shop", "--subresource=status", "-p", ended]);
    const names: string[] = [];
    await eachRunningPod(client, (pod) => names.push((pod as { metadata: { name: string } }).metadata.name));
    expect(names).toEqual(["waits"]);
  });

  it("tells an Event that kubectl shows", async () => {
    const regarding = { apiVersion: "v1", kind: "ConfigMap", namespace: "gate", name: POLICY.configMap };
    const event = { regarding, reason: "BadDocument", action: "KeepLastGood", type: "Warning" } as const;
    createEvents({ client, instance: "mc-gate-0", onTrouble })({ ...event, note: "line 3: unknown key" });
    await vi.waitFor(async () => {
      const shown = await cluster.kubectlOk(["get", "events", "-n", "gate"]);
      expect(shown).toMatch(/Warning\s+BadDocument\s+configmap\/mc-gate-policy\s+line 3: unknown key/);
    }, 5000);
  });

  it("goes on by itself when the API server crashes and comes back", async () => {
    const apiServer = await clusterProgram(cluster.kubeconfig, "kube-apiserver");
    const before = troubles.length;
    await apiServer.kill();
    await soon(() => expect(troubles.length).toBeGreaterThan(before), 10_000);
    expect(modes.modeOf("shop")).toEqual({ known: true, mode: "enforce" });
    await apiServer.start();
    await vi.waitFor(() => policy("after the crash"), { timeout: 60_000, interval: 200 });
    await soon(() => expect(texts.at(-1)).toBe("after the crash"), 40_000);
    await policy("and as fast as before");
    await soon(() => expect(texts.at(-1)).toBe("and as fast as before"));
    await cluster.kubectlOk(["label", "namespace", "shop", "mc-gate.dev/mode=off", "--overwrite"]);
    await soon(() => expect(modes.modeOf("shop")).toEqual({ known: true, mode: "off" }), 40_000);
  });
});

describe("the chart", () => {
  const all = {
    "pullSecrets.names[0]": "gate-pull",
    "pullSecrets.workloads": "true",
    "keySecrets[0]": "keys",
    "certificate.mode": "selfManaged",
    "argocd.enabled": "true",
    "argocd.settings.instances[0].namespace": "argocd",
    "argocd.settings.instances[0].url": "https://argocd-server.argocd.svc",
    "argocd.settings.instances[0].tokenFile": "/etc/mc-gate/argocd/token",
    "argocd.operationGate.enabled": "true",
    "argocd.settings.operations.selfHeal": "keep",
    "settings.evidence.prewarm.images": "500",
    "drift.enabled": "true",
    "drift.extraVolumes[0].name": "files",
    "drift.extraVolumes[0].emptyDir.medium": "Memory",
  };

  const few = {
    "certificate.mode": "provided",
    "certificate.caBundle": "eA==",
    "certificate.secretName": "tls",
    "server.fallback.enabled": "false",
  };

  it.each([
    ["everything that needs rights", all, RIGHTS],
    [
      "syncs that nobody gets ready for",
      { ...all, "argocd.operationGate.prewarm": "false" },
      RIGHTS.filter(({ feature }) => feature !== "sync-prewarm"),
    ],
    [
      "no images of running pods looked up",
      { ...all, "settings.evidence.prewarm.images": "0" },
      RIGHTS.filter(({ feature }) => feature !== "pod-prewarm"),
    ],
    [
      "self-heals that are judged",
      { ...all, "argocd.settings.operations.selfHeal": "judge" },
      RIGHTS.filter(({ feature }) => feature !== "self-heal"),
    ],
    ["as little as possible", few, RIGHTS.filter(isAlwaysNeeded)],
  ])("with %s gives exactly the rights of the table", async (_, values, rights) => {
    const set = Object.entries({ ...values, "policy.text": "x" }).flatMap(([name, value]) => [
      "--set",
      `${name}=${value}`,
    ]);
    const chart = join(import.meta.dirname, "../../../charts/mc-gate");
    const { code, stdout, stderr } = await helm("/dev/null", [
      "template",
      "mc-gate",
      chart,
      "--skip-tests",
      "-n",
      "gate",
      ...set,
    ]);
    expect([code, stderr]).toEqual([0, ""]);
    const documents = parseAllDocuments(stdout).map((each) => each.toJS() as RoleDocument | null);
    const granted = boundRoles(documents.filter((each) => each !== null)).flatMap(grantsIn);
    // Rights of the gate's own, virtual resources are asked of the authorizer, and are none of the API's.
    const ofApi = granted.filter((each) => !each.includes(" mc-gate.dev/"));
    expect([...new Set(ofApi)].toSorted()).toEqual([...new Set(rights.flatMap(grantsOf))].toSorted());
  });
});

interface RoleDocument {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly roleRef?: { readonly kind: string; readonly name: string };
  readonly rules?: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
}

function isAlwaysNeeded({ feature }: Right): boolean {
  return ["documents", "namespace-modes", "access-reviews", "events", "own-webhooks"].includes(feature);
}

function grantsOf({ scope, apiGroup, resource, verbs, names }: Right): string[] {
  return verbs.map(
    (verb) => `${scope} ${verb} ${apiGroup}/${resource}${names === undefined ? "" : " by name"}`,
  );
}

/** The roles that somebody has. The role for people is bound to nobody. */
function boundRoles(documents: readonly RoleDocument[]): RoleDocument[] {
  const bound = new Set(documents.map(({ roleRef }) => `${roleRef?.kind} ${roleRef?.name}`));
  return documents.filter(({ kind, metadata }) => bound.has(`${kind} ${metadata.name}`));
}

/** All that a Role or ClusterRole grants. */
function grantsIn({ kind, rules = [] }: RoleDocument): string[] {
  const scope = kind === "Role" ? "gate" : "cluster";
  const grants: string[] = [];
  for (const { apiGroups, resources, verbs, resourceNames = [] } of rules) {
    for (const resource of resources) {
      const names = resourceNames.length === 0 ? "" : " by name";
      grants.push(...verbs.map((verb) => `${scope} ${verb} ${apiGroups.join()}/${resource}${names}`));
    }
  }
  return grants;
}
