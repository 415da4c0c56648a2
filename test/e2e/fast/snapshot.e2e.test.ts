import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type SignedWorld, signedWorld } from "../../support/signed-world.ts";
import type { Cluster } from "../support/cluster.ts";
import { type GateProcess, startGate } from "../support/gate.ts";
import { eventually } from "../support/process.ts";
import { cluster } from "../support/scenario.ts";

const NAMESPACE = "waiting";
const DELAY_MS = 1500;

function tryPod(image: string): ReturnType<Cluster["kubectl"]> {
  const spec = { containers: [{ name: "web", image }] };
  const object = { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: NAMESPACE }, spec };
  return cluster().kubectl(["apply", "-f", "-", "--dry-run=server"], { stdin: JSON.stringify(object) });
}

describe("a review that waits for a slow registry", () => {
  let world: SignedWorld;
  let gate: GateProcess;

  /** A signed image that no one asked about. */
  async function signedImage(): Promise<{ image: string; digest: string }> {
    const digest = world.registry.pushImage("acme/app");
    await world.sign(digest);
    return { image: `${world.registry.host}/acme/app@${digest}`, digest };
  }

  beforeAll(async () => {
    world = await signedWorld();
    const { kubectlOk, kubectl } = cluster();
    await kubectlOk(["create", "namespace", NAMESPACE]);
    await kubectlOk(["label", "namespace", NAMESPACE, "mc-gate.dev/mode=enforce"]);
    await eventually("the service account", async () => {
      const { code } = await kubectl(["-n", NAMESPACE, "get", "serviceaccount", "default"]);
      return code === 0 ? true : undefined;
    });
    gate = await startGate({ cluster: cluster(), registries: [world.registry.host], policy: world.policy });
    await eventually("the webhook", async () => {
      const { code } = await tryPod(`${world.registry.host}/acme/app:unpinned`);
      return code === 1 ? true : undefined;
    });
  });
  afterAll(async () => {
    await gate?.stop();
    await world?.registry.close();
  });

  it("is answered once the registry has answered", async () => {
    const { image } = await signedImage();
    world.registry.fault("/", { kind: "delay", milliseconds: DELAY_MS });
    expect(await tryPod(image)).toMatchObject({ code: 0 });
  });

  it("is refused where its digest is revoked while it waits", async () => {
    const { image, digest } = await signedImage();
    const before = world.registry.requests.length;
    const waiting = tryPod(image);
    await eventually("the look-up", () =>
      Promise.resolve(world.registry.requests.length > before ? true : undefined),
    );
    const entry = `{ id: R-1, digest: "${digest}", reason: "It ships live credentials.", created: 2026-11-24T00:00:00Z }`;
    expect(await gate.setRevocations(`revocations:\n  - ${entry}\n`)).toMatchObject({ code: 0 });
    const { code, stderr } = await waiting;
    expect([code, stderr]).toEqual([1, expect.stringContaining("[revocation/digest]")]);
    expect(stderr).toContain("revocation R-1 voids it");
  });
});
