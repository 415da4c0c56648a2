import { describe, expect, it } from "vitest";

import {
  application,
  child,
  DEPLOYED,
  HOOK_SOURCE,
  only,
  project,
  RAN,
  set,
  surveyOf,
  synced,
  TEAM,
} from "../../../test/support/adoption-world.ts";

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
      changes: [change],
    });
  });

  it("have the hook where the template names it and nothing lags behind", () => {
    const subject = only(named, child("a", { sources: [TEAM, HOOK_SOURCE] }));
    expect(subject).toMatchObject({ hook: "yes", by: "source", generated: 1, notes: [] });
    expect(only(named)).toMatchObject({ hook: "yes", by: "source", generated: 0 });
  });

  it("do not have it while Applications of theirs do not", () => {
    const subject = only(named, child("a", { sources: [TEAM, HOOK_SOURCE] }), child("b", { source: TEAM }));
    expect(subject).toMatchObject({ hook: "no", changes: [] });
    expect(subject.notes).toEqual(["1 of its Applications do not have what its template has"]);
  });

  it("have it by their Applications' own repositories, where each has run it", () => {
    const subject = only(unnamed, child("a", { source: TEAM }, synced([RAN])));
    expect(subject).toMatchObject({ hook: "yes", by: "repository", lastSync: "ran", changes: [] });
  });

  it("are told by what their Applications lack, where they were not read", () => {
    const subject = only(child("a", { source: TEAM }, synced([DEPLOYED])), child("b", { source: TEAM }));
    expect(subject).toMatchObject({
      kind: "ApplicationSet",
      name: "teams",
      hook: "no",
      generated: 2,
      changes: [],
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
    expect(subject).toMatchObject({ hook: "unknown", changes: [] });
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
    expect(surveyOf([asking, project(...list)]).projects).toMatchObject([{ name: "shop", allows }]);
  });

  it("are told where they were not read, and where one of two says no", () => {
    expect(surveyOf([application({ project: "", source: TEAM })]).projects).toMatchObject([
      { name: "default", allows: "not read", allowsJobs: "not read" },
    ]);
    const two = surveyOf([asking, project("*"), project()]);
    expect(two.projects).toMatchObject([{ name: "shop", allows: "no" }]);
  });

  it("are not asked about components, nor by a template that leaves them open", () => {
    const kustomize = application({ project: "shop", source: { ...TEAM, kustomize: {} } });
    expect(surveyOf([kustomize, project()], "components").projects).toEqual([]);
    expect(
      surveyOf([set({ template: { spec: { project: "{{ .team }}", source: TEAM } } })]).projects,
    ).toEqual([]);
  });

  it.each([
    ["no list", {}, "yes"],
    ["a list with Jobs", { namespaceResourceWhitelist: [{ group: "batch", kind: "Job" }] }, "yes"],
    ["a list with everything", { namespaceResourceWhitelist: [{ group: "*", kind: "*" }] }, "yes"],
    ["a list without Jobs", { namespaceResourceWhitelist: [{ group: "apps", kind: "Deployment" }] }, "no"],
    ["an empty list", { namespaceResourceWhitelist: [] }, "no"],
    ["an empty list of what is forbidden", { namespaceResourceBlacklist: [] }, "yes"],
    ["Jobs forbidden", { namespaceResourceBlacklist: [{ group: "batch", kind: "*" }] }, "no"],
  ])("say whether they allow Jobs: %s", (_, lists, allowsJobs) => {
    const { spec, ...rest } = project("*");
    const given = { ...rest, spec: { ...(spec as object), ...lists } };
    expect(surveyOf([asking, given]).projects).toMatchObject([{ allows: "yes", allowsJobs }]);
    const kustomize = application({ project: "shop", source: { ...TEAM, kustomize: {} } });
    const { projects } = surveyOf([kustomize, given], "components");
    expect(projects.map((each) => each.allowsJobs)).toEqual(allowsJobs === "no" ? ["no"] : []);
  });

  it("say that the hook's commits have to be signed", () => {
    const { spec, ...rest } = project("*");
    const signed = { ...rest, spec: { ...(spec as object), signatureKeys: [{ keyID: "4AEE18F83AFDEB23" }] } };
    expect(surveyOf([asking, signed]).projects).toMatchObject([{ wantsSignatures: true }]);
    expect(surveyOf([asking, project("*")]).projects).toMatchObject([{ wantsSignatures: false }]);
  });

  it("are not asked about where the operation gate alone shall ask", () => {
    expect(surveyOf([asking, project()], "sources", [], { layer: "operation" }).projects).toEqual([]);
  });
});
