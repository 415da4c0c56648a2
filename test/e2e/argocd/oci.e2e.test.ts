import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toldImage } from "../../support/told-image.ts";
import { createApplication } from "../support/argocd-application.ts";
import { type SyncGate, startSyncGate } from "../support/argocd-gate.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { deployedImage, webDeployment } from "../support/argocd-workloads.ts";
import { generateKeyPair, type KeyPair, pushSigned } from "../support/cosign.ts";
import { pushImage, pushText } from "../support/images.ts";
import type { Outcome } from "../support/process.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { cluster } from "../support/scenario.ts";

const NAME = "from-oci";
const ARTIFACT = "acme/deploy";

function sync(): Promise<Outcome> {
  return argoCd().argocd(["app", "sync", NAME, "--timeout", "60"]);
}

describe.skipIf(argoCdObstacle)("an Application whose source is an OCI artifact", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: SyncGate;
  let url: string;

  /** Pushes manifests as the artifact's tag `main`; gives the digest, which is the revision. */
  async function push(image: string): Promise<string> {
    const text = JSON.stringify(webDeployment(image));
    const recipe = { files: [{ path: "/web.json", text }], entrypoint: [] };
    return (await pushImage(registry.host, ARTIFACT, recipe, "main")).digest;
  }

  beforeAll(async () => {
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    url = `oci://${registry.host}/${ARTIFACT}`;
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: NAME,
        namespace: "argocd",
        labels: { "argocd.argoproj.io/secret-type": "repository" },
      },
      stringData: { type: "oci", url, insecureOCIForceHttp: "true" },
    };
    await cluster().kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(secret) });
    gate = await startSyncGate({ cluster: cluster(), argo: argoCd(), registry: registry.host, keys });
    await gate.installWebhooks();
  });
  afterAll(async () => {
    await gate?.stop();
    await cluster().kubectl(["-n", "argocd", "delete", "secret", NAME]);
    await Promise.all([keys?.stop(), registry?.stop()]);
  });

  it("is refused at the digest that its tag has, and starts once the tag leads to a signed image", async () => {
    const unsigned = await pushText(registry.host, "in an artifact");
    await push(unsigned);
    const app = await createApplication(cluster(), { name: NAME, repositories: [url], destination: NAME });
    const refused = await sync();
    expect([refused.code, refused.stderr]).toEqual([
      expect.any(Number),
      expect.stringContaining("signature/missing"),
    ]);
    expect(refused.code).not.toBe(0);
    expect(refused.stderr).toContain(toldImage(unsigned));

    const signed = await pushSigned(registry.host, "signed in an artifact", keys);
    const revision = await push(signed);
    await app.refresh(revision);
    expect((await sync()).code).toBe(0);
    expect(await deployedImage(cluster(), NAME)).toBe(signed);
    expect((await app.status()).operationState?.syncResult?.revision).toBe(revision);
  });
});
