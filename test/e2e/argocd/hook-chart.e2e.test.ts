import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { applicationEvent, createApplication } from "../support/argocd-application.ts";
import { MC_ENTRYPOINT } from "../support/argocd-gate-hook.ts";
import { type SyncGate, startSyncGate } from "../support/argocd-gate.ts";
import { preSyncHook } from "../support/argocd-hooks.ts";
import { type StandInKubelet, startStandInKubelet } from "../support/argocd-kubelet.ts";
import { type GitRepository, makeChartRepository, makeRepository } from "../support/argocd-repository.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { webDeployment } from "../support/argocd-workloads.ts";
import { generateKeyPair, type KeyPair, pushSigned } from "../support/cosign.ts";
import { pushText } from "../support/images.ts";
import type { Outcome } from "../support/process.ts";
import { PROJECT } from "../support/programs.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { cluster } from "../support/scenario.ts";

/** The stand-in for the kubelet finds paths in arguments alone. */
const IN_A_POD = [
  "/usr/bin/env",
  "MC_TOKEN_FILE=/var/run/mc/token",
  "MC_TERMINATION_LOG=/dev/termination-log",
];

function sync(name: string): Promise<Outcome> {
  return argoCd().argocd(["app", "sync", name, "--timeout", "90"]);
}

async function namesOf(kind: string, namespace: string): Promise<readonly string[]> {
  const names = ["get", kind, "-o", "jsonpath={.items[*].metadata.name}"];
  return (await cluster().kubectlOk(["-n", namespace, ...names])).split(" ").filter(Boolean).toSorted();
}

/** The gate's webhooks are not installed here: what is seen is the hook's doing alone. */
describe.skipIf(argoCdObstacle)("the hook's chart as a source of Applications", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: SyncGate;
  let kubelet: StandInKubelet;
  let platform: Pick<GitRepository, "url" | "remove">;
  let signed: string;
  let unsigned: string;
  const repositories: GitRepository[] = [];

  function push(text: string, isSigned = false): Promise<string> {
    return isSigned ? pushSigned(registry.host, text, keys) : pushText(registry.host, text);
  }

  beforeAll(async () => {
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    signed = await push("signed", true);
    unsigned = await push("unsigned");
    const hook = await push("hook", true);
    gate = await startSyncGate({
      cluster: cluster(),
      argo: argoCd(),
      registry: registry.host,
      keys,
      image: hook,
    });
    kubelet = startStandInKubelet(cluster(), { [hook]: [...IN_A_POD, ...MC_ENTRYPOINT] });
    const values = { image: hook, gate: gate.url, ca: gate.authority };
    platform = await makeChartRepository(join(PROJECT, "deploy/argocd/hook"), values);
  });
  afterAll(async () => {
    await kubelet?.stop();
    await gate?.stop();
    const all = [keys?.stop(), registry?.stop(), platform?.remove()];
    await Promise.all([...all, ...repositories.map((each) => each.remove())]);
  });

  async function anApplication(name: string, destination: string, objects: readonly object[]): Promise<void> {
    const team = await makeRepository(objects);
    repositories.push(team);
    await createApplication(cluster(), { name, repositories: [team.url, platform.url], destination });
  }

  it("gives Applications that share a namespace a hook each: one is refused, the other applied", async () => {
    const long = `good-${"x".repeat(58)}`;
    // Syncs that both find the namespace missing both create it, and Argo CD fails the one that comes second.
    await cluster().kubectlOk(["create", "namespace", "shared"]);
    await anApplication("bad", "shared", [webDeployment(unsigned, "bad")]);
    await anApplication(long, "shared", [webDeployment(signed, "good")]);
    const outcomes = await Promise.all([sync("bad"), sync(long)]);
    const told = [outcomes, kubelet.log()];
    expect([outcomes.map(({ code }) => code), told]).toEqual([[1, 0], expect.anything()]);
    expect(await namesOf("deployments", "shared")).toEqual(["good"]);
    const hooks = await namesOf("jobs", "shared");
    expect(hooks).toEqual(["bad-mc-presync", expect.stringMatching(/^good-x{38}-[0-9a-f]{8}-mc-presync$/)]);
  });

  it.each([
    [
      "quota",
      { kind: "ResourceQuota", spec: { hard: { "limits.memory": "64Mi" } } },
      ["exceeded quota", "`resources`"],
    ],
    [
      "limit-range",
      { kind: "LimitRange", spec: { limits: [{ type: "Container", max: { memory: "128Mi" } }] } },
      ["maximum memory usage per Container is 128Mi, but limit is 192Mi", "LimitRange"],
    ],
  ])("has the Application say why its hook cannot start, and what to set: %s", async (name, limit, texts) => {
    const { kubectlOk } = cluster();
    const metadata = { name: "limit", namespace: name };
    await kubectlOk(["create", "namespace", name]);
    await kubectlOk(["apply", "-f", "-"], {
      stdin: JSON.stringify({ apiVersion: "v1", ...limit, metadata }),
    });
    await anApplication(name, name, [webDeployment(signed)]);
    expect((await argoCd().argocd(["app", "sync", name, "--async"])).code).toBe(0);
    const said = await applicationEvent(cluster(), {
      name,
      namespace: "argocd",
      reason: "HookNotStarted",
    });
    for (const text of [`${name}/${name}-mc-presync`, ...texts]) expect(said).toContain(text);
    await argoCd().argocd(["app", "terminate-op", name]);
  });

  it("runs before a team's own hook in wave -200, in a namespace that the Application brings itself", async () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "brought" } };
    const own = preSyncHook({ kind: "Job", name: "migrate", container: { command: ["true"] } }) as {
      readonly metadata: { readonly annotations: object };
    };
    const annotations = { ...own.metadata.annotations, "argocd.argoproj.io/sync-wave": "-200" };
    const migrate = { ...own, metadata: { ...own.metadata, annotations } };
    await anApplication("brings", "brought", [namespace, migrate, webDeployment(unsigned)]);
    expect((await sync("brings")).code).toBe(1);
    expect(await namesOf("jobs", "brought")).toEqual(["brings-mc-presync"]);
    expect(await namesOf("deployments", "brought")).toEqual([]);
  });
});
