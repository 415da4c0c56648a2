import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toldImage } from "../../support/told-image.ts";
import { createApplication } from "../support/argocd-application.ts";
import { type SyncGate, startSyncGate } from "../support/argocd-gate.ts";
import { type GitRepository, makeRepository } from "../support/argocd-repository.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { deployedImage, webDeployment } from "../support/argocd-workloads.ts";
import { generateKeyPair, type KeyPair, pushSigned } from "../support/cosign.ts";
import { pushText } from "../support/images.ts";
import { eventually, type Outcome, run } from "../support/process.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { cluster } from "../support/scenario.ts";

const [DRY, WET] = ["source-dry", "source-hydrated"];
const [BRANCH, PATH] = ["environments/production", "web"];

function sync(name: string): Promise<Outcome> {
  return argoCd().argocd(["app", "sync", name, "--timeout", "60"]);
}

describe.skipIf(argoCdObstacle)("Applications behind Argo CD's source hydrator", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: SyncGate;
  let unsigned: string;
  let repository: GitRepository;

  beforeAll(async () => {
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    gate = await startSyncGate({ cluster: cluster(), argo: argoCd(), registry: registry.host, keys });
    await gate.installWebhooks();
    unsigned = await pushText(registry.host, "to be hydrated");
    repository = await makeRepository([webDeployment(unsigned)]);
  });
  afterAll(async () => {
    await gate?.stop();
    await cluster().kubectl(["-n", "argocd", "delete", "application", DRY, "--wait=false"]);
    await Promise.all([keys?.stop(), registry?.stop(), repository?.remove()]);
  });

  function git(...args: string[]): Promise<Outcome> {
    return run("git", ["-C", repository.folder, ...args]);
  }

  /** Waits until the hydrator has pushed manifests with this image; gives their revision. */
  function hydrated(image: string): Promise<string> {
    return eventually(
      "hydrated manifests",
      async () => {
        const { stdout } = await git("show", `${BRANCH}:${PATH}/manifest.yaml`);
        return stdout.includes(image) ? (await git("rev-parse", BRANCH)).stdout.trim() : undefined;
      },
      90_000,
    );
  }

  it("hold one that has the hydrator, and judge one that syncs what the hydrator has pushed", async () => {
    const { url: repoURL } = repository;
    const sourceHydrator = {
      drySource: { repoURL, path: ".", targetRevision: "main" },
      syncSource: { targetBranch: BRANCH, path: PATH },
    };
    await createApplication(cluster(), {
      name: DRY,
      repositories: [],
      source: { sourceHydrator },
      destination: DRY,
    });
    await hydrated(unsigned);
    const held = await sync(DRY);
    expect(held.code).not.toBe(0);
    expect(held.stderr).toContain("name the hydrated branch and path in spec.source");

    const source = { repoURL, path: PATH, targetRevision: BRANCH };
    const app = await createApplication(cluster(), {
      name: WET,
      repositories: [],
      source: { source },
      destination: WET,
    });
    const refused = await sync(WET);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(toldImage(unsigned));

    const signed = await pushSigned(registry.host, "signed and hydrated", keys);
    await repository.commit([webDeployment(signed)]);
    // As Argo CD's webhook for pushes does: the hydrator does not poll.
    const asked = ["annotate", "application", DRY, "argocd.argoproj.io/hydrate=normal"];
    await cluster().kubectlOk(["-n", "argocd", ...asked]);
    const revision = await hydrated(signed);
    await app.refresh(revision);
    expect((await sync(WET)).code).toBe(0);
    expect(await deployedImage(cluster(), WET)).toBe(signed);
    expect((await app.status()).operationState?.syncResult?.revision).toBe(revision);
  });
});
