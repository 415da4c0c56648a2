import { afterAll, describe, expect, it } from "vitest";

import { startOciRegistry } from "../support/oci-registry.ts";
import type { AdmissionAnswer } from "../support/post-review.ts";
import { aPod, aReview } from "../support/review.ts";
import { startGate } from "../support/running-gate.ts";
import { signedWorld } from "../support/signed-world.ts";

const HOSTS = 5;
const PODS = 40;
const IMAGES_A_POD = 25;
const NEW_IMAGES = 100;

/** A gate with a registry that answers, and others that take requests and never answer. */
async function floodedWorld() {
  const { registry, sign, policy } = await signedWorld();
  const hung = await Promise.all(Array.from({ length: HOSTS }, () => startOciRegistry()));
  for (const each of hung) each.fault("/", { kind: "stall" });
  const both = JSON.parse(policy) as { rules: { images: string[] }[] };
  both.rules[0]!.images.push(...hung.map(({ host }) => `${host}/acme/*`));
  const gate = await startGate({ registries: [registry, ...hung], policy: JSON.stringify(both) });
  const ask = async (
    namespace: string,
    images: readonly string[],
    timeout: string,
  ): Promise<AdmissionAnswer> => {
    const review = aReview({ namespace, object: aPod(...images) });
    return (await gate.post(`/validate/enforce?timeout=${timeout}`, review)).body.response!;
  };
  const close = (): Promise<unknown> =>
    Promise.all([gate.stop(), registry.close(), ...hung.map((each) => each.close())]);
  return { registry, sign, hung, gate, ask, close };
}

const world = await floodedWorld();
afterAll(() => world.close());

function hungImages(pod: number): string[] {
  return Array.from({ length: IMAGES_A_POD }, (_, nth) => {
    const at = pod * IMAGES_A_POD + nth;
    const digest = `sha256:${at.toString(16).padStart(64, "0")}`;
    return `${world.hung[at % HOSTS]!.host}/acme/app@${digest}`;
  });
}

function requestsThatHang(): number {
  return world.hung.reduce((sum, { requests }) => sum + requests.length, 0);
}

describe("a namespace that hangs 1,000 look-ups on 5 hosts that never answer", () => {
  it("keeps no other namespace from having 100 new signed images admitted", async () => {
    const { registry, sign, ask } = world;
    const images: string[] = [];
    for (let at = 0; at < NEW_IMAGES; at += 1) {
      const digest = registry.pushImage("acme/app");
      await sign(digest);
      images.push(`${registry.host}/acme/app@${digest}`);
    }
    const flood = Array.from({ length: PODS }, (_, pod) => ask("flood", hungImages(pod), "6s"));
    await expect.poll(requestsThatHang).toBeGreaterThan(30);

    const answers = await Promise.all(images.map((image, at) => ask(`team-${at % 20}`, [image], "10s")));
    const refused = answers.flatMap(({ allowed, status }) => (allowed ? [] : [status?.message]));
    expect(refused).toEqual([]);

    const flooded = await Promise.all(flood);
    expect(flooded.every(({ allowed, status }) => !allowed && status?.code === 503)).toBe(true);
  });
});
