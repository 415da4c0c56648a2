import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import type { WarmRequest } from "../../src/gate/index.ts";
import { connect, type KubeClient } from "../../src/kube/index.ts";
import { createMetrics, type Metrics } from "../../src/metrics/index.ts";
import { prewarm } from "../../src/serve/prewarm/prewarm.ts";
import { ArgoCdSettings } from "../../src/serve/settings/argocd-settings.ts";
import { Settings } from "../../src/serve/settings/settings.ts";
import { soon } from "../support/kube-fixture.ts";
import {
  anApplication,
  deployment,
  type PresyncWorld,
  SHA,
  startPresyncWorld,
} from "../support/presync-world.ts";
import { startSync } from "../support/sync-start.ts";

const APP = `registry.example/team/app@${digestOf("app")}`;
const APPLICATIONS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications";
const INSTANCE = { namespace: "argocd", url: "https://argocd.example", tokenFile: "/token" };
let world: PresyncWorld;
let client: KubeClient;
let metrics: Metrics;
let warmed: WarmRequest[];
let warnings: string[];
let readiness: { missing: string[]; asked: number };
let stop: () => void;

beforeEach(async () => {
  world = await startPresyncWorld();
  world.argo.render = () => [deployment(APP)];
  client = connect({ kubeconfig: world.api.kubeconfig });
  metrics = createMetrics();
  warmed = [];
  warnings = [];
  readiness = { missing: [], asked: 0 };
});
afterEach(async () => {
  stop();
  await client.close();
  await world.close();
});

/** An Application of the cluster; `web` is one that this Argo CD renders. */
function put(status: string, revision = SHA, name = "web"): void {
  const { metadata, spec } = anApplication() as { metadata: object; spec: object };
  world.api.store.put(APPLICATIONS, {
    metadata: { ...metadata, name, namespace: "argocd" },
    spec,
    status: { sync: { status, revision } },
  });
}

function start(operations: object = { prewarm: true }, instances: readonly object[] = [INSTANCE]): void {
  const settings = {
    argocd: ArgoCdSettings.parse({ instances, operations }),
    evidence: Settings.shape.evidence.parse({}),
    cluster: undefined,
  };
  stop = prewarm({
    settings,
    cluster: { client, modeOf: () => "enforce" },
    sync: world.deps,
    warm: (request) => {
      warmed.push(request);
      return Promise.resolve("collected");
    },
    metrics,
    log: { info: () => undefined, warn: (fields: object) => void warnings.push(JSON.stringify(fields)) },
    missing: () => {
      readiness.asked += 1;
      return readiness.missing;
    },
  });
}

async function scraped(name: string): Promise<string[]> {
  return (await metrics.render()).text.split("\n").filter((line) => line.startsWith(name));
}

describe("an Application that goes out of sync", () => {
  it("has its target rendered and its images looked up before its sync starts", async () => {
    put("Synced");
    start();
    await soon(() => expect(world.api.requests.some(({ verb }) => verb === "watch")).toBe(true));
    expect(world.argo.questions).toEqual([]);
    put("OutOfSync");
    await soon(() => expect(warmed).toHaveLength(1));
    expect(warmed[0]).toMatchObject({ image: APP, namespace: "shop" });
    expect((await startSync(world)).allowed).toBe(true);
    expect(world.argo.renders()).toHaveLength(1);
    expect(world.counted).toEqual(["target rendered", "target stored", "operation allowed"]);
    expect(await scraped("mc_gate_prewarm_applications_total")).toEqual([
      'mc_gate_prewarm_applications_total{outcome="ready"} 1',
    ]);
    expect(await scraped("mc_gate_prewarm_images_total")).toEqual([
      'mc_gate_prewarm_images_total{of="syncs",outcome="collected"} 1',
    ]);
    expect(await scraped("mc_gate_prewarm_waiting")).toEqual(['mc_gate_prewarm_waiting{of="syncs"} 0']);
  });

  it("is rendered once while its status changes, and again for another revision", async () => {
    put("OutOfSync");
    start();
    await soon(() => expect(warmed).toHaveLength(1));
    for (let each = 0; each < 5; each++) put("OutOfSync");
    put("OutOfSync", "b".repeat(40));
    await soon(() => expect(warmed).toHaveLength(2));
    expect(world.argo.renders().map(({ query }) => query.get("revision"))).toEqual([SHA, "b".repeat(40)]);
  });

  it("is judged as ever where getting ready for it fails, of which the log says nothing", async () => {
    world.argo.onRequest = () => ({ status: 500, body: "" });
    put("OutOfSync");
    start();
    await soon(() => expect(world.counted).toEqual(["target failed"]));
    expect(await scraped("mc_gate_prewarm_applications_total")).toEqual([
      'mc_gate_prewarm_applications_total{outcome="failed"} 1',
    ]);
    world.argo.onRequest = () => undefined;
    expect((await startSync(world)).allowed).toBe(true);
    world.against.set(APP, "finding");
    expect((await startSync(world)).allowed).toBe(false);
    expect(warnings).toEqual([]);
  });

  it("that is exempt is not rendered", async () => {
    put("OutOfSync", SHA, "mc-gate");
    put("OutOfSync");
    start();
    await soon(() => expect(warmed).toHaveLength(1));
    expect(world.argo.renders().map(({ path }) => path)).toEqual(["/api/v1/applications/web/manifests"]);
  });
});

describe("no Application is followed", () => {
  it.each<[string, Parameters<typeof start>]>([
    ["where that is not asked for", [{}]],
    ["where it is switched off", [{ prewarm: false }]],
    ["where no Argo CD is configured", [{ prewarm: true }, []]],
  ])("%s", async (_, settings) => {
    put("OutOfSync");
    start(...settings);
    await soon(() => expect(readiness.asked).toBe(1));
    await new Promise((resolve) => setTimeout(resolve, 50)); // what would come, comes at once
    expect(world.api.requests).toEqual([]);
  });

  it("before the gate is ready to judge", async () => {
    readiness.missing = ["trust"];
    put("OutOfSync");
    start();
    await soon(() => expect(readiness.asked).toBeGreaterThan(1));
    expect(world.api.requests).toEqual([]);
    readiness.missing = [];
    await soon(() => expect(warmed).toHaveLength(1));
  });
});
