import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { guardEvent } from "../../src/serve/logs/guard-log.ts";
import {
  anApplication,
  type PresyncWorld,
  putHook,
  startPresyncWorld,
  TOKEN,
} from "../support/presync-world.ts";

let world: PresyncWorld;

beforeEach(async () => {
  world = await startPresyncWorld();
});
afterEach(() => world.close());

describe("I60: a tenant's text that decides where the gate's account writes", () => {
  it.each([
    ["kube-system", "namespaces", "Namespace"],
    ["../kube-system", "configmaps", "ConfigMap"],
  ])("does not choose the namespace of the guard's Event: %s", (name) => {
    const record = {
      uid: "u",
      decision: "refused",
      reason: "unreadable",
      user: "jane",
      operation: "UPDATE",
      subResource: "",
      namespace: name,
      name,
      resource: "namespacemodes",
      from: "enforce",
      to: "off",
      rules: [],
      dryRun: false,
      caller: "verified",
    } as const;
    expect(guardEvent(record, "mc-gate").regarding).toMatchObject({ namespace: "mc-gate" });
  });

  it.each<[string, Parameters<typeof anApplication>[0]]>([
    ["runs nothing", { state: { phase: "Succeeded" } }],
    ["runs another hook", { result: { resources: [] } }],
    [
      "runs a hook of that name in another namespace",
      { spec: { destination: { server: "https://elsewhere.example" } } },
    ],
  ])("makes no record, and so no Event, about somebody else's Application that %s", async (_, changes) => {
    putHook(world.api, "team-b_victim:batch/Job:shop/mc-presync");
    const victim = anApplication({ ...changes, namespace: "team-b" }) as { metadata: object };
    world.argo.applications.set("team-b/victim", {
      ...victim,
      metadata: { ...victim.metadata, name: "victim" },
    });
    const headers = { authorization: `Bearer ${TOKEN}` };
    const answer = await world.app.inject({ method: "POST", url: "/v1/presync", headers });
    expect(answer.statusCode).toBeGreaterThanOrEqual(403);
    expect(world.records).toEqual([]);
  });
});
