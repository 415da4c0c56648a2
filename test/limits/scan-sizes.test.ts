import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { type AttestedWorld, attestedWorld, scan } from "../support/attested-world.ts";

let world: AttestedWorld;
beforeEach(async () => {
  world = await attestedWorld();
});
afterEach(() => world.close());

/** A busy machine may take longer over 60 MB than a registry may: that is a fault, and no verdict yet. */
async function judged(digest: Digest): ReturnType<AttestedWorld["judged"]> {
  for (;;) {
    const verdict = await world.judged("scan", digest);
    if (!verdict.codes.includes("registry/unavailable")) return verdict;
  }
}

describe("a scan of any size counts", { timeout: 180_000 }, () => {
  it("a clean scan and a newer one of 5 MB with a critical: refused", async () => {
    const digest = world.image();
    await world.attachScan(digest, 1, "clean");
    await world.attachScan(digest, 2, "bad", 5_000_000);
    expect((await judged(digest)).codes).toEqual(["vulnerability/blocked"]);
  });

  it("one of 5 MB that nothing says is a scan: admitted", async () => {
    const digest = world.image();
    world.attach(digest, await scan(digest, 1, "clean", 5_000_000));
    expect((await judged(digest)).codes).toEqual([]);
  });

  it.each([
    ["without a critical: admitted", "clean", []],
    ["with a critical: refused", "bad", ["vulnerability/blocked"]],
  ] as const)("one of 60 MB %s", async (_, found, codes) => {
    const digest = world.image();
    await world.attachScan(digest, 1, found, 60_000_000);
    expect((await judged(digest)).codes).toEqual(codes);
  });

  it("one of 70 MB: the limit is named that has to be raised", async () => {
    const digest = world.image();
    await world.attachScan(digest, 1, "clean", 70_000_000);
    const { codes, text } = await judged(digest);
    expect(codes).toEqual(["limits/exceeded"]);
    expect(text).toContain("registries.limits.blobBytes");
  });
});
