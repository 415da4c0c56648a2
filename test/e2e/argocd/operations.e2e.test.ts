import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toldImage } from "../../support/told-image.ts";
import { signatureWaiver, type SyncGate, startSyncGate } from "../support/argocd-gate.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { type Scene, setScene, WAYS } from "../support/argocd-ways.ts";
import { deployedImage, webDeployment } from "../support/argocd-workloads.ts";
import { generateKeyPair, type KeyPair, pushSigned } from "../support/cosign.ts";
import { pushText } from "../support/images.ts";
import { eventually } from "../support/process.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { cluster } from "../support/scenario.ts";

const NAMED = WAYS.map((way, index) => ({ ...way, app: `operation-${index}` }));
const UNNAMED = NAMED.find(({ name }) => name.includes("RollingSync"))!.app;
const AUTO_SYNC = NAMED.find(({ name }) => name === "auto-sync")!.app;

describe.skipIf(argoCdObstacle)("the webhook for Applications", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: SyncGate;
  let signed: string;
  const scenes = new Map<string, Scene>();

  /** All scenes are set before the webhooks come: some begin with what they would refuse. */
  beforeAll(async () => {
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    signed = await pushSigned(registry.host, "signed", keys);
    for (const { app: name, ...way } of NAMED) {
      const next = await pushText(registry.host, name);
      const scene = await setScene(way, { cluster: cluster(), argo: argoCd(), name, old: signed, next });
      scenes.set(name, scene);
    }
    gate = await startSyncGate({ cluster: cluster(), argo: argoCd(), registry: registry.host, keys });
    await gate.installWebhooks();
  });
  afterAll(async () => {
    await gate?.stop();
    const repositories = [...scenes.values()].map(({ team }) => team.remove());
    await Promise.all([keys?.stop(), registry?.stop(), ...repositories]);
  });

  it.for(NAMED)(
    "refuses $name before anything is applied, and says why",
    async ({ app: name, start }, { onTestFailed }) => {
      onTestFailed(() => console.log(gate.log()));
      const scene = scenes.get(name)!;
      const before = await lastStart(scene);
      const outcome = await start(scene);
      const said =
        outcome === undefined
          ? await scene.app.until("a condition", refusalIn, 90_000)
          : `${outcome.code} ${outcome.stdout}${outcome.stderr}`;
      expect(said).toMatch(/"operations\.mc-gate\.dev\\?" denied the request/); // the command writes JSON
      expect(said).toContain(toldImage(scene.next));
      expect(said).toContain("signature/missing");
      expect(outcome?.code).not.toBe(0);
      expect([await deployedImage(cluster(), name), await lastStart(scene)]).toEqual([signed, before]);
    },
  );

  it("starts a sync that names no revision, of a branch only where the spec names the commit", async ({
    onTestFailed,
  }) => {
    onTestFailed(() => console.log(gate.log()));
    const { app, team } = scenes.get(UNNAMED)!;
    const revision = await team.commit([webDeployment(signed, "renamed")]);
    const start = (targetRevision: string) => {
      const spec = { source: { targetRevision } };
      const patch = { spec, operation: { sync: {} }, status: { operationState: null } };
      const flags = ["--type", "merge", "-p", JSON.stringify(patch)];
      return cluster().kubectl(["-n", "argocd", "patch", "application", app.name, ...flags]);
    };
    const refused = await start("main");
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("[target/moving]")]);
    expect(await start(revision)).toMatchObject({ code: 0 });
    await app.until("the sync", ({ operationState }) => operationState?.phase === "Succeeded" || undefined);
    expect((await app.status()).operationState?.syncResult?.revision).toBe(revision);
  });

  it("lets auto-sync go on by itself once there is a waiver", async () => {
    const { app, next } = scenes.get(AUTO_SYNC)!;
    expect(await deployedImage(cluster(), app.name)).toBe(signed);
    await gate.setWaivers(signatureWaiver(next));
    await eventually(
      "the waived image",
      async () => (await deployedImage(cluster(), app.name)) === next || undefined,
      90_000,
    );
  });

  it("stops every sync while the gate is down, and none that is a dry run", async () => {
    const { app, team } = scenes.get(NAMED[0]!.app)!;
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

async function lastStart({ app }: Scene): Promise<string | undefined> {
  return (await app.status()).operationState?.startedAt;
}

function refusalIn({
  conditions = [],
}: {
  readonly conditions?: readonly { message: string }[];
}): string | undefined {
  return conditions.find(({ message }) => message.includes("denied the request"))?.message;
}
