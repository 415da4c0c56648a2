import { describe, expect, it } from "vitest";

import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";

describe("I53: a cache keyed by the reference", () => {
  it.each([
    ["a tag", (tag: string) => tag],
    ["a tag with the digest it points to", (tag: string, digest: string) => `${tag}@${digest}`],
  ])("gives nothing of the old image where %s moves to an unsigned one", async (_, written) => {
    const { registry, sign, start } = await signedWorld();
    const signed = registry.pushImage("acme/app", { tag: "stable" });
    await sign(signed);
    const gate = await start();
    const warnings = async (digest: string): Promise<string> => {
      const object = aPod(`${registry.host}/acme/app${written(":stable", digest)}`);
      const { body } = await gate.post("/validate/advisory", aReview({ object }));
      return (body.response!.warnings ?? []).join("\n");
    };
    expect(await warnings(signed)).not.toContain("signature/missing");
    const unsigned = registry.pushImage("acme/app");
    registry.tag("acme/app", "stable", unsigned);
    expect(await warnings(unsigned)).toContain("signature/missing");
    await gate.stop();
    await registry.close();
  });
});
