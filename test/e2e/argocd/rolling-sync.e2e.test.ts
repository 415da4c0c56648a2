import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toldImage } from "../../support/told-image.ts";
import { type SyncGate, startSyncGate } from "../support/argocd-gate.ts";
import { ARGOCD_NAMESPACE } from "../support/argocd-objects.ts";
import { type GitRepository, makeRepository } from "../support/argocd-repository.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { deployedImage, webDeployment } from "../support/argocd-workloads.ts";
import { generateKeyPair, type KeyPair, signImage } from "../support/cosign.ts";
import { pushImage, textImage } from "../support/images.ts";
import { eventually, type Service, startService } from "../support/process.ts";
import { program } from "../support/programs.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { cluster } from "../support/scenario.ts";

const FIRST = "rolling-first";
const SECOND = "rolling-second";

/** One Application of the set: what it deploys, and at which commit. */
interface Element {
  readonly name: string;
  readonly repo: string;
  readonly commit: string;
}

/** A Deployment of no pods, since nothing runs them here: a wave ends when it is healthy. */
function deployment(image: string): object {
  const object = webDeployment(image) as { readonly spec: object };
  return { ...object, spec: { ...object.spec, replicas: 0 } };
}

/** Two Applications, the second of which is synced when the first is healthy. */
function applicationSet(elements: readonly Element[]): object {
  const steps = elements.map(({ name }) => ({
    matchExpressions: [{ key: "wave", operator: "In", values: [name] }],
  }));
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "ApplicationSet",
    metadata: { name: "rolling", namespace: ARGOCD_NAMESPACE },
    spec: {
      generators: [{ list: { elements } }],
      strategy: { type: "RollingSync", rollingSync: { steps } },
      template: {
        metadata: { name: "{{name}}", labels: { wave: "{{name}}" } },
        spec: {
          project: "default",
          source: { repoURL: "{{repo}}", path: ".", targetRevision: "{{commit}}" },
          destination: { server: "https://kubernetes.default.svc", namespace: "{{name}}" },
          syncPolicy: { syncOptions: ["CreateNamespace=true"] },
        },
      },
    },
  };
}

/** Argo CD's own controller of ApplicationSets, which is in the program that is built, under another name. */
function startApplicationSets(): Promise<Service> {
  const onLoopback = ["--metrics-addr", "--probe-addr", "--webhook-addr"].flatMap((flag) => [
    flag,
    "127.0.0.1:0",
  ]);
  return startService({
    program: program("argocd"),
    args: [
      "--enable-progressive-syncs",
      "--namespace",
      ARGOCD_NAMESPACE,
      "--logformat",
      "text",
      ...onLoopback,
    ],
    env: {
      ARGOCD_BINARY_NAME: "argocd-applicationset-controller",
      KUBECONFIG: cluster().kubeconfig,
      ARGOCD_FAKE_IN_CLUSTER: "true",
    },
    ready: /Starting workers/,
    timeoutMs: 60_000,
  });
}

function untilDeployed(namespace: string, image: string): Promise<true> {
  const isThere = async () => (await deployedImage(cluster(), namespace)) === image || undefined;
  return eventually(`${image} in ${namespace}`, isThere, 120_000);
}

describe.skipIf(argoCdObstacle)("RollingSync by the real controller of ApplicationSets", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: SyncGate;
  let sets: Service;
  let first: GitRepository;
  let second: GitRepository;

  async function push(text: string, isSigned: boolean): Promise<string> {
    const image = `${registry.host}/${(await pushImage(registry.host, "acme/app", textImage(text))).name}`;
    if (isSigned) await signImage(image, { kind: "key", keys }, "bundle");
    return image;
  }

  async function roll(images: readonly [string, string]): Promise<void> {
    const commits = await Promise.all([
      first.commit([deployment(images[0])]),
      second.commit([deployment(images[1])]),
    ]);
    const elements = [
      { name: FIRST, repo: first.url, commit: commits[0] },
      { name: SECOND, repo: second.url, commit: commits[1] },
    ];
    const stdin = JSON.stringify(applicationSet(elements));
    await cluster().kubectlOk(["apply", "-f", "-"], { stdin });
  }

  beforeAll(async () => {
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    [first, second] = [await makeRepository([]), await makeRepository([])];
    gate = await startSyncGate({ cluster: cluster(), argo: argoCd(), registry: registry.host, keys });
    await gate.installWebhooks();
    sets = await startApplicationSets();
  });
  afterAll(async () => {
    await cluster().kubectl([
      "-n",
      ARGOCD_NAMESPACE,
      "delete",
      "applicationset",
      "rolling",
      "--ignore-not-found",
    ]);
    await sets?.stop();
    await gate?.stop();
    await Promise.all([keys?.stop(), registry?.stop(), first?.remove(), second?.remove()]);
  });

  it("goes wave by wave, holds the Application whose image is unsigned, and deploys the commit that fixes it by itself", async ({
    onTestFailed,
  }) => {
    onTestFailed(() => console.log(gate.log(), sets.output().slice(-20_000)));
    const [one, two, three] = [await push("one", true), await push("two", true), await push("three", true)];
    await roll([one, one]);
    await Promise.all([untilDeployed(FIRST, one), untilDeployed(SECOND, one)]);

    const unsigned = await push("unsigned", false);
    await roll([two, unsigned]);
    await untilDeployed(FIRST, two);
    const refused = await eventually(
      "the refusal in the controller's log",
      () =>
        sets
          .output()
          .split("\n")
          .find((line) => line.includes("operations.mc-gate.dev") && line.includes(toldImage(unsigned))),
      120_000,
    );
    expect(refused).toContain("signature/missing");
    expect(await deployedImage(cluster(), SECOND)).toBe(one);

    await roll([two, three]);
    await untilDeployed(SECOND, three);
  }, 400_000);
});
