import { describe, expect, it } from "vitest";

import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";

describe("F42: a cache hit that denies a good image", () => {
  it("looks again before it refuses: an image signed a moment ago is admitted", async () => {
    const { registry, sign, start } = await signedWorld();
    const clock = { now: Date.now() };
    const gate = await start({ now: () => new Date(clock.now) });
    const digest = registry.pushImage("acme/app");
    const review = aReview({ object: aPod(`${registry.host}/acme/app@${digest}`) });
    expect((await gate.post("/validate/enforce", review)).body.response!.allowed).toBe(false);
    await sign(digest);
    clock.now += 4_000;
    expect((await gate.post("/validate/enforce", review)).body.response!.allowed).toBe(true);
    await gate.stop();
    await registry.close();
  });

  it("keeps two repositories with the same digest apart", async () => {
    const { registry, sign, start } = await signedWorld({ images: "**" });
    const gate = await start();
    const digest = registry.pushImage("acme/app", { content: "same" });
    expect(registry.pushImage("evil/app", { content: "same" })).toBe(digest);
    await sign(digest);
    const decide = async (repository: string) => {
      const object = aPod(`${registry.host}/${repository}@${digest}`);
      return (await gate.post("/validate/enforce", aReview({ object }))).body.response!.allowed;
    };
    expect([await decide("evil/app"), await decide("acme/app"), await decide("evil/app")]).toEqual([
      false,
      true,
      false,
    ]);
    await gate.stop();
    await registry.close();
  });

  it("does not turn old evidence and a registry that is down into a refusal", async () => {
    const { registry, start } = await signedWorld();
    const clock = { now: Date.now() };
    const gate = await start({ now: () => new Date(clock.now) });
    const digest = registry.pushImage("acme/app");
    const review = aReview({ object: aPod(`${registry.host}/acme/app@${digest}`) });
    expect((await gate.post("/validate/enforce", review)).body.response!.status!.message).toContain(
      "signature/missing",
    );
    registry.fault("/v2/", { kind: "status", status: 503 });
    clock.now += 60_000;
    const { status } = (await gate.post("/validate/enforce", review)).body.response!;
    expect(status).toMatchObject({ code: 503, message: expect.stringContaining("registry/") });
    await gate.stop();
    await registry.close();
  });
});
