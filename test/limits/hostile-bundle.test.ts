import { afterAll, describe, expect, it } from "vitest";

import { hostileBundle } from "../support/hostile.ts";
import { publishLayer } from "../support/publish.ts";
import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";

const { registry, sign, start } = await signedWorld();
const gate = await start();
const ordinary = registry.pushImage("acme/app");
await sign(ordinary);
const hostile = hostileBundle(6_000);

afterAll(async () => {
  await gate.stop();
  await registry.close();
});

async function review(digest: string): Promise<string> {
  const object = aPod(`${registry.host}/acme/app@${digest}`);
  const { response } = (await gate.post("/validate/enforce?timeout=30s", aReview({ object }))).body;
  return response!.allowed ? "allowed" : response!.status!.message;
}

function hostileImage(): string {
  const digest = registry.pushImage("acme/app");
  publishLayer(registry, "acme/app", digest, hostile);
  return digest;
}

describe("a hostile bundle of 4 MB with 6,000 log entries", () => {
  it("is as large as it says", () => {
    expect(hostile.bytes.byteLength).toBeGreaterThan(3_500_000);
  });

  it("is refused by a limit, and ordinary reviews beside it are allowed", async () => {
    const attack = Promise.all(Array.from({ length: 5 }, () => review(hostileImage())));
    const ordinaries = await Promise.all(Array.from({ length: 30 }, () => review(ordinary)));
    expect(new Set(ordinaries)).toEqual(new Set(["allowed"]));
    expect(await attack).toEqual(Array(5).fill(expect.stringContaining("[limits/exceeded]")));
  });
});
