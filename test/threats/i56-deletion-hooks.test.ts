import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import { askedImages } from "../support/asked-images.ts";
import { deployment, type PresyncWorld, SHA, startPresyncWorld } from "../support/presync-world.ts";
import { aReview } from "../support/review.ts";
import { startSync } from "../support/sync-start.ts";
import { toldImage } from "../support/told-image.ts";

const GOOD = `registry.example/team/app@${digestOf("app")}`;
const EVIL = `registry.example/team/evil@${digestOf("evil")}`;
let world: PresyncWorld;

beforeEach(async () => {
  world = await startPresyncWorld();
  world.against.set(EVIL, "finding");
});
afterEach(() => world.close());

function hookJob(hook: string): object {
  const metadata = { name: "cleanup", annotations: { "argocd.argoproj.io/hook": hook } };
  const template = { spec: { containers: [{ name: "c", image: EVIL }] } };
  return { apiVersion: "batch/v1", kind: "Job", metadata, spec: { template } };
}

const HOOKS = [
  "PreDelete",
  "PostDelete",
  "PreSync",
  "Sync",
  "PostSync",
  "SyncFail",
  "Skip",
  "PostSync,PostDelete",
];

describe("I56: hooks that run when an Application is deleted", () => {
  it.each(HOOKS)("do not come in with a sync: %s", async (hook) => {
    world.argo.render = () => [deployment(GOOD), hookJob(hook)];
    const { allowed, status } = await startSync(world, { operation: { sync: { revision: SHA } } });
    expect([allowed, status?.message]).toEqual([false, expect.stringContaining(toldImage(EVIL))]);
  });

  it.each(HOOKS)("are judged by admission when they run, in whatever namespace: %s", async (hook) => {
    const kind = { group: "batch", version: "v1", kind: "Job" };
    const review = aReview({ kind, namespace: "team-b", object: hookJob(hook) });
    expect(await askedImages(review)).toMatchObject({ images: [EVIL], allowed: false });
  });
});
