import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";
import { GITHUB_ISSUER, RELEASE_WORKFLOW } from "../support/sigstore-claims.ts";

const { registry, sign, start, policy } = await signedWorld();
const digest = registry.pushImage("acme/app");
await sign(digest);
const unsigned = registry.pushImage("acme/app");
const clock = { now: new Date() };
const gate = await start({ now: () => clock.now });

beforeEach(() => {
  clock.now = new Date("2026-11-24T09:00:00Z");
  gate.waivers.offer("waivers: []");
});
afterAll(async () => {
  await gate.stop();
  await registry.close();
});

async function decide(image: string, mode = "enforce") {
  const object = aPod(`${registry.host}/acme/app@${image}`);
  return (await gate.post(`/validate/${mode}`, aReview({ object }))).body.response!;
}

describe("F40: a cache hit that skips what may have changed", () => {
  it("applies an edited policy to evidence that is in memory", async () => {
    expect((await decide(digest)).allowed).toBe(true);
    const requests = registry.requests.length;
    const stricter = JSON.parse(policy) as { authorities: { release: { keyless: { identity: string } } } };
    stricter.authorities.release.keyless.identity =
      "https://github.com/acme/other/.github/workflows/x.yml@refs/heads/main";
    expect(gate.policy.offer(JSON.stringify(stricter))).toEqual([]);
    expect((await decide(digest)).allowed).toBe(false);
    expect(gate.policy.offer(policy)).toEqual([]);
    expect((await decide(digest)).allowed).toBe(true);
    expect(registry.requests.length).toBe(requests);
  });

  it("applies a waiver, and its end on the very instant, to evidence that is in memory", async () => {
    expect((await decide(unsigned)).allowed).toBe(false);
    const waiver = {
      id: "W-1",
      class: "signature",
      digest: unsigned,
      reason: "The supplier signs from the next release on.",
      owners: ["team"],
      created: "2026-11-24T08:00:00Z",
      expires: "2026-11-24T10:00:00Z",
    };
    expect(gate.waivers.offer(JSON.stringify({ waivers: [waiver] }))).toEqual([]);
    expect(await decide(unsigned)).toMatchObject({
      allowed: true,
      warnings: [expect.stringContaining("W-1")],
    });
    clock.now = new Date("2026-11-24T09:59:59.999Z");
    expect((await decide(unsigned)).allowed).toBe(true);
    clock.now = new Date("2026-11-24T10:00:00Z");
    expect((await decide(unsigned)).allowed).toBe(false);
  });

  it.each([
    [
      "the signer's identity",
      { issuer: GITHUB_ISSUER, identity: RELEASE_WORKFLOW, from: "2020-01-01T00:00:00Z" },
    ],
    ["the digest", { digest }],
  ])("applies a revocation of %s to evidence that is in memory, and its end", async (_, target) => {
    clock.now = new Date();
    expect((await decide(digest)).allowed).toBe(true);
    const requests = registry.requests.length;
    const entry = {
      id: "R-1",
      ...target,
      reason: "The runner that signs was taken over.",
      created: "2026-11-24T08:00:00Z",
    };
    expect(gate.revocations.offer(JSON.stringify({ revocations: [entry] }))).toEqual([]);
    expect((await decide(digest)).allowed).toBe(false);
    expect(gate.revocations.offer("revocations: []")).toEqual([]);
    expect((await decide(digest)).allowed).toBe(true);
    expect(registry.requests.length).toBe(requests);
  });

  it("applies the mode of each request", async () => {
    expect((await decide(unsigned, "advisory")).allowed).toBe(true);
    expect((await decide(unsigned, "enforce")).allowed).toBe(false);
  });
});
