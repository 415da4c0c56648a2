import { afterAll, describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import { aPod } from "../support/review.ts";
import { aWaiver, waiverWorld } from "../support/waiver-world.ts";

const world = await waiverWorld();
const { unsigned, registry, waive, decide } = world;
const { host } = registry;

afterAll(world.close);

describe("E35: a waiver that leaves its image scope", () => {
  it("counts for its repository, and not for the same digest under another name", async () => {
    const others = ["acme/app2", "acme/ap", "acme/other"];
    const answers = async (): Promise<boolean[]> =>
      Promise.all(["acme/app", ...others].map(async (repository) => (await decide({ repository })).allowed));
    waive(aWaiver(unsigned));
    expect(await answers()).toEqual([true, true, true, true]);
    waive(aWaiver(unsigned, { image: `${host}/acme/app` }));
    expect(await answers()).toEqual([true, false, false, false]);
  });

  it("counts however the image is written, as long as it is that image", async () => {
    waive(aWaiver(unsigned, { image: `${host}/acme/app` }));
    const tagged = aPod(`${host}/acme/app:1.0@${unsigned}`);
    expect((await decide({ object: tagged })).allowed).toBe(true);
  });

  it("never counts for another digest, with or without a scope", async () => {
    const other = registry.pushImage("acme/app");
    const object = aPod(`${host}/acme/app@${other}`);
    waive(aWaiver(unsigned), aWaiver(unsigned, { id: "W-2", image: `${host}/acme/app` }));
    expect((await decide({ object })).allowed).toBe(false);
    const beside = aPod(`${host}/acme/app@${unsigned}`, `${host}/acme/app@${other}`);
    expect((await decide({ object: beside })).allowed).toBe(false);
    expect((await decide()).allowed).toBe(true);
  });

  it("never counts for a tag, which may move", async () => {
    registry.tag("acme/app", "latest", unsigned);
    waive(aWaiver(unsigned, { image: `${host}/acme/app` }));
    const answer = await decide({ object: aPod(`${host}/acme/app:latest`) });
    expect(answer.allowed).toBe(false);
    expect(answer.status?.message).toContain("reference/unpinned");
  });

  it.each([
    "ghcr.io/acme/*",
    "**",
    "acme/app",
    "ghcr.io/acme/app:1.0",
    "ghcr.io/acme/APP",
    `ghcr.io/acme/app@${digestOf("x")}`,
    "",
  ])("takes only a whole repository for an image: %j", (image) => {
    expect(waive(aWaiver(unsigned, { image }))).toEqual([]);
  });
});
