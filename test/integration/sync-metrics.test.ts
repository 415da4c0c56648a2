import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import { createMetrics } from "../../src/metrics/index.ts";
import { deployment, type PresyncWorld, SHA, startPresyncWorld, TOKEN } from "../support/presync-world.ts";
import { idleApplication } from "../support/sync-start.ts";

const APP = `registry.example/team/app@${digestOf("app")}`;
let world: PresyncWorld;

beforeEach(async () => {
  world = await startPresyncWorld();
  world.argo.render = () => [deployment(APP)];
});
afterEach(() => world.close());

type Door = "presync" | "operation" | "verdict";

interface Question {
  readonly token?: string;
  readonly revision?: string;
  readonly body?: string;
}

const CONTENT = { "content-type": "application/json" };

/** One question at each door. */
const ASK: Record<Door, (question: Question) => Promise<unknown>> = {
  presync: ({ token = TOKEN }) =>
    world.app.inject({ method: "POST", url: "/v1/presync", headers: { authorization: `Bearer ${token}` } }),
  operation: ({ revision = SHA, body }) =>
    world.app.inject({
      method: "POST",
      url: "/validate/operation?timeout=5s",
      headers: CONTENT,
      payload: body ?? review({ sync: { revision } }),
    }),
  verdict: ({ token = TOKEN }) =>
    world.app.inject({
      url: `/v1/verdict?namespace=shop&image=${encodeURIComponent(APP)}`,
      headers: { authorization: `Bearer ${token}` },
    }),
};

function review(rest: object): string {
  const object = idleApplication();
  const request = {
    uid: "u-1",
    kind: { group: "argoproj.io", version: "v1alpha1", kind: "Application" },
    operation: "UPDATE",
    userInfo: { username: "ana" },
    object: { ...object, operation: rest },
    oldObject: object,
  };
  return JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request });
}

async function countedAt(door: Door, question: Question = {}): Promise<string[]> {
  await ASK[door](question);
  return world.counted.filter((each) => each.startsWith(door));
}

describe("an answer", () => {
  it.each<[Door, "finding" | "fault" | undefined, string]>([
    ["presync", undefined, "allowed"],
    ["presync", "finding", "refused"],
    ["presync", "fault", "pending"],
    ["operation", undefined, "allowed"],
    ["operation", "finding", "refused"],
    ["operation", "fault", "pending"],
    ["verdict", undefined, "allowed"],
    ["verdict", "finding", "refused"],
    ["verdict", "fault", "pending"],
  ])("at the door %s, against which speaks: %s, is counted once, as %s", async (door, what, decision) => {
    if (what !== undefined) world.against.set(APP, what);
    expect(await countedAt(door)).toEqual([`${door} ${decision}`]);
  });

  it.each<[Door, string, Question, string]>([
    ["presync", "somebody unknown", { token: "stolen" }, "setup"],
    ["verdict", "somebody unknown", { token: "stolen" }, "setup"],
    ["operation", "a revision that moves", { revision: "main" }, "pending"],
    ["operation", "what cannot be read", { body: review({ sync: { revision: 7 } }) }, "unknown"],
  ])("at the door %s to %s is counted as no verdict", async (door, _, question, decision) => {
    expect(await countedAt(door, question)).toEqual([`${door} ${decision}`]);
  });

  it("is not counted where nothing was judged", async () => {
    expect(await countedAt("operation", { body: review({ info: [] }) })).toEqual([]);
    expect(await countedAt("operation", { body: "{}" })).toEqual([]);
  });

  it("counts a target that could not be rendered, and that it is rendered again", async () => {
    world.argo.onRequest = () => ({ status: 500, body: "" });
    await ASK.operation({});
    world.argo.onRequest = () => undefined;
    await ASK.operation({});
    await ASK.operation({});
    expect(world.counted.filter((each) => each.startsWith("target"))).toEqual([
      "target failed",
      "target rendered",
      "target stored",
    ]);
  });
});

describe("the metrics of syncs", () => {
  it("hold decisions and times by door", async () => {
    const metrics = createMetrics();
    metrics.sync.answered("operation", "refused", 0.3);
    metrics.sync.target("stored");
    metrics.sync.waitingTargets(3);
    const { text } = await metrics.render();
    expect(text).toContain('mc_gate_sync_requests_total{door="operation",decision="refused"} 1');
    expect(text).toContain('mc_gate_sync_duration_seconds_bucket{le="0.25",door="operation"} 0');
    expect(text).toContain('mc_gate_sync_duration_seconds_bucket{le="0.5",door="operation"} 1');
    expect(text).toContain('mc_gate_sync_targets_total{outcome="stored"} 1');
    expect(text).toContain("mc_gate_sync_targets_waiting 3");
  });
});
