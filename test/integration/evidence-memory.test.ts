import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { openEvidenceFiles } from "../../src/evidence-files/index.ts";
import { aPod, aReview } from "../support/review.ts";
import type { RunningGate } from "../support/running-gate.ts";
import { type SignedWorld, signedWorld } from "../support/signed-world.ts";

const HOUR = 3_600_000;

describe("evidence over a restart, while the registry is down", () => {
  let folder: string;
  let world: SignedWorld;
  let image: string;
  let now: number;
  const gates: RunningGate[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "mc-memory-"));
    world = await signedWorld();
    now = Date.now();
    const digest = world.registry.pushImage("acme/app");
    await world.sign(digest);
    image = `${world.registry.host}/acme/app@${digest}`;
  });
  afterEach(async () => {
    await Promise.all(gates.splice(0).map((gate) => gate.stop()));
    await world.registry.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A gate with what an earlier one left in the folder. */
  async function start(policy = world.policy): Promise<RunningGate> {
    const limits = { mostBytes: 10_000_000, mostFileBytes: 1_000_000 };
    const memory = await openEvidenceFiles({ folder, ...limits, onProblem: () => undefined });
    const gate = await world.start({ memory, policy, now: () => new Date(now) });
    gates.push(gate);
    return { ...gate, stop: () => gate.stop().then(() => memory.close()) };
  }

  async function ask(
    gate: RunningGate,
    timeout = "30s",
  ): Promise<{ readonly allowed: boolean; readonly message: string }> {
    const { body } = await gate.post(
      `/validate/enforce?timeout=${timeout}`,
      aReview({ object: aPod(image) }),
    );
    return { allowed: body.response!.allowed, message: body.response!.status?.message ?? "" };
  }

  /** A gate verifies the image and ends; then the registry goes down. */
  async function restart(): Promise<void> {
    const first = await start();
    expect(await ask(first)).toEqual({ allowed: true, message: "" });
    await first.stop();
    gates.length = 0;
    world.registry.goDown();
  }

  it("admits what was verified before, and says in its metrics that it is old", async () => {
    await restart();
    const gate = await start();
    expect(await ask(gate)).toMatchObject({ allowed: true });
    expect(await ask(gate)).toMatchObject({ allowed: true });
    const metrics = await (await fetch(`${gate.probeUrl}/metrics`)).text();
    expect(metrics).toContain('mc_gate_evidence_total{outcome="stale"} 1');
  });

  it("does not wait for a registry that says nothing", async () => {
    const first = await start();
    expect(await ask(first)).toEqual({ allowed: true, message: "" });
    await first.stop();
    gates.length = 0;
    world.registry.fault("/", { kind: "stall" });
    const gate = await start();
    expect(await ask(gate, "5s")).toMatchObject({ allowed: true });
  });

  it("verifies it anew: a trust root that no longer vouches for it refuses", async () => {
    await restart();
    const other = await signedWorld();
    const policy = other.policy.replaceAll(other.registry.host, world.registry.host);
    await other.registry.close();
    expect(await ask(await start(policy))).toMatchObject({
      allowed: false,
      // What is kept is worth a second of waiting for the registry, which a busy machine may need to fail.
      message: expect.stringMatching(/\[(registry\/unavailable|deadline\/exceeded)\]/),
    });
  });

  it("uses none that is damaged, and none that is too old", async () => {
    await restart();
    now += 25 * HOUR;
    expect(await ask(await start())).toMatchObject({
      allowed: false,
      message: expect.stringContaining("registry/unavailable"),
    });
    now -= 25 * HOUR;
    const file = join(folder, readdirSync(folder)[0]!);
    writeFileSync(file, readFileSync(file, "utf8").replace(/"bytes":"..../, '"bytes":"AAAA'));
    expect((await ask(await start())).allowed).toBe(false);
  });

  it("keeps nothing of an image that it never saw", async () => {
    await restart();
    image = image.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    expect(await ask(await start())).toMatchObject({
      allowed: false,
      message: expect.stringContaining("registry/unavailable"),
    });
  });
});
