import { expect, it } from "vitest";

import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";

it("the time of each step of a review is measured, listing apart from fetching", async () => {
  const { registry, sign, start } = await signedWorld();
  const digest = registry.pushImage("acme/app", { tag: "v1" });
  await sign(digest);
  const gate = await start();
  const review = aReview({ object: aPod(`${registry.host}/acme/app:v1`) });
  await gate.post("/validate/advisory?timeout=20s", review);
  const text = await (await fetch(`${gate.probeUrl}/metrics`)).text();
  const counts = [...text.matchAll(/^mc_gate_phase_duration_seconds_count\{phase="(\w+)"\} (\d+)$/gm)];
  expect(Object.fromEntries(counts.map(([, phase, count]) => [phase, count]))).toEqual({
    resolve: "1",
    list: "1",
    fetch: "1",
    verify: "1",
    judge: "1",
  });
  await gate.stop();
  await registry.close();
});
