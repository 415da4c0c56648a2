import { describe, expect, it } from "vitest";

import {
  application,
  child,
  HOOK,
  HOOK_SOURCE,
  live,
  only,
  type Parts,
  RAN,
  set,
  surveyOf,
  synced,
  TEAM,
} from "../../../test/support/adoption-world.ts";
import type { SurveyOptions } from "./identity.ts";

const NOWHERE = { name: "in-cluster" };
const REMOTE = { server: "https://remote.example", namespace: "shop" };
const NAMED = { name: "remote", namespace: "shop" };

function subjectOf(object: Parts, more: Partial<Pick<SurveyOptions, "layer" | "clusters">> = {}) {
  return surveyOf([object], "sources", [], more).subjects[0]!;
}

describe("where the hook cannot run", () => {
  it.each([
    ["a destination without a namespace", NOWHERE, "names no namespace"],
    ["a destination with an empty namespace", { ...NOWHERE, namespace: "" }, "names no namespace"],
    ["another cluster by its address", REMOTE, "deploys to https://remote.example"],
    ["another cluster by its name", NAMED, "deploys to remote"],
  ])("an Application is not changed, and the note says why: %s", (_, destination, why) => {
    const subject = subjectOf(application({ source: TEAM, destination }));
    expect(subject).toMatchObject({ hook: "cannot", changes: [], notes: [expect.stringContaining(why)] });
    expect(subject.notes[0]).toContain("operation gate");
    const template = subjectOf(set({ template: { spec: { source: TEAM, destination } } }));
    expect(template).toMatchObject({ hook: "cannot", changes: [], notes: [expect.stringContaining(why)] });
  });

  it.each([
    ["this cluster by its address", { server: "https://kubernetes.default.svc", namespace: "shop" }],
    ["this cluster by its name", { name: "in-cluster", namespace: "shop" }],
    ["a cluster where a gate runs", REMOTE],
  ])("is not: %s", (_, destination) => {
    const subject = subjectOf(application({ source: TEAM, destination }), { clusters: [REMOTE.server] });
    expect(subject).toMatchObject({ hook: "unknown", changes: [{ kind: "wrap" }], notes: [] });
  });

  it("is said of an Application that names the hook, unless its last sync ran it", () => {
    const spec = { sources: [TEAM, HOOK_SOURCE], destination: REMOTE };
    expect(subjectOf(application(spec))).toMatchObject({ hook: "yes", notes: [expect.any(String)] });
    expect(subjectOf(live(spec, synced([RAN])))).toMatchObject({ hook: "yes", notes: [] });
  });

  it("is told by the Applications of a template that leaves the cluster open", () => {
    const open = { server: "{{ .server }}", namespace: "shop" };
    const template = set({ template: { spec: { source: TEAM, destination: open } } });
    expect(only(template)).toMatchObject({
      hook: "unknown",
      changes: [{}],
      notes: [expect.stringContaining("a gate on each")],
    });
    const remote = child("a", { source: TEAM, destination: REMOTE });
    expect(only(template, remote)).toMatchObject({ hook: "cannot", changes: [] });
    expect(only(template, child("a", { source: TEAM }))).toMatchObject({ hook: "unknown", notes: [] });
  });
});

describe("the layer", () => {
  it("of the operation gate changes nothing, and says what that gate refuses", () => {
    const layer = { layer: "operation" } as const;
    const plain = subjectOf(application({ source: TEAM, destination: REMOTE }), layer);
    expect(plain).toMatchObject({ operationGate: "judges", changes: [], notes: [] });
    const refresh = subjectOf(application({ source: TEAM, syncPolicy: { retry: { refresh: true } } }), layer);
    expect(refresh).toMatchObject({
      operationGate: "refuses",
      notes: [expect.stringContaining("newest commit")],
    });
    const judged = { ...layer, movingRevisions: "judge" } as const;
    const moving = subjectOf(application({ source: TEAM, syncPolicy: { retry: { refresh: true } } }), judged);
    expect(moving).toMatchObject({ operationGate: "judges", notes: [] });
    const hydrated = subjectOf(application({ sourceHydrator: {} }), layer);
    expect(hydrated).toMatchObject({
      operationGate: "refuses",
      notes: [expect.stringContaining("Hydrator")],
    });
  });

  it("of both brings the hook in where it can run, and asks the operation gate everywhere", () => {
    const both = { layer: "both" } as const;
    expect(subjectOf(application({ source: TEAM }), both)).toMatchObject({
      operationGate: "judges",
      changes: [{}],
    });
    expect(subjectOf(application({ source: TEAM, destination: REMOTE }), both)).toMatchObject({
      hook: "cannot",
      operationGate: "judges",
      changes: [],
    });
  });

  it("of the hook says nothing of the operation gate", () => {
    expect(subjectOf(application({ source: TEAM })).operationGate).toBeUndefined();
  });

  it("is none for what is exempt", () => {
    const [subject] = surveyOf([application({ sourceHydrator: {} })], "sources", ["argocd/shop"], {
      layer: "both",
    }).subjects;
    expect(subject).toMatchObject({ hook: "exempt", notes: [] });
    expect(subject!.operationGate).not.toBe("refuses");
  });
});

describe("parts of an Application", () => {
  const part = { spec: { source: { targetRevision: "v1.4.2" } } };

  it.each([
    ["a source without its repository", { source: { targetRevision: "v2" } }],
    ["one of its sources without its repository", { sources: [TEAM, { targetRevision: "v2" }] }],
    ["no destination", { source: TEAM, destination: undefined }],
    ["no project", { source: TEAM, project: undefined }],
  ])("are not changed: %s", (_, spec) => {
    expect(subjectOf(application(spec))).toMatchObject({
      hook: "unknown",
      changes: [],
      notes: [expect.stringContaining("a part of one")],
    });
    const template = set({ template: { spec } });
    expect(subjectOf(template)).toMatchObject({ changes: [], notes: [expect.stringContaining("by hand")] });
  });

  it("have the hook where they name it as the last of their sources", () => {
    const sources = [{ ...TEAM, targetRevision: "v2" }, HOOK_SOURCE];
    expect(subjectOf(application({ sources, project: undefined }))).toMatchObject({
      hook: "yes",
      changes: [],
    });
  });

  it("say nothing where they say nothing of sources, and do not hide what a cluster tells", () => {
    const silent = { ...application({}), spec: { syncPolicy: {} } };
    expect(surveyOf([silent]).subjects).toEqual([]);
    const { spec: _, ...bare } = application({});
    expect(surveyOf([bare, live({ source: TEAM })]).subjects).toMatchObject([
      { isLive: true, changes: [{}] },
    ]);
    expect(surveyOf([{ ...application({}), ...part }, live({ source: TEAM })]).subjects).toHaveLength(2);
  });
});

function ignoring(list: readonly unknown[], kustomize?: object): Parts {
  return set({
    ignoreApplicationDifferences: list,
    template: { spec: { source: { ...TEAM, ...(kustomize && { kustomize }) } } },
  });
}

describe("fields that ignore the source", () => {
  it("of an ApplicationSet keep it a person's to change, by a component as before", () => {
    const pointers = [{ jsonPointers: ["/spec/source/targetRevision"] }];
    const why = expect.stringContaining("ignoreApplicationDifferences");
    expect(only(ignoring(pointers))).toMatchObject({ changes: [], notes: [why] });
    const expressions = [{ jqPathExpressions: [".spec.source.helm"] }];
    expect(only(ignoring(expressions))).toMatchObject({ changes: [], notes: [why] });
    expect(only(ignoring([{ jsonPointers: ["/spec/syncPolicy"] }]))).toMatchObject({ changes: [{}] });
    const [subject] = surveyOf([ignoring(pointers, {})], "components").subjects;
    expect(subject!.changes).toHaveLength(1);
  });

  it("of Applications are told of the one that ignores them", () => {
    const ignoreDifferences = [{ group: "argoproj.io", kind: "Application", jsonPointers: ["/spec/source"] }];
    expect(only(application({ source: TEAM, ignoreDifferences })).notes).toEqual([
      expect.stringContaining("/spec/sources/0"),
    ]);
    const others = [{ ...ignoreDifferences[0], kind: "Deployment" }];
    expect(only(application({ source: TEAM, ignoreDifferences: others })).notes).toEqual([]);
  });
});

function applied(...groups: readonly string[]): Parts {
  return { status: { resources: groups.map((group) => ({ group })) } };
}

it("an Application that has applied Argo CD's own objects alone is told to need no hook", () => {
  expect(only(live({ source: TEAM }, applied("argoproj.io"))).notes).toEqual([
    expect.stringContaining("--exempt"),
  ]);
  expect(only(live({ source: TEAM }, applied("argoproj.io", "apps"))).notes).toEqual([]);
  expect(only(live({ source: TEAM }, applied())).notes).toEqual([]);
});

it("a source by another address of the hook's repository is neither taken for the hook nor doubled", () => {
  const source = { ...HOOK_SOURCE, repoURL: "git@git.example.com:platform/mc-presync.git" };
  const subject = only(application({ sources: [TEAM, source] }));
  expect(subject).toMatchObject({
    hook: "unknown",
    by: "source",
    changes: [],
    notes: [expect.stringContaining(HOOK.repo)],
  });
});
