import { describe, expect, it } from "vitest";

import { aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";

const PACKAGE = { group: "pkg.example.org", version: "v1", kind: "Function" };
const workloads = [{ group: PACKAGE.group, kind: PACKAGE.kind, path: ["spec", "runtime", "pod"] }];

describe("I65: a tag in a custom resource, which its controller resolves later", () => {
  it("is refused where digests are required, like that of a pod; the signed digest passes", async () => {
    const { registry, sign, start } = await signedWorld();
    const digest = registry.pushImage("acme/app", { tag: "v1" });
    await sign(digest);
    const gate = await start({ workloads });
    const decide = async (image: string) => {
      const pod = { containers: [{ name: "c", image: `${registry.host}/acme/app${image}` }] };
      const object = { metadata: { name: "f", namespace: "shop" }, spec: { runtime: { pod } } };
      return (await gate.post("/validate/enforce", aReview({ kind: PACKAGE, object }))).body.response!;
    };
    expect(await decide(":v1")).toMatchObject({
      allowed: false,
      status: { message: expect.stringContaining("reference/unpinned") },
    });
    expect(await decide(`:v1@${digest}`)).toMatchObject({ allowed: true });
    expect(await decide(`@${registry.pushImage("acme/app")}`)).toMatchObject({ allowed: false });
    await gate.stop();
    await registry.close();
  });
});
