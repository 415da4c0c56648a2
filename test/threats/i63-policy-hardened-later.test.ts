import { describe, expect, it } from "vitest";

import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";
import { RELEASE_WORKFLOW } from "../support/sigstore-claims.ts";

interface Rules {
  authorities: { release: { keyless: { identity: string } } };
  rules: { require: Record<string, unknown> }[];
}

describe("I63: looked up under an old policy, run under a new one", () => {
  it.each<[string, (policy: Rules) => void]>([
    [
      "trusts another workflow",
      (policy) => {
        policy.authorities.release.keyless.identity = RELEASE_WORKFLOW.replace("release", "other");
      },
    ],
    [
      "asks for provenance, too",
      (policy) => {
        policy.rules[0]!.require["provenance"] = { anyOf: ["release"] };
      },
    ],
  ])("an image that was looked up ahead is judged by the policy that now %s", async (_, harden) => {
    const { registry, sign, policy, start } = await signedWorld();
    const digest = registry.pushImage("acme/app");
    await sign(digest);
    const gate = await start();
    const image = `${registry.host}/acme/app@${digest}`;
    expect(await gate.gate.warm({ image, namespace: "shop", access: {} })).toBe("collected");
    const allowed = async () =>
      (await gate.post("/validate/enforce", aReview({ object: aPod(image) }))).body.response!.allowed;
    expect(await allowed()).toBe(true);
    const harder = JSON.parse(policy) as Rules;
    harden(harder);
    expect(gate.policy.offer(JSON.stringify(harder))).toEqual([]);
    expect(await allowed()).toBe(false);
    await gate.stop();
    await registry.close();
  });
});
