import { hostname } from "node:os";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { connect, type KubeClient, type KubeEvent } from "../../src/kube/index.ts";
import { ownPod, reportHooks } from "../../src/serve/hook-notices.ts";
import { soon } from "../support/kube-fixture.ts";
import { type PresyncWorld, putHook, startPresyncWorld } from "../support/presync-world.ts";

const EVENTS = "/api/v1/namespaces/shop/events";
const JOB = { kind: "Job", namespace: "shop", name: "mc-presync", uid: "job-1" };
const POD = { kind: "Pod", namespace: "shop", name: "mc-presync-x", uid: "pod-1" };
const CONTAINER = { ...POD, fieldPath: "spec.containers{mc}" };
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
  stop = await reportHooks({
    client,
    cluster,
    argoCds,
    instanceLabels,
    waitMs: 10_000,
    patienceMs: 20,
    now: () => new Date("2026-11-24T09:00:00Z"),
    gate: () => ownPod(cluster.read, { namespace: "mc-gate", port: 8443 }),
    tellEvent: (event) => void told.push(event),
    log: { warn: (context: object) => void troubles.push(JSON.stringify(context)), debug: () => undefined },
  });
});
afterEach(async () => {
  stop();
  await client.close();
  await world.close();
});

let events = 0;

/** Puts an Event into the namespace of the hook. */
function happens(involvedObject: object, reason: string, message: string, changes: object = {}): void {
  const name = `e-${++events}`;
  world.api.store.put(EVENTS, { metadata: { name }, reason, involvedObject, message, ...changes });
}

/** What was told up to an event that is told in any case, and may be twice: the API server's client is told of it once. */
async function toldBefore(): Promise<readonly KubeEvent[]> {
  happens(POD, "FailedScheduling", "the last one"); // which needs the most requests
  await soon(() => expect(told.at(-1)?.note).toContain("the last one"));
  return told.filter(({ note }) => !note.includes("the last one"));
}

const REGARDING = { kind: "Application", namespace: "argocd", name: "web", uid: "app-1" };
const TAINT = "0/1 nodes are available: 1 node(s) had untolerated taint {dedicated: ci}.";
const PULL = 'Failed to pull image "r.example/mc-gate@sha256:1": failed to authorize: 401 Unauthorized';
const MOUNT = 'MountVolume.SetUp failed for volume "agent" : configmap "agent" not found';

describe("a hook that cannot start", () => {
  it.each<[string, string, object, readonly string[]]>([
    ["FailedCreate", QUOTA, JOB, ["pod cannot be created", "`resources`"]],
    [
      "FailedCreate",
      "maximum memory usage per Container is 128Mi, but limit is 192Mi",
      JOB,
      ["`resources`", "LimitRange"],
    ],
    [
      "FailedCreate",
      'pods "x" is forbidden: violates PodSecurity "restricted:latest"',
      JOB,
      ["`podSecurityContext`"],
    ],
    ["FailedCreate", 'serviceaccount "default" not found', JOB, ["`kind: Pod`"]],
    ["FailedScheduling", TAINT, POD, ["accepted by no node", "`tolerations`"]],
    [
      "FailedScheduling",
      "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) didn't match Pod's node affinity/selector.",
      POD,
      ["`nodeSelector`", "`resources`"],
    ],
    ["FailedScheduling", "no nodes available to schedule pods", POD, ["Add a node"]],
    ["FailedMount", MOUNT, POD, ["volumes cannot be mounted", "Create the object"]],
    ["Failed", PULL, CONTAINER, ["container cannot be created", "`imagePullSecrets`"]],
    ["Failed", 'Error: secret "agent" not found', CONTAINER, ["Create the object"]],
    [
      "Failed",
      "Error: container has runAsNonRoot and image will run as root",
      CONTAINER,
      ["`podSecurityContext`"],
    ],
  ])(
    "is named on its Application with the cause and what to set: %s, %s",
    async (reason, message, object, texts) => {
      happens(object, reason, message);
      await soon(() => expect(told).toHaveLength(1));
      expect(told[0]).toMatchObject({ reason: "HookNotStarted", type: "Warning", regarding: REGARDING });
      for (const text of ["shop/mc-presync,", message, ...texts]) expect(told[0]!.note).toContain(text);
    },
  );

  it("is named on its Application where the hook is a Pod", async () => {
    const tracking = { "argocd.argoproj.io/tracking-id": "web:/Pod:shop/mc-presync" };
    const name = "mc-presync";
    world.api.store.put(PODS, { metadata: { name, uid: "pod-2", annotations: tracking }, spec: SPEC });
    listHook({ group: "", kind: "Pod", name });
    happens({ ...POD, name, uid: "pod-2" }, "FailedScheduling", TAINT);
    await soon(() => expect(told).toHaveLength(1));
    expect(told[0]!.note).toContain(TAINT);
  });

  it.each<[string, object, string, string]>([
    ["another Job of its name, by uid", { ...JOB, uid: "job-0" }, "FailedCreate", QUOTA],
    [
      "a Job that is none of the gate's hooks",
      { ...JOB, name: "migrate", uid: "job-9" },
      "FailedCreate",
      QUOTA,
    ],
    ["a Job that is gone", { ...JOB, namespace: "other" }, "FailedCreate", QUOTA],
    ["another pod of its name, by uid", { ...POD, uid: "pod-0" }, "FailedScheduling", TAINT],
    ["a pod that is none of the gate's hooks", { ...POD, name: "web-0" }, "FailedScheduling", TAINT],
    ["a report without a cause", CONTAINER, "Failed", "Error: ErrImagePull"],
    ["a volume that is not known for a moment", POD, "FailedMount", 'object "shop"/"x" not registered'],
    ["what is no trouble", CONTAINER, "Pulled", "Container image already present"],
  ])("is not told of %s", async (_, object, reason, message) => {
    happens(object, reason, message);
    expect(await toldBefore()).toEqual([]);
  });

  it("is not told where the Application does not list the Job as its running hook", async () => {
    putHook(world.api, "web:batch/Job:shop/mc-presync");
    world.argo.applications.delete("argocd/web");
    happens(JOB, "FailedCreate", QUOTA);
    await new Promise((resolve) => {
      setTimeout(resolve, 600);
    });
    expect([told, troubles]).toEqual([[], []]);
  });
});

const POLICIES = "/apis/networking.k8s.io/v1/namespaces/shop/networkpolicies";
const GATE_POLICIES = "/apis/networking.k8s.io/v1/namespaces/mc-gate/networkpolicies";
const DENY_EGRESS = {
  metadata: { name: "default-deny" },
  spec: { podSelector: {}, policyTypes: ["Egress"] },
};

describe("a hook that runs without an answer", () => {
  beforeEach(() => {
    const labels = { "app.kubernetes.io/name": "mc-gate" };
    const metadata = { name: hostname(), uid: "gate-1", labels };
    world.api.store.put("/api/v1/namespaces/mc-gate/pods", { metadata, spec: SPEC });
    for (const name of ["shop", "mc-gate"]) {
      const named = { name, labels: { "kubernetes.io/metadata.name": name } };
      world.api.store.put("/api/v1/namespaces", { metadata: named });
    }
    putPod("Running");
  });

  it("is named on its Application with the policy that denies egress, and what to create", async () => {
    world.api.store.put(POLICIES, DENY_EGRESS);
    happens(CONTAINER, "Started", "Started container mc");
    await soon(() => expect(told).toHaveLength(1));
    expect(told[0]).toMatchObject({ reason: "HookUnanswered", type: "Warning", regarding: REGARDING });
    expect(told[0]!.note).toBe(
      "The sync waits for its hook shop/mc-presync, which has no answer yet: the NetworkPolicy default-deny of shop restricts " +
        "its pod egress, and none allows TCP 8443 to the gate's pods in the namespace mc-gate. " +
        "Create deploy/argocd/network-policy.yaml in shop.",
    );
  });

  it("is named with the policy of the gate's namespace that denies ingress", async () => {
    const spec = { podSelector: {}, policyTypes: ["Ingress"] };
    world.api.store.put(GATE_POLICIES, { metadata: { name: "closed" }, spec });
    happens(CONTAINER, "Started", "Started container mc");
    await soon(() => expect(told).toHaveLength(1));
    expect(told[0]!.note).toContain("the NetworkPolicy closed of mc-gate restricts the gate's pods ingress");
  });

  it("is named where policies allow the gate and not DNS", async () => {
    const toGate = { to: [{ namespaceSelector: {} }], ports: [{ port: 8443 }] };
    world.api.store.put(POLICIES, withEgress(toGate));
    happens(CONTAINER, "Started", "Started container mc");
    await soon(() => expect(told).toHaveLength(1));
    expect(told[0]!.note).toContain("none allows DNS, UDP 53");
  });

  it.each<[string, () => void]>([
    ["no policy denies it", () => world.api.store.put(POLICIES, withEgress({}))],
    ["there is no policy", () => undefined],
    ["it has ended", () => (world.api.store.put(POLICIES, DENY_EGRESS), putPod("Succeeded"))],
  ])("is not told where %s", async (_, prepare) => {
    prepare();
    happens(CONTAINER, "Started", "Started container mc");
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
    expect(await toldBefore()).toEqual([]);
  });

  it("is not told of a hook that started before its Job's deadline", async () => {
    world.api.store.put(POLICIES, DENY_EGRESS);
    happens(CONTAINER, "Started", "Started container mc", { lastTimestamp: "2026-11-24T08:56:00Z" });
    await new Promise((resolve) => {
      setTimeout(resolve, 500);
    });
    expect(await toldBefore()).toEqual([]);
  });
});

const PODS = "/api/v1/namespaces/shop/pods";
const SPEC = { containers: [{ name: "mc" }] };

function putPod(phase: string): void {
  const owner = { apiVersion: "batch/v1", kind: "Job", name: JOB.name, uid: JOB.uid, controller: true };
  const metadata = { name: POD.name, uid: POD.uid, ownerReferences: [owner] };
  world.api.store.put(PODS, { metadata, spec: SPEC, status: { phase } });
}

function withEgress(...egress: readonly object[]): typeof DENY_EGRESS {
  const spec: object = { ...DENY_EGRESS.spec, egress };
  return { ...DENY_EGRESS, spec: spec as typeof DENY_EGRESS.spec };
}

/** Has the Application list this as its running hook. */
function listHook(changes: object): void {
  const application = world.argo.applications.get("argocd/web") as {
    readonly status: { readonly operationState: { readonly syncResult: { resources: object[] } } };
  };
  const { syncResult } = application.status.operationState;
  syncResult.resources = syncResult.resources.map((each) => ({ ...each, ...changes }));
}
