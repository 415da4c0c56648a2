import { setTimeout as pause } from "node:timers/promises";

import { afterAll, describe, expect, it } from "vitest";

import { hostileBundle } from "../support/hostile.ts";
import { publishLayer } from "../support/publish.ts";
import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";

const EVERY_MS = 20;
const ROUND_MS = 3_000;
const SLOW_MS = 100;

const { registry, sign, start } = await signedWorld();
const gate = await start();
const ordinary = registry.pushImage("acme/app");
await sign(ordinary);
const hostile = hostileBundle(6_000);

afterAll(async () => {
  await gate.stop();
  await registry.close();
});

async function review(
  digest: string,
): Promise<{ readonly allowed: boolean; readonly ms: number; readonly message: string }> {
  const started = performance.now();
  const object = aPod(`${registry.host}/acme/app@${digest}`);
  const { response } = (await gate.post("/validate/enforce?timeout=10s", aReview({ object }))).body;
  return {
    allowed: response!.allowed,
    ms: performance.now() - started,
    message: response!.status?.message ?? "",
  };
}

/** Fifty ordinary reviews a second for three seconds; times in ms. */
async function ordinaryReviews(): Promise<number[]> {
  const times: Promise<number>[] = [];
  for (let sent = 0; sent < ROUND_MS / EVERY_MS; sent++) {
    times.push(review(ordinary).then(({ allowed, ms }) => (expect(allowed).toBe(true), ms)));
    await pause(EVERY_MS);
  }
  return Promise.all(times);
}

function hostileImages(count: number): string[] {
  return Array.from({ length: count }, () => {
    const digest = registry.pushImage("acme/app");
    publishLayer(registry, "acme/app", digest, hostile);
    return digest;
  });
}

function slow(times: readonly number[]): number {
  return times.filter((ms) => ms > SLOW_MS).length;
}

describe("a hostile bundle of 4 MB with 6,000 log entries", () => {
  it("is as large as it says", () => {
    expect(hostile.bytes.byteLength).toBeGreaterThan(3_500_000);
  });

  // What the machine itself delays, it delays in a quiet round as well, and not in each of five tries.
  it("is refused, and makes no ordinary review slow", { timeout: 180_000, retry: 4 }, async () => {
    await review(ordinary);
    const before = await ordinaryReviews();
    const attack = Promise.all(hostileImages(5).map(review));
    const busy = await ordinaryReviews();
    for (const { allowed, message } of await attack) {
      expect([allowed, message]).toEqual([false, expect.stringContaining("[limits/exceeded]")]);
    }
    expect(busy.length).toBe(ROUND_MS / EVERY_MS);
    const after = await ordinaryReviews();
    expect(slow(busy)).toBeLessThanOrEqual(Math.max(slow(before), slow(after)));
  });
});
