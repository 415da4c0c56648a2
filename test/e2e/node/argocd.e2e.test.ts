import { readFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { toldImage } from "../../support/told-image.ts";
import {
  applicationEvent,
  createApplication,
  refusalEvent,
  type RunningApplication,
} from "../support/argocd-application.ts";
import { type GitRepository, makeRepository } from "../support/argocd-repository.ts";
import { shippedHook, type ShippedHookOptions } from "../support/argocd-shipped-hook.ts";
import { deployedImage, webDeployment } from "../support/argocd-workloads.ts";
import { type ArgoCd, connectArgoCd, type StartedArgoCd, startArgoCd } from "../support/argocd.ts";
import { generateKeyPair, type KeyPair, signImage } from "../support/cosign.ts";
import { pushGateImage } from "../support/gate-image.ts";
import { helm } from "../support/helm.ts";
import { pushImage } from "../support/images.ts";
import { enforceNetworkPolicies } from "../support/network-policies.ts";
import { nodeImage } from "../support/node-image.ts";
import { type Relay, relayIntoNode } from "../support/node-relay.ts";
import { keyPolicy } from "../support/policies.ts";
import { eventually } from "../support/process.ts";
import { PROJECT } from "../support/programs.ts";
import { cluster, nodeObstacle } from "../support/scenario.ts";

const RELEASE = "mc-gate";
const CHART = join(PROJECT, "charts/mc-gate");
const TEAMS = ["by-pod", "by-job", "tight", "accompanied", "denied", "nowhere", "unpulled", "unmounted"];
/** Two syncs with their images pulled, on a machine that has other things to do. */
const MAX_MS = 400_000;
/** The Argo CD of these scenarios runs beside the node, which has no way to it on somebody's own cluster. */
const IS_FOREIGN = process.env["E2E_KUBECONFIG"] !== undefined;

/** Goes on until it is told to stop. */
function mainOf(text: string): string {
  return `console.log(${JSON.stringify(text)}); setInterval(() => {}, 60000); process.on("SIGTERM", () => process.exit());`;
}

/** What the hook's requests and limits fit into. */
const LIMITS = {
  ResourceQuota: { hard: { pods: "5", "limits.cpu": "2", "limits.memory": "1Gi", "requests.cpu": "2" } },
  LimitRange: { limits: [{ type: "Container", max: { cpu: "1", memory: "256Mi" } }] },
};

interface Pushed {
  readonly inside: string;
  readonly outside: string;
}

async function push(text: string): Promise<Pushed> {
  const registry = cluster().registry!;
  const recipe = await nodeImage([{ path: "/app/main.js", text: mainOf(text) }], "/app/main.js");
  const { name } = await pushImage(registry.outside, "acme/app", recipe);
  return { inside: `${registry.inside}/${name}`, outside: `${registry.outside}/${name}` };
}

describe.skipIf(nodeObstacle)("Argo CD and the gate in a whole cluster", { timeout: MAX_MS }, () => {
  let keys: KeyPair;
  let started: StartedArgoCd;
  let argo: ArgoCd;
  let relay: Relay;
  let hook: ShippedHookOptions;
  let signed: string;
  let unsigned: string;
  let values: string;
  const repositories: GitRepository[] = [];

  beforeEach(({ skip }) => skip(IS_FOREIGN, "the cluster's pods could not reach this machine's Argo CD"));
  beforeAll(async () => {
    if (IS_FOREIGN) return;
    const registry = cluster().registry!;
    keys = await generateKeyPair();
    const [good, bad] = [await push("version one"), await push("version two")];
    const gate = await pushGateImage(registry.outside);
    for (const image of [good.outside, `${registry.outside}/${gate.name}`])
      await signImage(image, { kind: "key", keys }, "bundle");
    [signed, unsigned] = [good.inside, bad.inside];
    started = await startArgoCd({ cluster: cluster() });
    argo = connectArgoCd(started.access);
    relay = await relayIntoNode(cluster(), started.access.url);
    values = valuesOf(gate.digest);
    hook = { image: `${registry.inside}/${gate.name}`, ...(await install()) };
  }, MAX_MS);
  afterAll(async () => {
    if (IS_FOREIGN) return;
    await helm(cluster().kubeconfig, ["uninstall", RELEASE, "--namespace", RELEASE, "--wait"]);
    await cluster().kubectl(["delete", "namespace", ...TEAMS, "--ignore-not-found", "--wait=false"]);
    await relay?.stop();
    await started?.stop();
    await Promise.all([keys?.stop(), ...repositories.map((each) => each.remove())]);
  });

  function valuesOf(digest: string): string {
    const { inside } = cluster().registry!;
    const instance = { namespace: "argocd", url: relay.url, tokenFile: "/etc/mc-gate/argocd/token" };
    return Object.entries({
      image: { repository: `${inside}/mc-gate`, digest },
      policy: { text: keyPolicy(readFileSync(keys.publicKey, "utf8"), [`${inside}/**`]) },
      argocd: { enabled: true, settings: { instances: [instance] } },
      files: [{ secret: "mc-gate-argocd", path: "/etc/mc-gate/argocd" }],
      settings: { registries: { hosts: { [inside]: { plainHttpUnsafe: true } } }, tuf: { enabled: false } },
    })
      .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
      .join(",");
  }

  async function release(command: string, ...flags: string[]): Promise<void> {
    const common = ["--namespace", RELEASE, "--set-json", values, "--wait", "--timeout", "120s"];
    const { code, stderr } = await helm(cluster().kubeconfig, [command, RELEASE, CHART, ...common, ...flags]);
    expect([code, stderr]).toEqual([0, expect.any(String)]);
  }

  /** Installs the chart as the guide says; gives what a platform copies into its hook. */
  async function install(): Promise<Pick<ShippedHookOptions, "authority" | "address">> {
    const { kubectl, kubectlOk } = cluster();
    const inside = (...args: string[]) => kubectlOk(["-n", RELEASE, ...args]);
    await kubectl(["create", "namespace", RELEASE]); // it may be there
    await kubectl(["-n", RELEASE, "delete", "secret", "mc-gate-argocd", "--ignore-not-found"]);
    const token = `--from-literal=token=${started.access.gateToken}`;
    await inside("create", "secret", "generic", "mc-gate-argocd", token);
    await release("install");
    const authority = await inside("get", "secret", "mc-gate-tls", "-o", "jsonpath={.data.ca\\.crt}");
    const address = await inside("get", "service", RELEASE, "-o", "jsonpath={.spec.clusterIP}");
    return { authority: Buffer.from(authority, "base64").toString("utf8"), address };
  }

  /** A team's Application with the platform's hook as its last source, into an enforcing namespace. */
  async function aTeam(
    name: string,
    kind: "Job" | "Pod",
    image: string,
    { mode = "enforce", ...changes }: Partial<ShippedHookOptions> & { readonly mode?: string } = {},
  ) {
    const { kubectl, kubectlOk } = cluster();
    await kubectl(["create", "namespace", name]); // it may be there
    await kubectlOk(["label", "namespace", name, `mc-gate.dev/mode=${mode}`]);
    const team = await makeRepository([webDeployment(image)]);
    const platform = await makeRepository([await shippedHook(kind, name, { ...hook, ...changes })]);
    repositories.push(team, platform);
    const options = { name, repositories: [team.url, platform.url], destination: name };
    const app = await createApplication(cluster(), options);
    const commit = async (next: string): Promise<void> =>
      app.refresh(await team.commit([webDeployment(next)]));
    return { app, commit, sync: () => argo.argocd(["app", "sync", name, "--timeout", "90"]) };
  }

  it("lets a signed image run, and stops at an unsigned one with the reason where people look: as a Pod", async () => {
    const { app, commit, sync } = await aTeam("by-pod", "Pod", signed);
    expect((await sync()).code).toBe(0);
    expect(await hookEnds("by-pod")).toEqual([
      { exitCode: 0, message: expect.stringContaining("allowed: 1 image(s) checked") },
    ]);
    expect(await runningVersion("by-pod")).toBe("version one\n");

    await commit(unsigned);
    expect((await sync()).code).toBe(1);
    const [end, ...more] = await hookEnds("by-pod");
    expect([end?.exitCode, more]).toEqual([10, []]);
    const { stdout: shown } = await argo.argocd(["app", "get", "by-pod"]);
    for (const text of [
      end?.message,
      shown,
      await hookMessage(app),
      await refusalEvent(cluster(), "by-pod"),
    ]) {
      expect(text).toContain(toldImage(unsigned));
      expect(text).toContain("[signature/missing");
    }
    expect(await deployedImage(cluster(), "by-pod")).toBe(signed);
    expect(await runningVersion("by-pod")).toBe("version one\n");
  });

  it("applies nothing of a refused first sync, and everything of the next one: as a Job", async () => {
    const { app, commit, sync } = await aTeam("by-job", "Job", unsigned);
    expect((await sync()).code).toBe(1);
    const [end, ...more] = await hookEnds("by-job");
    expect([end?.exitCode, more]).toEqual([10, []]);
    expect(end?.message).toContain(`${toldImage(unsigned)} (Deployment "web", container "web") is refused`);
    const condition = "exit code 10 matching FailJob rule";
    const { stdout: shown } = await argo.argocd(["app", "get", "by-job"]);
    for (const text of [await jobCondition("by-job"), shown, await hookMessage(app)])
      expect(text).toContain(condition);
    expect(await refusalEvent(cluster(), "by-job")).toContain(toldImage(unsigned));
    expect(await cluster().kubectlOk(["-n", "by-job", "get", "deployments", "-o", "name"])).toBe("");

    await commit(signed);
    expect((await sync()).code).toBe(0);
    expect(await hookEnds("by-job")).toMatchObject([{ exitCode: 0 }]);
    expect(await runningVersion("by-job")).toBe("version one\n");
  });

  it("runs under a quota, a LimitRange and the restricted Pod Security standard", async () => {
    const { kubectlOk } = cluster();
    await kubectlOk(["create", "namespace", "tight"]);
    await kubectlOk(["label", "namespace", "tight", "pod-security.kubernetes.io/enforce=restricted"]);
    for (const [kind, spec] of Object.entries(LIMITS)) {
      const object = { apiVersion: "v1", kind, metadata: { name: "limit", namespace: "tight" }, spec };
      await kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(object) });
    }
    const { sync } = await aTeam("tight", "Job", signed);
    expect((await sync()).code).toBe(0);
    expect(await hookEnds("tight")).toMatchObject([{ exitCode: 0 }]);
  });

  it("has the Application name a container that keeps its hook from ending", async () => {
    const command = ["/nodejs/bin/node", "-e", "setInterval(() => {}, 60000)"];
    const agent = { name: "agent", image: hook.image, command };
    await aTeam("accompanied", "Job", signed, { besides: [agent] });
    expect((await argo.argocd(["app", "sync", "accompanied", "--async"])).code).toBe(0);
    const event = { name: "accompanied", namespace: "argocd", reason: "SyncWarning" };
    expect(await applicationEvent(cluster(), event)).toContain("it has 2: agent, mc. Keep the others out");
    await argo.argocd(["app", "terminate-op", "accompanied"]);
  });

  it.each<[string, "Job" | "Pod", () => Partial<ShippedHookOptions>, readonly string[]]>([
    [
      "nowhere",
      "Job",
      () => ({ values: { nodeSelector: { disk: "fast" } } }),
      ["accepted by no node", "`nodeSelector`"],
    ],
    [
      "unpulled",
      "Pod",
      () => ({ image: hook.image.replace(/[0-9a-f]{64}$/, "0".repeat(64)) }),
      ["Failed to pull image", "`imagePullSecrets`"],
    ],
    [
      "unmounted",
      "Job",
      () => {
        const volumeMounts = [{ name: "agent", mountPath: "/agent" }];
        const besides = [{ name: "agent", image: hook.image, volumeMounts }];
        return { besides, volumes: [{ name: "agent", configMap: { name: "absent" } }] };
      },
      ['configmap "absent" not found', "Create the object"],
    ],
  ])("has the Application name what its hook waits for: %s, as a %s", async (name, kind, changes, texts) => {
    await aTeam(name, kind, signed, { mode: "off", ...changes() }); // so that nothing but the node stops the pod
    expect((await argo.argocd(["app", "sync", name, "--async"])).code).toBe(0);
    const said = await applicationEvent(cluster(), { name, namespace: "argocd", reason: "HookNotStarted" });
    for (const text of [`${name}/${name}-mc-presync`, ...texts]) expect(said).toContain(text);
    await argo.argocd(["app", "terminate-op", name]);
  });

  it("passes egress that is denied by default with the shipped NetworkPolicy, and says what denies it without", async () => {
    const { kubectlOk } = cluster();
    const engine = await enforceNetworkPolicies(cluster());
    try {
      await kubectlOk(["create", "namespace", "denied"]);
      const spec = { podSelector: {}, policyTypes: ["Ingress", "Egress"] };
      await policy({ metadata: { name: "default-deny" }, spec });
      const wait = ["/nodejs/bin/node", "-e", "setTimeout(() => {}, 3000)"]; // until the engine knows the pod's address
      const before = [{ name: "wait", image: hook.image, command: wait }];
      const { sync } = await aTeam("denied", "Job", signed, { before });
      expect((await argo.argocd(["app", "sync", "denied", "--async"])).code).toBe(0);
      const event = { name: "denied", namespace: "argocd", reason: "HookUnanswered" };
      const said = await applicationEvent(cluster(), event);
      for (const text of ["default-deny of denied", "TCP 8443", "Create deploy/argocd/network-policy.yaml"])
        expect(said).toContain(text);
      const log = ["-n", "denied", "logs", "job/denied-mc-presync", "-c", "mc"];
      await eventually("the hook to say that it cannot reach the gate", async () => {
        const { stdout } = await cluster().kubectl(log);
        return stdout.includes("a NetworkPolicy must allow") || undefined;
      });
      await argo.argocd(["app", "terminate-op", "denied"]);

      await policy(parse(readFileSync(join(PROJECT, "deploy/argocd/network-policy.yaml"), "utf8")));
      expect((await sync()).code).toBe(0);
      expect(await hookEnds("denied")).toMatchObject([{ exitCode: 0 }]);
    } finally {
      await engine.stop();
    }
  });

  it("starts no sync of an unsigned image where the operation gate is on", async () => {
    const before = await lastStart("by-pod");
    await release("upgrade", "--set", "argocd.operationGate.enabled=true");
    const sync = () => argo.argocd(["app", "sync", "by-pod", "--timeout", "90"]);
    const { stderr } = await eventually(
      "the webhook for Applications",
      async () => {
        const outcome = await sync();
        return outcome.stderr.includes("failed calling webhook") ? undefined : outcome;
      },
      60_000,
    );
    expect(stderr).toMatch(/"operations\.mc-gate\.dev\\?" denied the request/); // the command writes JSON
    expect(stderr).toContain(toldImage(unsigned));
    expect(await lastStart("by-pod")).toBe(before);
    expect((await argo.argocd(["app", "sync", "by-job", "--timeout", "90"])).code).toBe(0);
  });
});

/** Puts a NetworkPolicy into the namespace that denies egress. */
async function policy(object: { readonly metadata: object; readonly spec: object }): Promise<void> {
  const kind = { apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy" };
  const metadata = { ...object.metadata, namespace: "denied" };
  const stdin = JSON.stringify({ ...kind, ...object, metadata });
  await cluster().kubectlOk(["apply", "-f", "-"], { stdin });
}

/** When the Application's last sync began. */
function lastStart(name: string): Promise<string> {
  const path = "jsonpath={.status.operationState.startedAt}";
  return cluster().kubectlOk(["-n", "argocd", "get", "application", name, "-o", path]);
}

interface HookEnd {
  readonly exitCode: number;
  readonly message: string;
}

/** How the hook's containers ended, by what the kubelet wrote: one for each pod that there was. */
async function hookEnds(namespace: string): Promise<readonly HookEnd[]> {
  const flags = ["-l", "app.kubernetes.io/name=mc-presync", "-o", "json"];
  const { items } = JSON.parse(await cluster().kubectlOk(["-n", namespace, "get", "pods", ...flags]));
  return items.map(({ status }: { status: { containerStatuses: [{ state: { terminated: HookEnd } }] } }) => {
    const { exitCode, message } = status.containerStatuses[0].state.terminated;
    return { exitCode, message };
  });
}

async function hookMessage(app: RunningApplication): Promise<string | undefined> {
  const { operationState } = await app.status();
  const resources = operationState?.syncResult?.resources ?? [];
  return resources.find(({ hookType }) => hookType === "PreSync")?.message;
}

function jobCondition(namespace: string): Promise<string> {
  const path = 'jsonpath={.status.conditions[?(@.type=="Failed")].message}';
  return cluster().kubectlOk(["-n", namespace, "get", "job", `${namespace}-mc-presync`, "-o", path]);
}

/** What the Deployment's pod says once it runs; it is available before its first line is there. */
async function runningVersion(namespace: string): Promise<string> {
  const { kubectlOk } = cluster();
  const inside = ["-n", namespace];
  await kubectlOk([...inside, "rollout", "status", "deployment/web", "--timeout=90s"], {
    timeoutMs: 100_000,
  });
  const logs = async (): Promise<string | undefined> =>
    (await kubectlOk([...inside, "logs", "deployment/web"])) || undefined;
  return eventually("the first line of its pods", logs, 60_000);
}
