import { describe, expect, it } from "vitest";

import { publishLayer } from "../support/publish.ts";
import { aPod, aReview } from "../support/review.ts";
import { cosignSign } from "../support/signed-layers.ts";
import { signedWorld } from "../support/signed-world.ts";
import { createSigstore } from "../support/sigstore.ts";

describe("F41: a cache hit that returns what was never verified", () => {
  it("keeps a foreign signature out of the first answer and of every later one", async () => {
    const { registry, start } = await signedWorld();
    const foreign = await createSigstore();
    const digest = registry.pushImage("acme/app");
    publishLayer(
      registry,
      "acme/app",
      digest,
      await cosignSign.bundle(foreign, await foreign.identity(), digest),
    );
    const gate = await start();
    const review = aReview({ object: aPod(`${registry.host}/acme/app@${digest}`) });
    for (let at = 0; at < 5; at++) {
      const { allowed, auditAnnotations } = (await gate.post("/validate/enforce", review)).body.response!;
      expect(allowed).toBe(false);
      expect(auditAnnotations).not.toHaveProperty("evidence");
    }
    await gate.stop();
    await registry.close();
  });

  it("forgets what was verified by trust material that is trusted no more", async () => {
    const { registry, sign, start, policy } = await signedWorld();
    const digest = registry.pushImage("acme/app");
    await sign(digest);
    const gate = await start();
    const review = aReview({ object: aPod(`${registry.host}/acme/app@${digest}`) });
    expect((await gate.post("/validate/enforce", review)).body.response!.allowed).toBe(true);
    const other = JSON.parse(policy) as { trustRoots: { test: { trustedRoot: string } } };
    other.trustRoots.test.trustedRoot = JSON.stringify((await createSigstore()).trustedRoot);
    expect(gate.policy.offer(JSON.stringify(other))).toEqual([]);
    expect((await gate.post("/validate/enforce", review)).body.response!.allowed).toBe(false);
    await gate.stop();
    await registry.close();
  });
});
