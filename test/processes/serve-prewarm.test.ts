import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { MODE_LABEL } from "../../src/core/index.ts";
import { PROGRAM } from "../support/bundled.ts";
import { type FakeApiServer, startFakeApiServer } from "../support/fake-api-server.ts";
import { aPod } from "../support/review.ts";
import { writeServeSettings } from "../support/serve-settings.ts";
import { type SignedWorld, signedWorld } from "../support/signed-world.ts";

const PATIENCE = { timeout: 90_000, interval: 20 };

describe("mc serve, beside a registry that takes questions and never answers", () => {
  let folder: string;
  let api: FakeApiServer;
  let world: SignedWorld;
  let gate: ChildProcess;
  let logged: Readonly<Record<string, unknown>>[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "mc-prewarm-"));
    [api, world] = await Promise.all([startFakeApiServer(), signedWorld()]);
    world.registry.fault(/./, { kind: "stall" });
    logged = [];
  });
  afterEach(async () => {
    const gone = once(gate, "exit");
    gate.kill("SIGKILL");
    await gone;
    await Promise.all([api.close(), world.registry.close()]);
    rmSync(folder, { recursive: true, force: true });
  });

  function putDocument(name: string, key: string, text: string): void {
    api.store.put("/api/v1/namespaces/gate/configmaps", {
      metadata: { name, namespace: "gate" },
      data: { [key]: text },
    });
  }

  async function start(): Promise<void> {
    const { file } = await writeServeSettings(folder, {
      cluster: { kubeconfig: api.kubeconfig, namespace: "gate" },
      registries: { hosts: { [world.registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } } },
      evidence: { prewarm: { images: 10 } },
      tuf: { enabled: false },
    });
    gate = spawn(process.execPath, [PROGRAM, "serve", "--settings", file]);
    createInterface({ input: gate.stdout! }).on("line", (line) => logged.push(JSON.parse(line)));
    await vi.waitFor(() => expect(logged.some(({ msg }) => msg === "listening")).toBe(true), PATIENCE);
  }

  async function probe(path: string): Promise<{ readonly status: number; readonly text: string }> {
    const { probePort } = logged.find(({ msg }) => msg === "listening")!;
    const answer = await fetch(`http://127.0.0.1:${probePort as number}${path}`);
    return { status: answer.status, text: await answer.text() };
  }

  it("waits for documents, is ready without the registry, and looks up what runs behind that", async () => {
    const image = `${world.registry.host}/acme/app@${world.registry.pushImage("acme/app")}`;
    api.store.put("/api/v1/namespaces", { metadata: { name: "shop", labels: { [MODE_LABEL]: "enforce" } } });
    const status = { phase: "Running" };
    api.store.put("/api/v1/namespaces/shop/pods", {
      ...(aPod(image) as { metadata: { name: string } }),
      status,
    });
    await start();
    expect((await probe("/readyz")).status).toBe(503);
    expect(api.requests.some(({ resource }) => resource === "pods")).toBe(false);
    putDocument("mc-gate-policy", "policy.yaml", world.policy);
    putDocument("mc-gate-revocations", "revocations.yaml", "revocations: []");
    await vi.waitFor(async () => expect((await probe("/readyz")).status).toBe(200), PATIENCE);
    await vi.waitFor(() => expect(world.registry.requests.length).toBeGreaterThan(0), PATIENCE);
    expect((await probe("/readyz")).status).toBe(200);
    expect((await probe("/metrics")).text).toContain('mc_gate_prewarm_waiting{of="pods"} 1');
  });
});
