import { afterAll, describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";
import { RELEASE_WORKFLOW } from "../support/sigstore-claims.ts";

const { registry, key, sign, start } = await signedWorld();
const gate = await start();
const digest = registry.pushImage("acme/app");
await sign(digest);

afterAll(async () => {
  await gate.stop();
  await registry.close();
});

const reason = "The release token was read by a stolen scanner.";
const created = new Date().toISOString();
const issuer = "https://token.actions.githubusercontent.com";
const signer = { id: "R-1", issuer, identity: RELEASE_WORKFLOW, reason, created };

async function answer(of: Digest = digest): Promise<{ allowed: boolean; message: string }> {
  const object = aPod(`${registry.host}/acme/app@${of}`);
  const { response } = (await gate.post("/validate/enforce?timeout=10s", aReview({ object }))).body;
  return { allowed: response!.allowed, message: response!.status?.message ?? "" };
}

function revoke(...revocations: readonly object[]): readonly unknown[] {
  return gate.revocations.offer(JSON.stringify({ revocations }));
}

function waive(...classes: readonly string[]): readonly unknown[] {
  const approvals = [
    { by: "rita", seat: "release-manager", at: created },
    { by: "dev", seat: "devsecops", at: created },
  ];
  const waivers = classes.map((each) => ({
    id: `W-${each}`,
    class: each,
    digest,
    reason: "It must run for the length of a test.",
    owners: ["olga"],
    created,
    ttl: "1h",
    approvals,
  }));
  return gate.waivers.offer(JSON.stringify({ waivers }));
}

describe("a revocation", () => {
  it("counts at the very next review, although the evidence is cached", async () => {
    expect(await answer()).toMatchObject({ allowed: true });
    expect(revoke(signer)).toEqual([]);
    const refused = await answer();
    expect(refused.allowed).toBe(false);
    expect(refused.message).toContain("revocation R-1");
    expect(refused.message).toContain("[revocation/signer");
    revoke();
    expect(await answer()).toMatchObject({ allowed: true });
  });

  it("is helped by no waiver", async () => {
    expect(waive("signature", "provenance")).toEqual([]);
    revoke(signer);
    expect(await answer()).toMatchObject({
      allowed: false,
      message: expect.stringContaining("[revocation/signer"),
    });
    revoke({ id: "R-2", digest, reason, created });
    expect(await answer()).toMatchObject({
      allowed: false,
      message: expect.stringContaining("[revocation/digest"),
    });
    revoke();
    waive();
  });

  it("leaves an image alone that another trusted signer signed", async () => {
    const both = registry.pushImage("acme/app");
    await sign(both);
    await sign(both, key);
    revoke(signer);
    expect(await answer(both)).toMatchObject({ allowed: true });
    revoke();
  });

  it("that cannot be read leaves the last good list in force", async () => {
    revoke(signer);
    expect(gate.revocations.offer("revocations: [{}]").length).toBeGreaterThan(0);
    expect(await answer()).toMatchObject({ allowed: false });
    revoke();
  });

  it("names an image that must not be promoted; that one may be waived", async () => {
    gate.revocations.offer(
      JSON.stringify({ revocations: [], nonPromotable: [{ digest, reason: "no history" }] }),
    );
    expect(await answer()).toMatchObject({
      allowed: false,
      message: expect.stringContaining("[promotable/refused"),
    });
    expect(waive("promotable")).toEqual([]);
    expect(await answer()).toMatchObject({ allowed: true });
    revoke();
    waive();
  });
});
