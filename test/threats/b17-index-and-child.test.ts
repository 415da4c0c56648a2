import { describe, expect, it } from "vitest";

import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";

const { registry, sign, start } = await signedWorld();

describe("B17: an index and its platform images", () => {
  it("a signed index vouches for itself; a child needs a signature of its own, as the runtime runs it", async () => {
    const child = registry.pushImage("acme/app");
    const index = registry.pushIndex("acme/app", { manifests: [child] });
    await sign(index);
    const gate = await start();
    const decide = async (digest: string) => {
      const object = aPod(`${registry.host}/acme/app@${digest}`);
      return (await gate.post("/validate/enforce", aReview({ object }))).body.response!;
    };
    expect((await decide(index)).allowed).toBe(true);
    expect(await decide(child)).toMatchObject({
      allowed: false,
      status: { message: expect.stringContaining("signature/missing") },
    });
    await sign(child);
    await gate.stop();
    const again = await start();
    const object = aPod(`${registry.host}/acme/app@${child}`);
    expect((await again.post("/validate/enforce", aReview({ object }))).body.response!.allowed).toBe(true);
    await again.stop();
    await registry.close();
  });
});
