import { describe, expect, it } from "vitest";

import {
  application,
  COMPONENT,
  HOOK_SOURCE,
  live,
  only,
  type Parts,
  RENAMING,
  set,
  surveyOf,
  TEAM,
} from "../../../test/support/adoption-world.ts";
import { patched } from "../../../test/support/json-patch.ts";
import type { Strategy } from "./changes.ts";
import { jsonPatchOf } from "./json-patch.ts";

function changeOf(spec: Parts, way: Strategy = "sources", parts: Parts = {}) {
  const [subject] = surveyOf([live(spec, parts)], way).subjects;
  return { changes: subject!.changes, notes: subject!.notes };
}

function kustomized(kustomize: object): Parts {
  return { repoURL: TEAM.repoURL, kustomize };
}

describe("the change", () => {
  it("makes sources of a source, the hook last", () => {
    const value = HOOK_SOURCE;
    const wrap = { kind: "wrap", path: ["spec"], field: "source", as: "sources", value };
    expect(changeOf({ source: TEAM }).changes).toEqual([wrap]);
    expect(changeOf({ source: TEAM, sources: [] }).changes).toEqual([wrap]);
    const append = { kind: "append", path: ["spec", "sources"], value };
    expect(changeOf({ sources: [TEAM] }).changes).toEqual([append]);
  });

  const inner = ["spec", "source", "kustomize"];
  const second = ["spec", "sources", 1, "kustomize"];

  it.each([
    [
      "no lists of kustomize",
      { source: kustomized({ namePrefix: "a" }) },
      [{ kind: "set", path: inner, fields: { components: [COMPONENT], patches: [RENAMING] } }],
    ],
    [
      "components",
      { source: kustomized({ components: ["a"] }) },
      [
        { kind: "append", path: [...inner, "components"], value: COMPONENT },
        { kind: "set", path: inner, fields: { patches: [RENAMING] } },
      ],
    ],
    [
      "patches",
      { source: kustomized({ patches: [{ path: "a" }] }) },
      [
        { kind: "append", path: [...inner, "patches"], value: RENAMING },
        { kind: "set", path: inner, fields: { components: [COMPONENT] } },
      ],
    ],
    [
      "both lists, in its second source",
      { sources: [TEAM, kustomized({ patches: [{ path: "a" }], components: ["a"] })] },
      [
        { kind: "append", path: [...second, "components"], value: COMPONENT },
        { kind: "append", path: [...second, "patches"], value: RENAMING },
      ],
    ],
  ])("adds a component, and a name for its hook, to an Application with %s", (_, spec, changes) => {
    expect(changeOf(spec, "components").changes).toEqual(changes);
  });

  it("adds a component where Argo CD says that kustomize renders the source", () => {
    const status = { status: { sourceType: "Kustomize" } };
    const value = { components: [COMPONENT], patches: [RENAMING] };
    const change = { kind: "set", path: ["spec", "source"], fields: { kustomize: value } };
    expect(changeOf({ source: TEAM }, "components", status).changes).toEqual([change]);
    const several = { status: { sourceTypes: ["Helm", "Kustomize"] } };
    const at = { ...change, path: ["spec", "sources", 1] };
    expect(changeOf({ sources: [TEAM, TEAM] }, "components", several).changes).toEqual([at]);
  });

  it("names the component's hook as the template names the Application", () => {
    const [subject] = surveyOf(
      [set({ template: { spec: { source: { repoURL: "x", kustomize: {} } } } })],
      "components",
    ).subjects;
    expect(JSON.stringify(subject!.changes)).toContain("{{ .team }}-mc-presync");
  });

  it.each([
    ["no source", {}, "sources", "no source is written"],
    ["manifests that are hydrated", { sourceHydrator: { drySource: {} } }, "sources", "hydrated"],
    ["nothing of kustomize", { source: TEAM }, "components", "kustomize"],
    [
      "components that may be left out",
      { source: { ...TEAM, kustomize: { ignoreMissingComponents: true } } },
      "components",
      "ignoreMissingComponents",
    ],
  ] as const)("is a person's with %s", (_, spec, way, why) => {
    const { changes, notes } = changeOf(spec, way);
    expect([changes, notes[0]]).toEqual([[], expect.stringContaining(why)]);
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
    ["a component and a patch", { source: kustomized({ components: ["a"], patches: [] }) }, "components"],
    ["a component", { source: kustomized({ components: ["a"] }) }, "components"],
    ["a patch", { source: kustomized({ patches: [] }) }, "components"],
    ["nothing of kustomize's", { source: kustomized({}) }, "components"],
  ] as const)("as a patch brings the hook to %s, once", (_, spec, way) => {
    const object = live(spec);
    const [subject] = surveyOf([object], way).subjects;
    const result = patched(object, jsonPatchOf(subject!.changes, object));
    expect(surveyOf([result], way).subjects[0]).toMatchObject({ hook: "yes", changes: [] });
    expect(() => patched(result, jsonPatchOf(subject!.changes, object))).toThrow("patch");
  });

  it("as a patch fails where somebody else has written patches meanwhile", () => {
    const object = live({ source: kustomized({ components: ["a"] }) });
    const [subject] = surveyOf([object], "components").subjects;
    const meanwhile = live({ source: kustomized({ components: ["a"], patches: [{ path: "theirs" }] }) });
    expect(() => patched(meanwhile, jsonPatchOf(subject!.changes, object))).toThrow("patch");
  });
});
