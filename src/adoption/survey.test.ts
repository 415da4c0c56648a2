import { describe, expect, it } from "vitest";

import type { Way } from "./changes.ts";
import type { Found } from "./identity.ts";
import { jsonPatchOf } from "./json-patch.ts";
import { readArgoObject } from "./objects.ts";
import type { Subject } from "./subjects.ts";
import { survey } from "./survey.ts";

const HOOK = {
  repo: "https://git.example.com/platform/mc-presync",
  path: "hook",
  component: "component",
  revision: "v1",
};
const HOOK_SOURCE = { repoURL: HOOK.repo, path: "hook", targetRevision: "v1" };
const COMPONENT = `${HOOK.repo}//component?ref=v1`;
const TEAM = { repoURL: "https://git.example.com/shop/deploy", path: "production" };
const RAN = { group: "batch", kind: "Job", name: "mc-presync", hookType: "PreSync" };
const DEPLOYED = { group: "apps", kind: "Deployment", name: "web" };

type Parts = Readonly<Record<string, unknown>>;

function application(spec: Parts, parts: Parts = {}, metadata: Parts = {}): Parts {
  const named = { name: "shop", namespace: "argocd", ...metadata };
  return { apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata: named, spec, ...parts };
}

function live(spec: Parts, parts: Parts = {}, metadata: Parts = {}): Parts {
  return application(spec, parts, { uid: "1", ...metadata });
}

function set(spec: Parts, name = "teams"): Parts {
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "ApplicationSet",
    metadata: { name, namespace: "argocd" },
    spec,
  };
}

function madeBy(name: string): Parts {
  return { ownerReferences: [{ kind: "ApplicationSet", name }] };
}

function child(name: string, spec: Parts, parts: Parts = {}): Parts {
  return live(spec, parts, { name, ...madeBy("teams") });
}

function project(...sourceRepos: readonly string[]): Parts {
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "AppProject",
    metadata: { name: "shop" },
    spec: { sourceRepos },
  };
}

/** A last sync: whole and with hooks, unless told otherwise. */
function synced(
  resources: readonly unknown[],
  { sync = {}, phase = "Succeeded", ...result }: Parts = {},
): Parts {
  return { status: { operationState: { phase, operation: { sync }, syncResult: { resources, ...result } } } };
}

function surveyOf(objects: readonly Parts[], way: Way = "sources", exempt: readonly string[] = []) {
  const found = objects.map((value): Found<Parts> => {
    const read = readArgoObject(value);
    if (!read?.ok) throw new Error(read?.message ?? "none of Argo CD's");
    return { object: read.object, place: value };
  });
  return survey(found, { hook: HOOK, way, namespace: "argocd", exempt });
}

function changeOf(spec: Parts, way: Way = "sources", parts: Parts = {}) {
  const [subject] = surveyOf([live(spec, parts)], way).subjects;
  return { change: subject!.change, notes: subject!.notes };
}

function only(...objects: readonly Parts[]): Subject<Parts> {
  const { subjects } = surveyOf(objects);
  expect(subjects).toHaveLength(1);
  return subjects[0]!;
}

describe("what an Application says of the hook", () => {
  it.each([
    ["a source of its own", { sources: [TEAM, HOOK_SOURCE] }, "source"],
    [
      "one at another revision, spelt differently",
      { sources: [TEAM, { repoURL: `${HOOK.repo.toUpperCase()}.git`, path: "./hook/" }] },
      "source",
    ],
    ["one alone", { source: HOOK_SOURCE }, "source"],
    ["a component", { source: { ...TEAM, kustomize: { components: ["../x", COMPONENT] } } }, "component"],
    [
      "a component of the second source",
      { sources: [TEAM, { ...TEAM, kustomize: { components: [COMPONENT] } }] },
      "component",
    ],
    [
      "a component without scheme and double slash",
      {
        source: {
          ...TEAM,
          kustomize: { components: ["git.example.com/platform/mc-presync/component?ref=v2"] },
        },
      },
      "component",
    ],
  ])("names it: %s", (_, spec, by) => {
    expect(only(application(spec))).toMatchObject({ hook: "yes", by, notes: [], change: undefined });
  });

  it.each([
    ["another folder of the repository", { sources: [TEAM, { ...HOOK_SOURCE, path: "hooks" }] }],
    ["the repository for values only", { sources: [TEAM, { repoURL: HOOK.repo, ref: "hook" }] }],
    [
      "a repository whose name begins alike",
      { sources: [TEAM, { ...HOOK_SOURCE, repoURL: `${HOOK.repo}-old` }] },
    ],
    ["a source that sources overrule", { source: HOOK_SOURCE, sources: [TEAM] }],
    ["another component", { source: { ...TEAM, kustomize: { components: [`${HOOK.repo}//components`] } } }],
    ["things that are no texts", { source: { repoURL: 1, path: [], kustomize: { components: [null, {}] } } }],
  ])("does not name it: %s", (_, spec) => {
    const subject = only(application(spec));
    expect(subject).toMatchObject({ hook: "unknown", lastSync: "unknown" });
    expect(subject.change).toBeDefined();
    expect(subject.by).toBeUndefined();
  });

  it("doubts a source that another one may replace, and a component that may be left out", () => {
    const early = only(application({ sources: [HOOK_SOURCE, TEAM] }));
    expect(early).toMatchObject({ hook: "yes", by: "source", change: undefined });
    expect(early.notes[0]).toContain("not the last source");
    const kustomize = { components: [COMPONENT], ignoreMissingComponents: true };
    const lost = only(application({ source: { ...TEAM, kustomize } }));
    expect(lost).toMatchObject({ hook: "unknown", by: "component", change: undefined });
    expect(lost.notes[0]).toContain("ignoreMissingComponents");
  });

  it("needs none where it is exempt", () => {
    const { subjects } = surveyOf([application({ source: TEAM })], "sources", ["argocd/shop"]);
    expect(subjects[0]).toMatchObject({ hook: "exempt", change: undefined });
  });
});

describe("what the last sync shows", () => {
  const spec = { source: TEAM };

  it.each([
    ["the hook as a Job", synced([DEPLOYED, RAN]), "yes", "ran"],
    ["the hook as a Pod", synced([{ ...RAN, group: "", kind: "Pod" }]), "yes", "ran"],
    ["the hook in a sync that failed", synced([RAN], { phase: "Failed" }), "yes", "ran"],
    ["a whole sync without it", synced([DEPLOYED]), "no", "did-not-run"],
    ["a Job of that name that is no hook", synced([{ ...RAN, hookType: "" }]), "no", "did-not-run"],
    ["another hook", synced([{ ...RAN, name: "migrate" }]), "no", "did-not-run"],
    ["a hook of that name at another time", synced([{ ...RAN, hookType: "PostSync" }]), "no", "did-not-run"],
    [
      "one that kustomize may have renamed",
      synced([{ ...RAN, name: "dev-mc-presync" }]),
      "unknown",
      "unknown",
    ],
    ["a sync of single resources", synced([DEPLOYED], { sync: { resources: [{}] } }), "unknown", "unknown"],
    ["a sync by apply", synced([DEPLOYED], { sync: { syncStrategy: { apply: {} } } }), "unknown", "unknown"],
    ["a sync by hook", synced([DEPLOYED], { sync: { syncStrategy: { hook: {} } } }), "no", "did-not-run"],
    ["a dry run", synced([DEPLOYED], { sync: { dryRun: true } }), "unknown", "unknown"],
    ["a sync of local manifests", synced([DEPLOYED], { sync: { manifests: ["{}"] } }), "unknown", "unknown"],
    ["a sync that failed", synced([DEPLOYED], { phase: "Failed" }), "unknown", "unknown"],
    ["a sync of nothing", synced([]), "unknown", "unknown"],
    ["no sync", {}, "unknown", "unknown"],
  ])("%s", (_, status, hook, lastSync) => {
    const subject = only(live(spec, status));
    expect(subject).toMatchObject({ hook, lastSync });
    expect(subject.by).toBe(hook === "yes" ? "repository" : undefined);
    expect(subject.change === undefined).toBe(hook === "yes");
  });

  it("does not count a hook whose source was taken out since", () => {
    const subject = only(live(spec, synced([RAN], { sources: [TEAM, HOOK_SOURCE] })));
    expect(subject).toMatchObject({ hook: "no", lastSync: "ran" });
    expect(subject.notes).toEqual(["it was named in the last sync, and is no more"]);
  });

  it("is told of an Application that is kept in a file, which is what changes", () => {
    const file = application(spec);
    const subject = only(live({ source: HOOK_SOURCE }, synced([DEPLOYED])), file);
    expect(subject).toMatchObject({ hook: "no", lastSync: "did-not-run", isLive: false, place: file });
  });
});

describe("the change", () => {
  it("makes sources of a source, the hook last", () => {
    const value = HOOK_SOURCE;
    const wrap = { kind: "wrap", path: ["spec"], field: "source", as: "sources", value };
    expect(changeOf({ source: TEAM }).change).toEqual(wrap);
    expect(changeOf({ source: TEAM, sources: [] }).change).toEqual(wrap);
    const append = { kind: "append", path: ["spec", "sources"], value };
    expect(changeOf({ sources: [TEAM] }).change).toEqual(append);
  });

  it.each([
    [
      "components that are there",
      { source: { kustomize: { components: ["a"] } } },
      { kind: "append", path: ["spec", "source", "kustomize", "components"], value: COMPONENT },
    ],
    [
      "what is said of kustomize",
      { source: { kustomize: { namePrefix: "a" } } },
      { kind: "set", path: ["spec", "source", "kustomize"], field: "components", value: [COMPONENT] },
    ],
    [
      "the second source",
      { sources: [TEAM, { kustomize: {} }] },
      { kind: "set", path: ["spec", "sources", 1, "kustomize"], field: "components", value: [COMPONENT] },
    ],
  ])("adds a component to %s", (_, spec, change) => {
    expect(changeOf(spec, "components").change).toEqual(change);
  });

  it("adds a component where Argo CD says that kustomize renders the source", () => {
    const status = { status: { sourceType: "Kustomize" } };
    const value = { components: [COMPONENT] };
    const change = { kind: "set", path: ["spec", "source"], field: "kustomize", value };
    expect(changeOf({ source: TEAM }, "components", status).change).toEqual(change);
    const several = { status: { sourceTypes: ["Helm", "Kustomize"] } };
    const second = { ...change, path: ["spec", "sources", 1] };
    expect(changeOf({ sources: [TEAM, TEAM] }, "components", several).change).toEqual(second);
  });

  it.each([
    ["no source", {}, "sources", "no source is written"],
    ["manifests that are hydrated", { sourceHydrator: { drySource: {} } }, "sources", "hydrated"],
    ["nothing of kustomize", { source: TEAM }, "components", "kustomize"],
    [
      "components that may be left out",
      { source: { kustomize: { ignoreMissingComponents: true } } },
      "components",
      "ignoreMissingComponents",
    ],
  ] as const)("is a person's with %s", (_, spec, way, why) => {
    const { change, notes } = changeOf(spec, way);
    expect([change, notes[0]]).toEqual([undefined, expect.stringContaining(why)]);
    expect(notes[0]).toContain("by hand");
  });

  it("is said to come back as it was where Argo CD applies the Application itself", () => {
    const annotations = { "argocd.argoproj.io/tracking-id": "apps:argoproj.io/Application:argocd/shop" };
    const { notes } = only(live({ source: TEAM }, {}, { annotations }));
    expect(notes[0]).toContain("Argo CD applies it for apps");
    expect(only(application({ source: TEAM }, {}, { annotations })).notes).toEqual([]);
  });

  it.each([
    ["a source", { source: TEAM }, "sources"],
    ["sources", { sources: [TEAM] }, "sources"],
    ["components", { source: { kustomize: { components: ["a"] } } }, "components"],
    ["no components", { source: { kustomize: {} } }, "components"],
  ] as const)("as a patch brings the hook to %s, once", (_, spec, way) => {
    const object = live(spec);
    const [subject] = surveyOf([object], way).subjects;
    const patched = patch(object, jsonPatchOf(subject!.change!, object));
    expect(surveyOf([patched], way).subjects[0]).toMatchObject({ hook: "yes", change: undefined });
    expect(() => patch(patched, jsonPatchOf(subject!.change!, object))).toThrow("patch");
  });
});

describe("ApplicationSets", () => {
  const named = set({ template: { spec: { sources: [TEAM, HOOK_SOURCE] } } });
  const unnamed = set({ template: { spec: { source: TEAM } } });

  it("stand once for all that they make, and the change goes into the template", () => {
    const subject = only(unnamed, child("a", { source: TEAM }), child("b", { source: TEAM }));
    const change = {
      kind: "wrap",
      path: ["spec", "template", "spec"],
      field: "source",
      as: "sources",
      value: HOOK_SOURCE,
    };
    expect(subject).toMatchObject({
      kind: "ApplicationSet",
      name: "teams",
      hook: "unknown",
      generated: 2,
      change,
    });
  });

  it("have the hook where the template names it and nothing lags behind", () => {
    const subject = only(named, child("a", { sources: [TEAM, HOOK_SOURCE] }));
    expect(subject).toMatchObject({ hook: "yes", by: "source", generated: 1, notes: [] });
    expect(only(named)).toMatchObject({ hook: "yes", by: "source", generated: 0 });
  });

  it("do not have it while Applications of theirs do not", () => {
    const subject = only(named, child("a", { sources: [TEAM, HOOK_SOURCE] }), child("b", { source: TEAM }));
    expect(subject).toMatchObject({ hook: "no", change: undefined });
    expect(subject.notes).toEqual(["1 of its Applications do not have what its template has"]);
  });

  it("have it by their Applications' own repositories, where each has run it", () => {
    const subject = only(unnamed, child("a", { source: TEAM }, synced([RAN])));
    expect(subject).toMatchObject({ hook: "yes", by: "repository", lastSync: "ran", change: undefined });
  });

  it("are told by what their Applications lack, where they were not read", () => {
    const subject = only(child("a", { source: TEAM }, synced([DEPLOYED])), child("b", { source: TEAM }));
    expect(subject).toMatchObject({
      kind: "ApplicationSet",
      name: "teams",
      hook: "no",
      generated: 2,
      change: undefined,
    });
    expect(subject.notes[0]).toContain("was not read");
  });

  it.each([
    [
      "a patch of its template",
      { templatePatch: "spec:\n  sources: []\n", template: { spec: { source: TEAM } } },
    ],
    [
      "a generator's template",
      {
        generators: [{ matrix: { generators: [{ git: { template: { spec: { source: TEAM } } } }] } }],
        template: { spec: { source: TEAM } },
      },
    ],
  ])("are a person's to change with %s", (_, spec) => {
    const subject = only(set(spec));
    expect(subject).toMatchObject({ hook: "unknown", change: undefined });
    expect(subject.notes[0]).toContain("by hand");
  });
});

describe("projects", () => {
  const asking = application({ project: "shop", source: TEAM });

  it.each([
    ["yes", ["https://git.example.com/platform/*"]],
    ["yes", ["https://other", "*"]],
    ["no", ["https://git.example.com/*"]],
    ["no", []],
    ["unknown", ["https://git.example.com/{a,b}/*"]],
  ])("say %s by %j", (allows, list) => {
    expect(surveyOf([asking, project(...list)]).projects).toEqual([{ name: "shop", allows }]);
  });

  it("are told where they were not read, and where one of two says no", () => {
    expect(surveyOf([application({ source: TEAM })]).projects).toEqual([
      { name: "default", allows: "not read" },
    ]);
    const two = surveyOf([asking, project("*"), project()]);
    expect(two.projects).toEqual([{ name: "shop", allows: "no" }]);
  });

  it("are not asked about components, nor by a template that leaves them open", () => {
    const kustomize = application({ project: "shop", source: { kustomize: {} } });
    expect(surveyOf([kustomize, project()], "components").projects).toEqual([]);
    expect(
      surveyOf([set({ template: { spec: { project: "{{ .team }}", source: TEAM } } })]).projects,
    ).toEqual([]);
  });
});

interface Step {
  readonly op: string;
  readonly path: string;
  readonly from?: string;
  readonly value?: unknown;
}

/** RFC 6902, as far as the patches go. */
function patch(object: Parts, steps: readonly Step[]): Parts {
  const copy: Parts = structuredClone(object);
  const parent = (pointer: string): [Record<string, unknown>, string] => {
    const parts = pointer.split("/").slice(1);
    let here = copy as Record<string, unknown>;
    for (const part of parts.slice(0, -1)) here = here[part] as Record<string, unknown>;
    return [here, parts.at(-1)!];
  };
  const add = (pointer: string, value: unknown): void => {
    const [here, key] = parent(pointer);
    if (Array.isArray(here)) here.splice(key === "-" ? here.length : Number(key), 0, value);
    else here[key] = value;
  };
  for (const { op, path, from, value } of steps) {
    const [here, key] = parent(from ?? path);
    if (op !== "add" && here[key] === undefined) throw new Error(`patch: nothing at ${from ?? path}`);
    if (op === "test" && JSON.stringify(here[key]) !== JSON.stringify(value)) throw new Error("patch: test");
    if (op === "add") add(path, value);
    if (op === "replace") here[key] = value;
    if (op === "move") {
      const moved = here[key];
      delete here[key];
      add(path, moved);
    }
  }
  return copy;
}
