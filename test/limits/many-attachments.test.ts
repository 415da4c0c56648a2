import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type AttestedWorld, attestedWorld, SCAN, SUMMARY } from "../support/attested-world.ts";

let world: AttestedWorld;
beforeAll(async () => {
  world = await attestedWorld();
});
afterAll(() => world.close());

describe("the newest of hundreds of attestations counts", () => {
  it("640 clean scans and a newer one with a critical: refused", async () => {
    const digest = world.image();
    await world.attachScans(digest, 640);
    await world.attachScan(digest, 640, "bad");
    expect((await world.judged("scan", digest)).codes).toEqual(["vulnerability/blocked"]);
  });

  it("a year of nightly scans, one of them with a critical, and the newest clean: admitted", async () => {
    const digest = world.image();
    await world.attachScans(digest, 364);
    await world.attachScan(digest, 100, "bad");
    await world.attachScan(digest, 365, "clean");
    expect((await world.judged("scan", digest)).decision).toBe("allow");
  });

  it("200 clean layers of .att and one with a critical after them: refused", async () => {
    const digest = world.image();
    await world.attachLayers(digest, 200);
    expect((await world.judged("scan", digest)).codes).toEqual(["vulnerability/blocked"]);
  });
});

describe("an image whose attachments exceed a limit because of junk", () => {
  it.each([
    ["before", 1100, 0],
    ["behind", 0, 1100],
  ])("1,100 junk referrers %s a FAILED summary: the limit is named", async (_, before, behind) => {
    const digest = world.image();
    await world.attachSummary(digest, "PASSED", 1, SUMMARY);
    world.attachJunk(digest, before, "before");
    await world.attachSummary(digest, "FAILED", 2);
    world.attachJunk(digest, behind, "behind");
    const { codes, text } = await world.judged("summary", digest);
    expect(codes).toContain("limits/exceeded");
    expect(text).toContain("registries.limits.referrers");
  });

  it("junk that states a later time and another type takes nothing from a scan", async () => {
    const digest = world.image();
    await world.attachScan(digest, 1, "clean");
    for (let at = 0; at < 1100; at += 1)
      world.attach(digest, `junk ${at}`, "https://spdx.dev/Document", 9_000_000 + at);
    await world.attachScan(digest, 2, "bad");
    expect((await world.judged("scan", digest)).codes).toEqual(["vulnerability/blocked"]);
  });

  it("a clean scan, a bad one of 0.8 MB, 55 junk bundles that spend the bytes: refused", async () => {
    const digest = world.image();
    await world.attachScan(digest, 1, "clean");
    await world.attachScan(digest, 2, "bad", 800_000);
    for (let at = 0; at < 55; at += 1) world.attach(digest, `${at}`.padEnd(600_000), SCAN, 0);
    expect((await world.judged("scan", digest)).codes).toContain("vulnerability/blocked");
  });
});
