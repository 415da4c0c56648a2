import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { registerAdmission } from "../../src/admission/index.ts";
import type { Report } from "../../src/argocd/index.ts";
import { digestOf } from "../../src/core/index.ts";
import { NOTHING_BESIDES } from "../support/admission-deps.ts";
import {
  anApplication,
  deployment,
  type PresyncWorld,
  SHA,
  startPresyncWorld,
  TOKEN,
} from "../support/presync-world.ts";
import { aReview } from "../support/review.ts";
import { CONTROLLER, startSync, type SyncStartAnswer } from "../support/sync-start.ts";
import { toldImage } from "../support/told-image.ts";

const GOOD = `registry.example/team/app@${digestOf("app")}`;
const EVIL = `registry.example/team/evil@${digestOf("evil")}`;
const MEMBER = "system:serviceaccount:shop:member";
let world: PresyncWorld;

/** Git holds only what may run. */
beforeEach(async () => {
  world = await startPresyncWorld();
  world.argo.render = () => [deployment(GOOD)];
  world.against.set(EVIL, "finding");
  const { gate, modeOf } = world.deps.verdict;
  registerAdmission(world.app, { ...NOTHING_BESIDES, gate, modeOf });
});
afterEach(() => world.close());

interface Response {
  readonly allowed: boolean;
  readonly status?: { readonly message: string };
}

async function post(url: string, review: unknown): Promise<Response> {
  const headers = { "content-type": "application/json" };
  const answer = await world.app.inject({ method: "POST", url, headers, payload: JSON.stringify(review) });
  return answer.json<{ response: Response }>().response;
}

/** Starts a sync with these manifests, in the place of, or beside, the revision of git. */
function start(sync: object, old: object = {}): Promise<SyncStartAnswer> {
  return startSync(world, { operation: { sync }, old, user: MEMBER });
}

function local(...objects: readonly unknown[]): { readonly manifests: string[] } {
  return { manifests: objects.map((each) => JSON.stringify(each)) };
}

function cronJob(image: string): object {
  const template = { spec: { containers: [{ name: "c", image }] } };
  const spec = { jobTemplate: { spec: { template } } };
  return { apiVersion: "batch/v1", kind: "CronJob", metadata: { name: "nightly" }, spec };
}

/** Every form in which an image can come with an operation instead of with git. */
const FORMS: readonly (readonly [string, object])[] = [
  ["argocd app sync --local", local(deployment(EVIL))],
  ["raw manifests beside a revision that is clean", { revision: SHA, ...local(deployment(EVIL)) }],
  ["the second of several", local(deployment(GOOD), { kind: "ConfigMap" }, cronJob(EVIL))],
  ["an item of a List", local({ apiVersion: "v1", kind: "List", items: [deployment(GOOD), cronJob(EVIL)] })],
  ["a selective one", { resources: [{ kind: "Deployment", name: "web" }], ...local(deployment(EVIL)) }],
  ["one with the apply strategy", { syncStrategy: { apply: {} }, ...local(deployment(EVIL)) }],
];

describe("H52: manifests that pass git by", () => {
  it.each(FORMS)("do not start a sync: %s", async (_, sync) => {
    const { allowed, status } = await start(sync);
    expect([allowed, status?.message]).toEqual([false, expect.stringContaining(toldImage(EVIL))]);
    expect(world.argo.questions).toEqual([]);
  });

  it.each(FORMS)("do not pass the hook: %s", async (_, sync) => {
    world.argo.applications.set("argocd/web", anApplication({ sync, result: { revision: "" } }));
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await world.app.inject({ method: "POST", url: "/v1/presync", headers });
    const { decision, reason } = answer.json<Report>();
    expect([decision, reason]).toEqual(["refused", expect.stringContaining(toldImage(EVIL))]);
  });

  it("may start where they hold nothing that is refused", async () => {
    expect((await start(local(deployment(GOOD)))).allowed).toBe(true);
  });

  it("are never what somebody else's verdict was kept for", async () => {
    expect((await start({ revision: SHA })).allowed).toBe(true);
    expect((await start({ revision: SHA, ...local(deployment(EVIL)) })).allowed).toBe(false);
  });

  it("are judged where they take the place of others in an operation that waits", async () => {
    const operation = { sync: local(deployment(GOOD)) };
    expect((await start(local(deployment(EVIL)), { operation })).allowed).toBe(false);
  });

  it.each([
    ["no JSON", "kind: Deployment"],
    ["no object", "[]"],
    ["a pod spec that cannot be read", JSON.stringify({ ...deployment(GOOD), spec: { template: 1 } })],
  ])("are not taken for empty where they are %s", async (_, manifest) => {
    expect((await start({ manifests: [manifest] })).allowed).toBe(false);
  });

  it("are held to no revision of git, and an empty list of them is none", async () => {
    world.argo.render = () => [deployment(EVIL)];
    const { allowed, status } = await start({ revision: SHA, manifests: [] });
    expect([allowed, status?.message]).toEqual([false, expect.stringContaining(toldImage(EVIL))]);
    expect(world.argo.renders()).toHaveLength(1);
  });

  it("are refused by admission, which stands behind both, whoever applies them", async () => {
    const kind = { group: "apps", version: "v1", kind: "Deployment" };
    const annotations = { "argocd.argoproj.io/tracking-id": "web:apps/Deployment:shop/web" };
    const object = { ...deployment(EVIL), metadata: { name: "web", annotations } };
    const review = aReview({ kind, object }) as { request: { userInfo: object } };
    review.request.userInfo = { username: CONTROLLER };
    const { allowed, status } = await post("/validate/enforce?timeout=10s", review);
    expect([allowed, status?.message]).toEqual([false, expect.stringContaining(toldImage(EVIL))]);
  });
});
