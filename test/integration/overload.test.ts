import { afterEach, describe, expect, it } from "vitest";

import { startOciRegistry } from "../support/oci-registry.ts";
import type { AdmissionAnswer } from "../support/post-review.ts";
import { aPod, aReview } from "../support/review.ts";
import { startGate } from "../support/running-gate.ts";
import { signedWorld } from "../support/signed-world.ts";
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
      warnings: [expect.stringContaining("[limits/overloaded]")],
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
    const overload = expect.stringContaining("[limits/overloaded]");
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

describe("a flood of images whose registry hangs", { timeout: 60_000 }, () => {
  it("is answered in time, review by review, and keeps nobody else waiting", async () => {
    const { registry, sign, policy } = await signedWorld();
    const hung = await startOciRegistry();
    const [known, fresh] = [registry.pushImage("acme/app"), registry.pushImage("acme/app")];
    await sign(known);
    await sign(fresh);
    const both = JSON.parse(policy) as { rules: { images: string[] }[] };
    both.rules[0]!.images.push(`${hung.host}/acme/*`);
    const gate = await startGate({ registries: [registry, hung], policy: JSON.stringify(both) });
    open.push({ close: gate.stop }, registry, hung);
    const ask = async (image: string, uid: string, timeout: string): Promise<AdmissionAnswer> =>
      (await gate.post(`/validate/enforce?timeout=${timeout}`, aReview({ uid, object: aPod(image) }))).body
        .response!;
    const good = (digest: string): string => `${registry.host}/acme/app@${digest}`;
    expect(await ask(good(known), "known", "10s")).toMatchObject({ allowed: true });

    hung.fault("/", { kind: "stall" });
    const images = Array.from({ length: 460 }, (_, at) => hungImage(hung.host, at));
    const flood = images.map((image, at) => ask(image, `u-${at}`, "4s"));
    await expect.poll(async () => await waiting(gate.probeUrl), { timeout: 20_000 }).toBeGreaterThan(100);
    expect(await ask(good(known), "known", "10s")).toMatchObject({ uid: "known", allowed: true });
    expect(await ask(good(fresh), "fresh", "10s")).toMatchObject({ uid: "fresh", allowed: true });

    const answers = await Promise.all(flood);
    expect(answers.map(({ uid }) => uid)).toEqual(images.map((_, at) => `u-${at}`));
    expect(answers.every(({ allowed, status }) => !allowed && status?.code === 503)).toBe(true);
    const codes = new Set(answers.map(({ status }) => /\[([\w/-]+)\]/.exec(status!.message)?.[1]));
    const told = ["deadline/exceeded", "limits/overloaded", "registry/unavailable"];
    expect([...codes].filter((code) => !told.includes(code ?? "none"))).toEqual([]);

    hung.clearFaults();
    const after = hung.pushImage("acme/app");
    const judged = async (): Promise<string | undefined> =>
      (await ask(`${hung.host}/acme/app@${after}`, "after", "10s")).status?.message;
    await expect.poll(judged, { timeout: 30_000 }).toContain("[signature/missing");
  });
});

function hungImage(host: string, at: number): string {
  return `${host}/acme/app@sha256:${at.toString(16).padStart(64, "0")}`;
}

async function waiting(probeUrl: string): Promise<number> {
  const text = await (await fetch(`${probeUrl}/metrics`)).text();
  return Number(/^mc_gate_collections_waiting (\d+)$/m.exec(text)?.[1]);
}
