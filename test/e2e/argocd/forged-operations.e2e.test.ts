import { setTimeout as sleep } from "node:timers/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { toldImage } from "../../support/told-image.ts";
import { type SyncGate, startSyncGate } from "../support/argocd-gate.ts";
import { argoCd, argoCdObstacle } from "../support/argocd-scenario.ts";
import { type Scene, setScene, type Way } from "../support/argocd-ways.ts";
import { deployedImage, webDeployment } from "../support/argocd-workloads.ts";
import { generateKeyPair, type KeyPair, pushSigned } from "../support/cosign.ts";
import { pushText } from "../support/images.ts";
import { eventually, type Outcome } from "../support/process.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { cluster } from "../support/scenario.ts";

/** Time for Argo CD to do what it would do with an operation that got in. */
const LONG_ENOUGH_MS = 5_000;
const REFUSED = { code: 1, stderr: expect.stringContaining('"operations.mc-gate.dev" denied the request') };

interface Forgery {
  readonly name: string;
  readonly operation: (revision: string) => object;
  /** What its state has besides the operation that nobody has judged. */
  readonly state: object;
}

const IN_PROGRESS = { phase: "Running", finishedAt: null };
/** Up to 3.5, Argo CD writes the next state over it, and keeps what that does not have. */
const OVER = { phase: "Succeeded", finishedAt: new Date().toISOString() };

/** What somebody who may patch an Application writes, for Argo CD to go on with an operation that nobody has judged. */
const FORGERIES: readonly Forgery[] = [
  {
    name: "beside a dry run",
    operation: (revision) => ({ sync: { revision, dryRun: true } }),
    state: IN_PROGRESS,
  },
  {
    name: "beside an operation without a sync",
    operation: () => ({ info: [{ name: "a", value: "b" }] }),
    state: IN_PROGRESS,
  },
  {
    name: "and left behind for the retry of an operation without a sync",
    operation: () => ({ retry: { limit: 1, backoff: { duration: "1s" } } }),
    state: OVER,
  },
];
const NAMED = FORGERIES.map((forgery, at) => ({ ...forgery, app: `forged-${at}`, bare: `unguarded-${at}` }));
const WAY: Way = { name: "forged", skipsHooks: false, start: () => Promise.resolve(undefined) };

function patch(app: string, content: object): Promise<Outcome> {
  const flags = ["--type", "merge", "-p", JSON.stringify(content)];
  return cluster().kubectl(["-n", "argocd", "patch", "application", app, ...flags]);
}

function forge({ app, revision }: Scene, { operation, state }: Forgery): Promise<Outcome> {
  const startedAt = new Date().toISOString();
  const operationState = { ...state, startedAt, operation: { sync: { revision } }, syncResult: null };
  return patch(app.name, { operation: operation(revision), status: { operationState } });
}

/** A hook that nothing runs here, so that its operation stays in progress. */
function waitingHook(image: string): object {
  const container = { name: "wait", image };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "wait", annotations: { "argocd.argoproj.io/hook": "PreSync" } },
    spec: { template: { spec: { restartPolicy: "Never", containers: [container] } } },
  };
}

describe.skipIf(argoCdObstacle)("an operation that is forged in an Application's state", () => {
  let keys: KeyPair;
  let registry: RegistryServer;
  let gate: SyncGate;
  let signed: string;
  const scenes = new Map<string, Scene>();

  async function sceneOf(name: string): Promise<Scene> {
    const next = await pushText(registry.host, name);
    const scene = await setScene(WAY, { cluster: cluster(), argo: argoCd(), name, old: signed, next });
    scenes.set(name, scene);
    return scene;
  }

  beforeAll(async () => {
    [keys, registry] = await Promise.all([generateKeyPair(), startRegistry({ referrers: true })]);
    signed = await pushSigned(registry.host, "signed", keys);
    for (const name of [...NAMED.flatMap(({ app, bare }) => [app, bare]), "swapped"]) await sceneOf(name);
    gate = await startSyncGate({ cluster: cluster(), argo: argoCd(), registry: registry.host, keys });
  });
  afterAll(async () => {
    await gate?.stop();
    const repositories = [...scenes.values()].map(({ team }) => team.remove());
    await Promise.all([keys?.stop(), registry?.stop(), ...repositories]);
  });

  it.for(NAMED)("is run by Argo CD where no webhook is asked: $name", async ({ bare, ...forgery }) => {
    const scene = scenes.get(bare)!;
    expect(await forge(scene, forgery)).toMatchObject({ code: 0 });
    await eventually("the unsigned image", async () => {
      return (await deployedImage(cluster(), scene.name)) === scene.next || undefined;
    });
  });

  describe("with the webhook", () => {
    beforeAll(() => gate.installWebhooks());

    it.for(NAMED)("is refused $name, and not run", async ({ app, ...forgery }, { onTestFailed }) => {
      onTestFailed(() => console.log(gate.log()));
      const scene = scenes.get(app)!;
      const outcome = await forge(scene, forgery);
      expect(outcome).toMatchObject(REFUSED);
      expect(outcome.stderr).toContain(toldImage(scene.next));
      expect(outcome.stderr).toContain("signature/missing");
      await sleep(LONG_ENOUGH_MS);
      expect(await deployedImage(cluster(), app)).toBe(signed);
    });

    it("is refused under an operation that was judged and runs, which can be terminated", async ({
      onTestFailed,
    }) => {
      onTestFailed(() => console.log(gate.log()));
      const { app, team, next, revision } = scenes.get("swapped")!;
      const held = await team.commit([webDeployment(signed), waitingHook(signed)]);
      await app.refresh(held);
      const started = { operation: { sync: { revision: held } }, status: { operationState: null } };
      expect(await patch(app.name, started)).toMatchObject({ code: 0 });
      await app.until("the running hook", ({ operationState }) => {
        const { resources = [] } = operationState?.syncResult ?? {};
        return (operationState?.phase === "Running" && resources.length > 0) || undefined;
      });
      const swapped = { operation: { sync: { revision } }, syncResult: { revision } };
      for (const operationState of [swapped, { syncResult: { revision } }]) {
        const outcome = await patch(app.name, { status: { operationState } });
        expect(outcome).toMatchObject(REFUSED);
        expect(outcome.stderr).toContain(toldImage(next));
      }
      expect(await argoCd().argocd(["app", "terminate-op", app.name])).toMatchObject({ code: 0 });
      await app.until("the end", ({ operationState }) => operationState?.phase === "Failed" || undefined);
      expect(await deployedImage(cluster(), app.name)).toBe(signed);
    });
  });
});
