import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { connect, type KubeClient, type KubeEvent } from "../../src/kube/index.ts";
import { reportUnstartedHooks } from "../../src/serve/unstarted-hooks.ts";
import { soon } from "../support/kube-fixture.ts";
import { type PresyncWorld, putHook, startPresyncWorld } from "../support/presync-world.ts";

const EVENTS = "/api/v1/namespaces/shop/events";
const JOB = { namespace: "shop", name: "mc-presync", uid: "job-1" };
const QUOTA =
  'Error creating: pods "mc-presync-x" is forbidden: exceeded quota: compute, requested: limits.cpu=500m';

let world: PresyncWorld;
let client: KubeClient;
let told: KubeEvent[];
let troubles: string[];
let stop: () => void;

beforeEach(async () => {
  world = await startPresyncWorld();
  client = connect({ kubeconfig: world.api.kubeconfig });
  told = [];
  troubles = [];
  const { cluster, argoCds, instanceLabels } = world.deps.presync;
  stop = await reportUnstartedHooks({
    client,
    cluster,
    argoCds,
    instanceLabels,
    waitMs: 300,
    tellEvent: (event) => void told.push(event),
    log: { warn: (context: object) => void troubles.push(JSON.stringify(context)), debug: () => undefined },
  });
});
afterEach(async () => {
  stop();
  await client.close();
  await world.close();
});

function fails(message: string, changes: object = {}): void {
  const involvedObject = { kind: "Job", ...JOB, ...changes };
  world.api.store.put(EVENTS, { metadata: { name: "e-1" }, reason: "FailedCreate", involvedObject, message });
}

/** What was told up to an event that is told in any case. */
async function toldBefore(): Promise<readonly KubeEvent[]> {
  world.api.store.put(EVENTS, {
    metadata: { name: "e-2" },
    reason: "FailedCreate",
    involvedObject: { kind: "Job", ...JOB },
    message: "the last one",
  });
  await soon(() => expect(told.at(-1)?.note).toContain("the last one"));
  return told.slice(0, -1);
}

describe("a hook whose Job cannot create its pod", () => {
  it.each([
    [QUOTA, "`resources`"],
    ["maximum memory usage per Container is 128Mi, but limit is 192Mi", "LimitRange"],
    ['pods "x" is forbidden: violates PodSecurity "restricted:latest"', "`podSecurityContext`"],
    ['serviceaccount "default" not found', "`kind: Pod`"],
  ])("is named on its Application with the cause and what to set: %s", async (message, advice) => {
    fails(message);
    await soon(() => expect(told).toHaveLength(1));
    const regarding = { kind: "Application", namespace: "argocd", name: "web", uid: "app-1" };
    expect(told[0]).toMatchObject({ reason: "HookNotStarted", type: "Warning", regarding });
    for (const text of ["shop/mc-presync", message, advice]) expect(told[0]!.note).toContain(text);
  });

  it.each<[string, object]>([
    ["another Job of its name, by uid", { uid: "job-0" }],
    ["a Job that is none of the gate's hooks", { name: "migrate", uid: "job-9" }],
    ["a Job that is gone", { namespace: "other" }],
  ])("is not told of %s", async (_, changes) => {
    fails(QUOTA, changes);
    expect(await toldBefore()).toEqual([]);
  });

  it("is not told where the Application does not list the Job as its running hook", async () => {
    putHook(world.api, "web:batch/Job:shop/mc-presync");
    world.argo.applications.delete("argocd/web");
    fails(QUOTA);
    await new Promise((resolve) => {
      setTimeout(resolve, 600);
    });
    expect([told, troubles]).toEqual([[], []]);
  });
});
