import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Mode } from "../../src/core/index.ts";
import { connect, type KubeClient } from "../../src/kube/index.ts";
import { createMetrics } from "../../src/metrics/index.ts";
import { prewarm } from "../../src/serve/prewarm/prewarm.ts";
import { Settings } from "../../src/serve/settings/settings.ts";
import { type FakeApiServer, startFakeApiServer } from "../support/fake-api-server.ts";
import { soon } from "../support/kube-fixture.ts";
import { aPod, aReview } from "../support/review.ts";
import type { RunningGate } from "../support/running-gate.ts";
import { type SignedWorld, signedWorld } from "../support/signed-world.ts";

const MODES: Readonly<Record<string, Mode>> = { shop: "enforce", test: "advisory" };
let world: SignedWorld;
let gate: RunningGate;
let api: FakeApiServer;
let client: KubeClient;
let lines: { readonly level: string; readonly text: string; readonly fields: object }[];
let stop: () => void;

beforeEach(async () => {
  [world, api] = await Promise.all([signedWorld(), startFakeApiServer()]);
  gate = await world.start();
  client = connect({ kubeconfig: api.kubeconfig });
  lines = [];
  stop = () => undefined;
});
afterEach(async () => {
  stop();
  await client.close();
  await Promise.all([gate.stop(), api.close(), world.registry.close()]);
});

/** A signed image of its own. */
async function signed(name: string): Promise<string> {
  const digest = world.registry.pushImage("acme/app", { content: name });
  await world.sign(digest);
  return `${world.registry.host}/acme/app@${digest}`;
}

function run(name: string, namespace: string, ...images: readonly string[]): void {
  const pod = aPod(...images) as { readonly spec: object };
  const metadata = { name, namespace, creationTimestamp: "2026-11-24T09:00:00Z" };
  api.store.put(`/api/v1/namespaces/${namespace}/pods`, { ...pod, metadata, status: { phase: "Running" } });
}

function start(settings: object, warm = gate.gate.warm): Promise<object> {
  const done = Promise.withResolvers<object>();
  const log =
    (level: string) =>
    (fields: object, text = "") => {
      lines.push({ level, text, fields });
      done.resolve(fields);
    };
  stop = prewarm({
    settings: {
      argocd: undefined,
      cluster: undefined,
      evidence: Settings.shape.evidence.parse({ prewarm: settings }),
    },
    cluster: { client, modeOf: (namespace) => MODES[namespace] },
    sync: undefined,
    warm,
    metrics: createMetrics(),
    log: { info: log("info"), warn: log("warn") },
    missing: () => [],
  });
  return done.promise;
}

/** How often the registry was asked about these images since the last call. */
function questions(...images: readonly string[]): number {
  const hexes = images.map((image) => image.split("sha256:")[1]!);
  const asked = world.registry.requests.filter(({ path }) => hexes.some((hex) => path.includes(hex)));
  const { length } = asked;
  world.registry.clearRequests();
  return length;
}

async function admits(image: string): Promise<boolean> {
  const { body } = await gate.post("/validate/enforce?timeout=10s", aReview({ object: aPod(image) }));
  return body.response!.allowed;
}

describe("images that run when the gate starts", () => {
  it("are looked up, and judged without their registry when somebody asks", async () => {
    const [web, side] = [await signed("web"), await signed("side")];
    await admits(await signed("first")); // the verifier's thread has started
    questions();
    run("web", "shop", web, side);
    expect(await start({ images: 10 })).toMatchObject({ images: 2, collected: 2 });
    expect(questions(web, side)).toBeGreaterThan(0);
    expect([await admits(web), await admits(side), questions(web, side)]).toEqual([true, true, 0]);
  });

  it("are not looked up where no namespace enforces, nor what has ended", async () => {
    const web = await signed("web");
    run("web", "test", web);
    run("web", "elsewhere", web);
    api.store.put("/api/v1/namespaces/shop/pods", {
      ...(aPod(web) as object),
      metadata: { name: "old", namespace: "shop" },
      status: { phase: "Succeeded" },
    });
    expect(await start({ images: 10 })).toMatchObject({ images: 0 });
    expect(questions(web)).toBe(0);
  });

  it("are those of most pods, where only so many are asked for", async () => {
    const [web, api2] = [await signed("web"), await signed("api")];
    run("api", "shop", api2);
    for (const name of ["web1", "web2"]) run(name, "shop", web);
    expect(await start({ images: 1 })).toMatchObject({ images: 1, collected: 1 });
    expect(questions(api2)).toBe(0);
  });

  it("are known already where somebody has asked meanwhile", async () => {
    const web = await signed("web");
    run("web", "shop", web);
    expect(await admits(web)).toBe(true);
    questions(web);
    expect(await start({ images: 10 })).toMatchObject({ known: 1 });
    expect(questions(web)).toBe(0);
  });

  it("change no verdict: an image whose look-up failed is judged by its registry", async () => {
    const web = await signed("web");
    run("web", "shop", web);
    world.registry.fault(/./, { kind: "status", status: 403 });
    expect(await start({ images: 10 })).toMatchObject({ failed: 1 });
    expect(await admits(web)).toBe(false);
    world.registry.clearFaults();
    expect(await admits(web)).toBe(true);
  });

  it("that are not signed are refused, looked up or not", async () => {
    const bare = `${world.registry.host}/acme/app@${world.registry.pushImage("acme/app")}`;
    run("web", "shop", bare);
    expect(await start({ images: 10 })).toMatchObject({ collected: 1 });
    expect(await admits(bare)).toBe(false);
  });
});

describe("the look-up", () => {
  it.each([
    ["two", { images: 10, atOnce: 2 }, 2],
    ["four, which is the default", { images: 10 }, 4],
  ])("takes %s at a time", async (_, settings, most) => {
    for (let each = 0; each < 6; each++) run(`web${each}`, "shop", await signed(`web${each}`));
    let underWay = 0;
    let highest = 0;
    await start(settings, async (request) => {
      highest = Math.max(highest, (underWay += 1));
      const outcome = await gate.gate.warm(request);
      underWay -= 1;
      return outcome;
    });
    expect(highest).toBe(most);
  });

  it("is not begun where it is not asked for", async () => {
    run("web", "shop", await signed("web"));
    void start({});
    await new Promise((resolve) => setTimeout(resolve, 400)); // it begins after 250 ms, if at all
    expect(api.requests).toEqual([]);
  });

  it("is given up where pods may not be listed, with one line in the log", async () => {
    api.onRequest = () => ({ kind: "status", status: 403 });
    await start({ images: 10 });
    expect(lines).toMatchObject([{ level: "warn", text: expect.stringContaining("cannot be listed") }]);
  });

  it("takes nothing else with it where it fails in an unforeseen way", async () => {
    run("web", "shop", await signed("web"));
    await start({ images: 10 }, () => Promise.reject(new Error("a defect")));
    expect(lines).toMatchObject([{ level: "warn", fields: { error: "Error: a defect" } }]);
  });

  it("ends with the gate, also in the middle", async () => {
    run("web", "shop", await signed("web"));
    const asked: string[] = [];
    const ended = start({ images: 10 }, ({ image }) =>
      Promise.resolve(asked.push(image) > 0 ? "busy" : "known"),
    );
    await soon(() => expect(asked.length).toBeGreaterThan(0));
    stop();
    expect(await ended).toMatchObject({ images: 1 });
  });
});

describe("the setting", () => {
  it("needs a cluster that pods can be listed of", () => {
    const server = { certificate: { mode: "directory", directory: "/tls" } };
    const files = { policy: "/policy.yaml" };
    const evidence = { prewarm: { images: 1 } };
    expect(Settings.safeParse({ server, files }).success).toBe(true);
    expect(Settings.safeParse({ server, files, evidence }).success).toBe(false);
    expect(Settings.safeParse({ server, cluster: { namespace: "gate" }, evidence }).success).toBe(true);
  });
});
