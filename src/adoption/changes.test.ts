import { describe, expect, it } from "vitest";

import {
  application,
  COMPONENT,
  HOOK_SOURCE,
  live,
  only,
  type Parts,
  surveyOf,
  TEAM,
} from "../../test/support/adoption-world.ts";
import { patched } from "../../test/support/json-patch.ts";
import type { Way } from "./changes.ts";
import { jsonPatchOf } from "./json-patch.ts";

function changeOf(spec: Parts, way: Way = "sources", parts: Parts = {}) {
  const [subject] = surveyOf([live(spec, parts)], way).subjects;
  return { change: subject!.change, notes: subject!.notes };
}

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
    const result = patched(object, jsonPatchOf(subject!.change!, object));
    expect(surveyOf([result], way).subjects[0]).toMatchObject({ hook: "yes", change: undefined });
    expect(() => patched(result, jsonPatchOf(subject!.change!, object))).toThrow("patch");
  });
});
