import { describe, expect, it } from "vitest";

import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";

describe("G44: pushing the webhook past its timeout", () => {
  it("answers with its own sentence while the registry is silent, and goes on collecting", async () => {
    const { registry, sign, start } = await signedWorld();
    const digest = registry.pushImage("acme/app");
    await sign(digest);
    registry.fault("/referrers/", { kind: "delay", milliseconds: 1_500 });
    const gate = await start();
    const review = aReview({ object: aPod(`${registry.host}/acme/app@${digest}`) });
    const { allowed, status } = (await gate.post("/validate/enforce?timeout=1s", review)).body.response!;
    expect([allowed, status]).toEqual([
      false,
      expect.objectContaining({ code: 503, reason: "ServiceUnavailable" }),
    ]);
    expect(status!.message).toContain("[deadline/exceeded]");
    const later = await gate.post("/validate/enforce?timeout=30s", review);
    expect(later.body.response!.allowed).toBe(true);
    await gate.stop();
    await registry.close();
  });

  it.each(["0s", "-1s", "31s", "1h", "", "Infinity", "1e9s"])(
    "takes the timeout %j for ten seconds, not for none",
    async (timeout) => {
      const { decisionBudgetMs } = await import("../../src/admission/deadline.ts");
      expect(decisionBudgetMs(timeout)).toBe(9_000);
    },
  );
});
