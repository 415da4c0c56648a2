import { beforeEach, describe, expect, it } from "vitest";

import { readApplication } from "../application.ts";
import type { ArgoCd } from "../ports.ts";
import type { TargetRequest } from "./read-target.ts";
import { createTargetStore, type TargetStore } from "./target-store.ts";
import { wantedTarget } from "./wanted-target.ts";

const SHA = "a".repeat(40);
const SOURCE = { repoURL: "https://git.example/shop", path: ".", helm: { valueFiles: ["a.yaml"] } };
const { signal } = new AbortController();
let counted: string[];
let now: number;
let targets: TargetStore;

beforeEach(() => {
  counted = [];
  now = 0;
  targets = createTargetStore({
    workloads: [],
    ownDigests: [],
    now: () => new Date(now),
    observe: (outcome) => counted.push(outcome),
    waiting: () => undefined,
  });
});

function argoCdOf(application: object): ArgoCd {
  return {
    namespace: "argocd",
    application: () => Promise.reject(new Error("not asked")),
    connected: (use) =>
      use({ cached: () => Promise.resolve(application), manifests: () => Promise.resolve([]) }),
  };
}

function request(source: object = SOURCE, revision = SHA): TargetRequest {
  const destination = { namespace: "shop", server: "https://kubernetes.default.svc" };
  const application = readApplication({
    metadata: { name: "web", namespace: "argocd", generation: 1 },
    spec: { source, destination },
  });
  const argoCd = argoCdOf(application);
  return { argoCd, application, wanted: wantedTarget(application, { revision }) };
}

function elsewhere(): TargetRequest {
  const asked = request();
  return { ...asked, argoCd: { ...asked.argoCd, namespace: "other" } };
}

describe("a target", () => {
  it.each<[string, TargetRequest, string]>([
    ["the same question", request(), "stored"],
    ["another order of keys", request({ helm: SOURCE.helm, path: ".", repoURL: SOURCE.repoURL }), "stored"],
    ["another revision", request(SOURCE, "b".repeat(40)), "rendered"],
    [
      "another order of values",
      request({ ...SOURCE, helm: { valueFiles: ["b.yaml", "a.yaml"] } }),
      "rendered",
    ],
    ["an empty value more", request({ ...SOURCE, ref: "" }), "rendered"],
    ["another Argo CD", elsewhere(), "rendered"],
  ])("%# is stored or not for %s", async (_, next, outcome) => {
    await targets.find(request(), signal);
    await targets.find(next, signal);
    expect(counted).toEqual(["rendered", outcome]);
  });

  it("is kept for five minutes", async () => {
    await targets.find(request(), signal);
    now = 5 * 60_000 - 1;
    await targets.find(request(), signal);
    now += 1;
    await targets.find(request(), signal);
    expect(counted).toEqual(["rendered", "stored", "rendered"]);
  });

  it("that moves is never kept", async () => {
    for (const _ of [1, 2]) await targets.find(request(SOURCE, "main"), signal);
    expect(counted).toEqual(["rendered", "rendered"]);
  });
});

describe("targets that never end", () => {
  it.each<[string, object]>([
    ["another project", { project: "b" }],
    ["the same project in another namespace", { project: "a", namespace: "team" }],
  ])("of one project leave turns for one of %s, and for one that is inline", async (_, other) => {
    const begun: string[] = [];
    const hanging = ({ project, namespace = "argocd" }: { project?: string; namespace?: string }, at = 0) => {
      const asked = request(SOURCE, at.toString(16).padStart(40, "0"));
      const { metadata, spec } = asked.application;
      const application = { metadata: { ...metadata, namespace }, spec: { ...spec, project } };
      const connected = (): Promise<never> => {
        begun.push(`${namespace} ${project}`);
        return new Promise(() => undefined);
      };
      return { ...asked, application, argoCd: { ...asked.argoCd, connected } };
    };
    for (let at = 0; at < 30; at += 1) void targets.find(hanging({ project: "a" }, at), signal);
    void targets.find(hanging(other), signal);
    expect(begun.filter((each) => each === "argocd a")).toHaveLength(24);
    expect(begun).toHaveLength(25);
    const inline = { ...hanging({ project: "a" }), wanted: { kind: "inline", manifests: [] } } as const;
    expect((await targets.find(inline, signal)).groups).toEqual([]);
  });
});
