import { afterAll, describe, expect, it } from "vitest";

import { startOciRegistry } from "../support/oci-registry.ts";
import type { AdmissionAnswer } from "../support/post-review.ts";
import { aPod, aReview } from "../support/review.ts";
import { startGate } from "../support/running-gate.ts";
import { signedWorld } from "../support/signed-world.ts";

const open: { readonly close: () => unknown }[] = [];
afterAll(async () => {
  await Promise.all(open.map((each) => each.close()));
});

describe("a flood of images whose registry hangs", () => {
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
    await expect.poll(() => waiting(gate.probeUrl)).toBeGreaterThan(100);
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
    await expect.poll(judged).toContain("[signature/missing");
  });
});

function hungImage(host: string, at: number): string {
  return `${host}/acme/app@sha256:${at.toString(16).padStart(64, "0")}`;
}

async function waiting(probeUrl: string): Promise<number> {
  const text = await (await fetch(`${probeUrl}/metrics`)).text();
  return Number(/^mc_gate_collections_waiting (\d+)$/m.exec(text)?.[1]);
}
