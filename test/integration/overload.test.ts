import { afterEach, describe, expect, it } from "vitest";

import { aPod, aReview } from "../support/review.ts";
import { largeReview, type SlowGate, slowGate } from "../support/slow-gate.ts";

const MIB = 1024 * 1024;

const open: { readonly close: () => unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((each) => each.close()));
});

async function started(limits: Parameters<typeof slowGate>[0]): Promise<SlowGate> {
  const gate = await slowGate(limits);
  open.push(gate.app);
  return gate;
}

function pod(uid: string): unknown {
  return aReview({ uid, object: aPod("x") });
}

describe("more reviews than are taken on at once", () => {
  it("are answered at once with their uid: refused in enforce, let through with a warning in advisory", async () => {
    const { post, release, shed, decided, asked } = await started({ reviews: 4, bytes: MIB });
    const taken = [post("/validate/enforce", pod("u-1")), post("/validate/enforce", pod("u-2"))];
    await expect.poll(asked).toBe(2);
    expect(await post("/validate/enforce?timeout=30s", pod("u-3"))).toMatchObject({
      uid: "u-3",
      allowed: false,
      status: { code: 503, message: expect.stringContaining("[limits/overloaded]") },
    });
    expect(await post("/validate/advisory?timeout=30s", pod("u-4"))).toMatchObject({
      uid: "u-4",
      allowed: true,
      warnings: [expect.stringContaining("limits/overloaded. Retry")],
    });
    expect([shed, decided.length, asked()]).toEqual([["reviews", "reviews"], 2, 2]);
    taken.push(post("/validate/enforce", aReview({ uid: "u-6", namespace: "another", object: aPod("x") })));
    await expect.poll(asked).toBe(3); // nobody takes another namespace's share
    release();
    expect((await Promise.all(taken)).map(({ allowed }) => allowed)).toEqual([true, true, true]);
    expect(await post("/validate/enforce", pod("u-5"))).toMatchObject({ uid: "u-5", allowed: true });
  });

  it("do not keep a change without new images from passing", async () => {
    const { post, asked } = await started({ reviews: 0, bytes: MIB });
    const unchanged = aReview({ operation: "UPDATE", object: aPod("x"), oldObject: aPod("x") });
    expect(await post("/validate/enforce", unchanged)).toMatchObject({ allowed: true });
    expect(asked()).toBe(0);
  });
});

describe("larger reviews than there is room for", () => {
  it("are answered with their uid by their first bytes, by the stricter of webhook and label", async () => {
    const { post, shed, asked } = await started({ reviews: 9, bytes: 16 * 1024 });
    const overload = expect.stringContaining("limits/overloaded");
    expect(await post("/validate/enforce", largeReview("u-1", 100))).toMatchObject({
      uid: "u-1",
      allowed: false,
      status: { code: 503, message: overload },
    });
    expect(await post("/validate/advisory", largeReview("u-2", 100))).toMatchObject({
      uid: "u-2",
      allowed: true,
      warnings: [overload],
    });
    expect(await post("/validate/advisory", largeReview("u-3", 100, { namespace: "strict" }))).toMatchObject({
      uid: "u-3",
      allowed: false,
    });
    expect(await post("/guard", largeReview("u-4", 100))).toMatchObject({ uid: "u-4", allowed: false });
    expect([shed, asked()]).toEqual([["bytes", "bytes", "bytes"], 0]);
  });

  it("leave room for ordinary ones, and give theirs back", async () => {
    const { post, release } = await started({ reviews: 9, bytes: 64 * 1024 });
    release();
    for (const uid of ["u-1", "u-2", "u-3"]) {
      expect(await post("/validate/enforce", largeReview(uid, 120))).toMatchObject({ uid, allowed: true });
      expect((await post("/validate/enforce", largeReview(uid, 200))).status?.message).toContain(
        "overloaded",
      );
      expect(await post("/validate/enforce", largeReview(uid, 60))).toMatchObject({ uid, allowed: true });
    }
  });
});
