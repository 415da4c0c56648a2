import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { operationWebhook, OPERATION_WEBHOOK } from "../support/argocd-gate-webhook.ts";
import { type SyncGate, startSyncGate } from "../support/argocd-gate.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { type Scene, setScene, WAYS } from "../support/argocd-ways.ts";
import { deployedImage, webDeployment } from "../support/argocd-workloads.ts";
import { generateKeyPair, type KeyPair, signImage } from "../support/cosign.ts";
import { pushImage, textImage } from "../support/images.ts";
import { eventually } from "../support/process.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { cluster } from "../support/scenario.ts";

async function open(): Promise<void> {
  await cluster().kubectl([
    "delete",
    "validatingwebhookconfiguration",
    OPERATION_WEBHOOK,
    "--ignore-not-found",
  ]);
}

function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}

describe.skipIf(argoCdObstacle)("the webhook for Applications", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: SyncGate;
  let signed: string;
  const scenes: Scene[] = [];

  async function push(text: string): Promise<string> {
    return `${registry.host}/${(await pushImage(registry.host, "acme/app", textImage(text))).name}`;
  }
  async function close(): Promise<void> {
    const webhook = operationWebhook(gate);
    await cluster().kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(webhook) });
  }

  beforeAll(async () => {
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    signed = await push("signed");
    await signImage(signed, { kind: "key", keys }, "bundle");
    gate = await startSyncGate({ cluster: cluster(), argo: argoCd(), registry: registry.host, keys });
  });
  afterAll(async () => {
    await open();
    await gate?.stop();
    await Promise.all([keys?.stop(), registry?.stop(), ...scenes.map(({ team }) => team.remove())]);
  });

  it.for(WAYS.map((way, index) => ({ ...way, app: `operation-${index}` })))(
    "refuses $name before anything is applied, and says why",
    async ({ app: name, ...way }) => {
      await open();
      const next = await push(name);
      const argo = argoCd();
      const scene = await setScene(way, { cluster: cluster(), argo, name, old: signed, next });
      scenes.push(scene);
      await close();
      const before = (await scene.app.status()).operationState?.startedAt;
      const outcome = await way.start(scene);
      const said =
        outcome === undefined
          ? await scene.app.until("a condition", refusalIn, 90_000)
          : `${outcome.code} ${outcome.stdout}${outcome.stderr}`;
      expect(said).toContain(`denied the request`);
      expect(said).toContain(next);
      expect(said).toContain("signature/missing");
      expect(outcome?.code).not.toBe(0);
      expect(await deployedImage(cluster(), name)).toBe(signed);
      expect((await scene.app.status()).operationState?.startedAt).toBe(before);
    },
  );

  it("lets auto-sync go on by itself once there is a waiver", async () => {
    const { app, next } = scenes.find(({ name }) => name === "operation-6")!;
    expect(await deployedImage(cluster(), app.name)).toBe(signed);
    gate.setWaivers({
      id: "W-2",
      class: "signature",
      digest: next.split("@")[1],
      reason: "The supplier signs from the next release on.",
      owners: ["team-web"],
      created: inMinutes(-1),
      expires: inMinutes(60),
    });
    await eventually(
      "the waived image",
      async () => (await deployedImage(cluster(), app.name)) === next || undefined,
      90_000,
    );
  });

  it("stops every sync while the gate is down, and none that is a dry run", async () => {
    const { app, team } = scenes[0]!;
    await app.refresh(await team.commit([webDeployment(signed, "other")]));
    await gate.down();
    const { code, stderr } = await argoCd().argocd(["app", "sync", app.name, "--timeout", "30"]);
    expect([code, stderr]).toEqual([expect.any(Number), expect.stringContaining("failed calling webhook")]);
    expect(code).not.toBe(0);
    const dry = await argoCd().argocd(["app", "sync", app.name, "--dry-run", "--timeout", "30"]);
    expect([dry.code, dry.stderr]).toEqual([0, expect.not.stringContaining("failed calling webhook")]);
    await gate.up();
  });
});

function refusalIn({
  conditions = [],
}: {
  readonly conditions?: readonly { message: string }[];
}): string | undefined {
  return conditions.find(({ message }) => message.includes("denied the request"))?.message;
}
