import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Report } from "../../src/argocd/index.ts";
import { digestOf, type Mode } from "../../src/core/index.ts";
import {
  anApplication,
  deployment,
  type PresyncWorld,
  putHook,
  putPod,
  SHA,
  startPresyncWorld,
  TOKEN,
} from "../support/presync-world.ts";
import { toldImage } from "../support/told-image.ts";

const APP = `registry.example/team/app@${digestOf("app")}`;
const OTHER = `registry.example/team/other@${digestOf("other")}`;
const OWNER = { apiVersion: "batch/v1", kind: "Job", name: "mc-presync", uid: "job-1", controller: true };
const POD = { uid: "pod-1", ownerReferences: [OWNER] };
let world: PresyncWorld;

beforeEach(async () => {
  world = await startPresyncWorld();
  world.argo.render = () => [deployment(APP)];
});
afterEach(() => world.close());

async function ask(token = TOKEN): Promise<{ status: number; report: Report }> {
  const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
  const answer = await world.app.inject({ method: "POST", url: "/v1/presync", headers });
  return { status: answer.statusCode, report: answer.json<Report>() };
}

describe("POST /v1/presync", () => {
  it("allows what the gate allows, at the operation's own revision, asked with the gate's own token", async () => {
    const { status, report } = await ask();
    expect([status, report.decision, report.exitCode]).toEqual([200, "allowed", 0]);
    const { query, authorization } = world.argo.renders().at(-1)!;
    expect([query.get("revision"), query.get("appNamespace"), authorization]).toEqual([
      SHA,
      "argocd",
      "Bearer argo-token",
    ]);
    const paths = world.argo.questions.map(({ path }) => path.replace("/api/v1/applications", ""));
    expect(paths).toEqual(["/web", "", "/web/manifests", ""]);
    expect(world.asked.map(({ namespace, mode }) => [namespace, mode()])).toEqual([["shop", "enforce"]]);
    expect(world.records[0]).toMatchObject({
      askedBy: "presync",
      application: { namespace: "argocd", name: "web", uid: "app-1" },
      initiatedBy: "ana",
      revisions: [SHA],
      digests: [digestOf("app")],
    });
  });

  it("refuses an image that may not run, and says which, why and what to do", async () => {
    world.against.set(APP, "finding");
    const { status, report } = await ask();
    expect([status, report.decision, report.exitCode]).toEqual([200, "refused", 10]);
    expect(report.reason).toContain(`${toldImage(APP)} (Deployment "web", container "c0") is refused`);
    expect(report.reason).toContain("[signature/missing]");
  });

  it.each(["allowed", "refused"] as const)(
    "says that a container beside it may keep a hook running: %s",
    async (decision) => {
      if (decision === "refused") world.against.set(APP, "finding");
      const containers = [{ name: "istio-proxy" }, { name: "mc" }];
      putPod(world.api, POD, { containers, initContainers: [{ name: "vault", restartPolicy: "Always" }] });
      const { report } = await ask();
      expect([report.decision, report.warnings.length]).toEqual([decision, 1]);
      expect(report.warnings[0]).toMatch(/it has 2: istio-proxy, mc\. .*podLabels or podAnnotations/);
      expect(world.records[0]!.report.warnings).toEqual(report.warnings);
    },
  );

  it("says nothing of native sidecars, which end by themselves", async () => {
    putPod(world.api, POD, {
      containers: [{ name: "mc" }],
      initContainers: [{ name: "istio-proxy", restartPolicy: "Always" }],
    });
    expect((await ask()).report.warnings).toEqual([]);
  });

  it("cannot tell where an image could not be checked", async () => {
    world.against.set(APP, "fault");
    const { status, report } = await ask();
    expect([status, report.exitCode]).toEqual([503, 11]);
    expect(report.reason).toContain("registry/unavailable");
  });

  it("reads every source of a multi-source Application at its own revision", async () => {
    const sources = [
      { repoURL: "https://git.example/shop", path: "." },
      { repoURL: "https://git.example/platform", path: "hook" },
    ];
    const revisions = [SHA, "b".repeat(40)];
    const result = { sources, revisions, revision: "", source: { repoURL: "" } };
    world.argo.applications.set(
      "argocd/web",
      anApplication({ spec: { source: undefined, sources }, result }),
    );
    expect((await ask()).report.decision).toBe("allowed");
    const { query } = world.argo.renders().at(-1)!;
    expect([query.getAll("sourcePositions"), query.getAll("revisions")]).toEqual([["1", "2"], revisions]);
  });

  it("finds Applications of any namespace by the tracking id", async () => {
    putHook(world.api, "team-a_web:batch/Job:shop/mc-presync");
    world.argo.applications.set("team-a/web", anApplication({ namespace: "team-a" }));
    expect((await ask()).report.decision).toBe("allowed");
    expect(new Set(world.argo.questions.map(({ query }) => query.get("appNamespace")))).toEqual(
      new Set(["team-a"]),
    );
  });

  it.each(["app.kubernetes.io/instance", "argocd.argoproj.io/instance"])(
    "finds the Application by the label %s, where Argo CD tracks by label",
    async (label) => {
      putHook(world.api, "", { [label]: "web" });
      expect((await ask()).report.decision).toBe("allowed");
    },
  );

  it("judges the manifests that a --local sync brings, not those of git", async () => {
    world.against.set(OTHER, "finding");
    const sync = { manifests: [JSON.stringify(deployment(OTHER))] };
    const result = { revision: "" }; // Argo CD resolves none here
    world.argo.applications.set("argocd/web", anApplication({ sync: { revision: "", ...sync }, result }));
    expect((await ask()).report.decision).toBe("refused");
    expect(world.argo.renders()).toEqual([]);
  });

  it("knows the hook also as a Pod of its own", async () => {
    const annotations = { "argocd.argoproj.io/tracking-id": "web:/Pod:shop/mc-presync-x" };
    putPod(world.api, { uid: "pod-1", annotations });
    const phase = { hookType: "PreSync", hookPhase: "Running" };
    const hook = { kind: "Pod", namespace: "shop", name: "mc-presync-x", ...phase };
    world.argo.applications.set("argocd/web", anApplication({ result: { resources: [hook] } }));
    expect((await ask()).report.decision).toBe("allowed");
  });

  it("waits until Argo CD has written that the hook runs", async () => {
    const late = anApplication();
    world.argo.applications.set("argocd/web", anApplication({ result: { resources: [] } }));
    world.argo.onRequest = () => {
      if (world.argo.questions.length === 2) world.argo.applications.set("argocd/web", late);
      return undefined;
    };
    expect((await ask()).report.decision).toBe("allowed");
  });
});

describe("what cannot be told is never allowed", () => {
  it.each<[string, Parameters<typeof anApplication>[0]]>([
    ["an Application that runs nothing", { state: { phase: "Succeeded" } }],
    ["one that lists another hook", { result: { resources: [] } }],
    ["one that lists it in another namespace", { result: { resources: [listed({ namespace: "evil" })] } }],
    [
      "one that lists it as ended, by the attempt before",
      { result: { resources: [listed({ hookPhase: "Succeeded" })] } },
    ],
    ["one that lists it as an ordinary resource", { result: { resources: [listed({ hookType: "" })] } }],
    [
      "one that lists another kind of that name",
      { result: { resources: [listed({ group: "evil.example" })] } },
    ],
    ["one without a revision yet", { result: { revision: "" } }],
  ])("a Job with a copied tracking id, of %s", async (_, changes) => {
    world.argo.applications.set("argocd/web", anApplication(changes));
    const { status, report } = await ask();
    expect([status, report.decision, report.exitCode]).toEqual([503, "unknown", 11]);
    expect(world.asked).toEqual([]);
  });

  it("a Job with the tracking id of an Application that nobody knows", async () => {
    putHook(world.api, "nobody:batch/Job:shop/mc-presync");
    expect(await ask()).toMatchObject({ status: 503, report: { exitCode: 11 } });
  });

  it("sources that changed since the operation began", async () => {
    const spec = { source: { repoURL: "https://git.example/shop", path: "elsewhere" } };
    world.argo.applications.set("argocd/web", anApplication({ spec }));
    const { report } = await ask();
    expect(report).toMatchObject({ exitCode: 11 });
    expect(report.reason).toContain("target/unclear");
  });

  it("manifests that Argo CD does not give", async () => {
    world.argo.onRequest = ({ path }) =>
      path.endsWith("/manifests") ? { status: 500, body: "secret" } : undefined;
    const { report } = await ask();
    expect(report).toMatchObject({ exitCode: 11 });
    expect(report.reason).not.toContain("secret");
  });

  it("an API server that does not answer", async () => {
    world.api.onRequest = () => ({ kind: "status", status: 500 });
    expect(await ask()).toMatchObject({ status: 503, report: { exitCode: 11 } });
  });
});

describe("what cannot be told, where nothing enforces,", () => {
  it.each<[Mode, readonly unknown[]]>([
    ["advisory", [expect.stringMatching(/^advisory: .*\[target\/unavailable\]/)]],
    ["off", []],
  ])("lets the sync go on: %s", async (mode, warnings) => {
    await world.close();
    world = await startPresyncWorld({ modeOf: () => mode, strictestMode: () => mode });
    const answers = [];
    world.argo.onRequest = ({ path }) =>
      path.endsWith("/manifests") ? { status: 500, body: "" } : undefined;
    answers.push(await ask());
    world.argo.onRequest = () => ({ status: 500, body: "" });
    answers.push(await ask());
    world.api.onRequest = () => ({ kind: "status", status: 500 });
    answers.push(await ask());
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 200, report: { decision: "allowed", exitCode: 0, warnings } });
  });
});

describe("who is no hook", () => {
  it.each([
    ["without a token", ""],
    ["with a token of somebody else", "other"],
    ["with what is no token", "a b"],
  ])("is sent away %s", async (_, token) => {
    expect(await ask(token)).toMatchObject({ status: 401, report: { decision: "setup", exitCode: 12 } });
  });

  it("is sent away with a token for another audience, also by an API server that checks none", async () => {
    const user = { username: "system:serviceaccount:shop:default" };
    world.api.identifies = () => ({ authenticated: true, user });
    expect((await ask()).status).toBe(401);
  });

  it.each([
    ["a token that is bound to no pod", () => bindTo({})],
    [
      "a pod of that name that came later",
      () => putPod(world.api, { uid: "pod-2", ownerReferences: [owner("Job", "batch/v1")] }),
    ],
    [
      "a pod of a Deployment",
      () => putPod(world.api, { uid: "pod-1", ownerReferences: [owner("ReplicaSet", "apps/v1")] }),
    ],
    [
      "a pod whose Job was replaced",
      () => putPod(world.api, { uid: "pod-1", ownerReferences: [owner("Job", "batch/v1", "job-0")] }),
    ],
    ["a Job that Argo CD did not apply", () => putHook(world.api, "")],
    ["a Job with another label", () => putHook(world.api, "", { "example.com/instance": "web" })],
  ])("is told so: %s", async (_, arrange) => {
    arrange();
    expect(await ask()).toMatchObject({ status: 403, report: { exitCode: 12 } });
    expect(world.argo.questions).toEqual([]);
  });

  it("is told so where the Application deploys to another cluster", async () => {
    const spec = { destination: { server: "https://elsewhere.example", namespace: "shop" } };
    world.argo.applications.set("argocd/web", anApplication({ spec }));
    expect(await ask()).toMatchObject({ status: 403, report: { exitCode: 12 } });
  });
});

function listed(changes: object): object {
  return {
    group: "batch",
    kind: "Job",
    namespace: "shop",
    name: "mc-presync",
    hookType: "PreSync",
    hookPhase: "Running",
    ...changes,
  };
}

function owner(kind: string, apiVersion: string, uid = "job-1"): object {
  return { apiVersion, kind, name: "mc-presync", uid, controller: true };
}

function bindTo(extra: object): void {
  const user = { username: "system:serviceaccount:shop:default", extra };
  world.api.identifies = () => ({ authenticated: true, audiences: ["mc-gate"], user });
}
