import { describe, expect, it } from "vitest";

import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";

describe("B18: a cache keyed by tag", () => {
  it("sees at once that a tag points to another, unsigned image", async () => {
    const { registry, sign, start } = await signedWorld();
    await sign(registry.pushImage("acme/app", { tag: "stable" }));
    const gate = await start();
    const review = aReview({ object: aPod(`${registry.host}/acme/app:stable`) });
    const warnings = async () =>
      (await gate.post("/validate/advisory", review)).body.response!.warnings!.join("\n");
    expect(await warnings()).not.toContain("signature/missing");
    registry.tag("acme/app", "stable", registry.pushImage("acme/app"));
    expect(await warnings()).toContain("signature/missing");
    await gate.stop();
    await registry.close();
  });
});
