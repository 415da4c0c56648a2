import { afterAll, describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";

const { registry, sign, start, policy } = await signedWorld();
afterAll(() => registry.close());

/** The world's policy, with what its rule says of checkpoints. */
function policyWith(checkpoints: "refused" | "allowed"): string {
  const { rules, ...rest } = JSON.parse(policy) as { rules: [{ require: object }] };
  const [rule] = rules;
  const require = { ...rule.require, reference: { pinned: true, checkpoints } };
  return JSON.stringify({ ...rest, rules: [{ ...rule, require }] });
}

function checkpoint(annotations: object): Digest {
  return registry.pushManifest("acme/app", {
    schemaVersion: 2,
    config: { mediaType: "application/vnd.oci.image.config.v1+json" },
    layers: [],
    annotations,
  });
}

describe("I57: a signed image that is a checkpoint, which restores memory on top of another image", () => {
  const decide = async (digest: Digest, text: string, revocations?: string) => {
    await sign(digest);
    const gate = await start({ policy: text, ...(revocations !== undefined && { revocations }) });
    const object = aPod(`${registry.host}/acme/app@${digest}`);
    const { response } = (await gate.post("/validate/enforce", aReview({ object }))).body;
    await gate.stop();
    return response!.allowed ? "allowed" : response!.status?.message;
  };
  const containerd = checkpoint({ "org.criu.checkpoint.container.name": "counter" });
  const crio = checkpoint({ "io.kubernetes.cri-o.annotations.checkpoint.name": "counter" });
  const inIndex = registry.pushIndex("acme/app", { manifests: [containerd] });
  const plain = checkpoint({ "org.opencontainers.image.title": "counter" });

  it.each([
    ["for containerd", containerd],
    ["for CRI-O", crio],
    ["that an index lists", inIndex],
  ])("is refused %s, though it is signed, where the policy refuses checkpoints", async (_, digest) => {
    expect(await decide(digest, policyWith("refused"))).toContain("[reference/checkpoint]");
  });

  it("is refused without a word in the policy, where the manifest is read to find what is revoked", async () => {
    const entry = { id: "R-1", digest: plain, reason: "It ships live credentials." };
    const revocations = [{ ...entry, created: "2026-11-24T00:00:00Z" }];
    expect(await decide(containerd, policy, JSON.stringify({ revocations }))).toContain(
      "[reference/checkpoint]",
    );
  });

  it("passes where the policy allows checkpoints, and so does an image that is none", async () => {
    expect(await decide(containerd, policyWith("allowed"))).toBe("allowed");
    expect(await decide(plain, policyWith("refused"))).toBe("allowed");
  });
});
