import { CustomObjectsApi, KubeConfig } from "@kubernetes/client-node";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type SyncGate, startSyncGate } from "../support/argocd-gate.ts";
import { application, ARGOCD_NAMESPACE } from "../support/argocd-objects.ts";
import { type GitRepository, makeRepository } from "../support/argocd-repository.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { webDeployment } from "../support/argocd-workloads.ts";
import { generateKeyPair, type KeyPair, signImage } from "../support/cosign.ts";
import { pushImage, textImage } from "../support/images.ts";
import type { Outcome } from "../support/process.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { cluster } from "../support/scenario.ts";

const APPLICATIONS = 50;
const ENFORCED = "fleet";
const ADVISORY = "fleet-advisory";

function nameOf(index: number): string {
  return `fleet-${index}`;
}

/** An Application of one file of the repository. */
function member(index: number, repository: string, destination: string): object {
  const whole = application({ name: nameOf(index), repositories: [repository], destination }) as {
    readonly spec: { readonly source: object };
  };
  const source = { ...whole.spec.source, directory: { include: `${index}.json` } };
  return { ...whole, spec: { ...whole.spec, source } };
}

/** A Deployment of no pods, since nothing runs them here. */
function deployment(image: string, name: string): object {
  const object = webDeployment(image, name) as { readonly spec: object };
  return { ...object, spec: { ...object.spec, replicas: 0 } };
}

function start(name: string, revision: string): Promise<Outcome> {
  const patch = JSON.stringify({ operation: { sync: { revision } } });
  const flags = ["--type", "merge", "-p", patch];
  return cluster().kubectl(["-n", ARGOCD_NAMESPACE, "patch", "application", name, ...flags]);
}

describe.skipIf(argoCdObstacle)("many Applications", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: SyncGate;
  let repository: GitRepository;
  let image: string;
  let revision: string;

  beforeAll(async () => {
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    image = `${registry.host}/${(await pushImage(registry.host, "acme/app", textImage("fleet"))).name}`;
    await signImage(image, { kind: "key", keys }, "bundle");
    repository = await makeRepository([deployment(image, "first")]);
    const { kubectlOk } = cluster();
    for (const namespace of [ENFORCED, ADVISORY]) await kubectlOk(["create", "namespace", namespace]);
    await kubectlOk(["label", "namespace", ADVISORY, "mc-gate.dev/mode=advisory"]);
    const items = Array.from({ length: APPLICATIONS + 1 }, (_, index) =>
      member(index, repository.url, index < APPLICATIONS ? ENFORCED : ADVISORY),
    );
    await kubectlOk(["apply", "-f", "-"], {
      stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items }),
    });
    gate = await startSyncGate({ cluster: cluster(), argo: argoCd(), registry: registry.host, keys });
    await gate.installWebhooks();
    // Argo CD has compared no Application with this commit yet: nothing of it is rendered.
    const all = Array.from({ length: APPLICATIONS + 1 }, (_, index) => deployment(image, `web-${index}`));
    revision = await repository.commit(all);
  });
  afterAll(async () => {
    const names = Array.from({ length: APPLICATIONS + 1 }, (_, index) => nameOf(index));
    await cluster().kubectl(["-n", ARGOCD_NAMESPACE, "delete", "application", "--wait=false", ...names]);
    await gate?.stop();
    await Promise.all([keys?.stop(), registry?.stop(), repository?.remove()]);
  });

  it("start a sync in an advisory namespace, with a warning, while Argo CD does not answer the gate", async () => {
    const restore = await gate.loseArgoCd();
    try {
      const [held, warned] = [await start(nameOf(0), revision), await start(nameOf(APPLICATIONS), revision)];
      expect([held.code, held.stderr]).toEqual([1, expect.stringContaining("[target/unavailable]")]);
      expect([warned.code, warned.stderr]).toEqual([0, expect.stringContaining("[target/unavailable]")]);
    } finally {
      await restore();
    }
  });

  it("that start in the same second are all let start, each within the webhook's time", async ({
    onTestFailed,
  }) => {
    onTestFailed(() => console.log(gate.log().slice(-20_000)));
    const config = new KubeConfig();
    config.loadFromFile(cluster().kubeconfig);
    const api = config.makeApiClient(CustomObjectsApi);
    const seconds = await Promise.all(
      Array.from({ length: APPLICATIONS }, async (_, index) => {
        const began = performance.now();
        await api.patchNamespacedCustomObject({
          group: "argoproj.io",
          version: "v1alpha1",
          namespace: ARGOCD_NAMESPACE,
          plural: "applications",
          name: nameOf(index),
          body: [{ op: "add", path: "/operation", value: { sync: { revision } } }],
        });
        return (performance.now() - began) / 1000;
      }),
    );
    console.log(`fleet: the longest of ${APPLICATIONS} waited ${Math.max(...seconds).toFixed(1)} s`);
    expect(seconds).toHaveLength(APPLICATIONS);
  });
});
