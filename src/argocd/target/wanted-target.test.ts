import { describe, expect, it } from "vitest";

import { type OperationSources, wantedTarget } from "./wanted-target.ts";

const SHA = "a".repeat(40);
const OTHER = "b".repeat(40);
const LONG = "c".repeat(64);
const GIT = { repoURL: "https://git.example/shop", path: "deploy", targetRevision: "main" };
const CHART = { repoURL: "https://charts.example", chart: "web", targetRevision: "1.x" };
const VALUES = { repoURL: "https://git.example/values", ref: "values", targetRevision: "main" };
const HYDRATED = {
  sourceHydrator: { drySource: { repoURL: GIT.repoURL }, syncSource: { path: "deploy" } },
};
const destination = { server: "https://kubernetes.default.svc", namespace: "shop" };

function wanted(spec: object, said: OperationSources) {
  return wantedTarget({ spec: { destination, ...spec } }, said);
}

describe("what a sync applies", () => {
  it("is the manifests that the operation holds, whatever its sources", () => {
    expect(wanted({ source: GIT }, { manifests: ["{}"], source: CHART })).toEqual({
      kind: "inline",
      manifests: ["{}"],
    });
  });

  it("is the manifests that the operation holds for a hydrator's Application, too", () => {
    expect(wanted(HYDRATED, { manifests: ["{}"] })).toMatchObject({ kind: "inline" });
  });

  it.each<[string, object, OperationSources, { revisions: string[]; moving: string[] }]>([
    ["one source", { source: GIT }, { revision: SHA, source: GIT }, { revisions: [SHA], moving: [] }],
    [
      "of another target revision",
      { source: GIT },
      { revision: SHA, source: { ...GIT, targetRevision: SHA } },
      { revisions: [SHA], moving: [] },
    ],
    ["none in the operation", { source: GIT }, { revision: SHA }, { revisions: [SHA], moving: [] }],
    [
      "empty values, as people write them",
      { source: { ...GIT, helm: { values: "", parameters: [] } } },
      { revision: SHA, source: { ...GIT, helm: {} } },
      { revisions: [SHA], moving: [] },
    ],
    [
      "many sources",
      { sources: [GIT, CHART] },
      { revisions: [SHA, "1.2.3"], sources: [GIT, CHART], source: { repoURL: "" } },
      { revisions: [SHA, "1.2.3"], moving: [] },
    ],
    [
      "a list with its first source, as Argo CD writes results",
      { sources: [GIT, CHART] },
      { revision: "", revisions: [SHA, "1.2.3"], sources: [GIT, CHART], source: GIT },
      { revisions: [SHA, "1.2.3"], moving: [] },
    ],
    ["a branch", { source: GIT }, { revision: "main" }, { revisions: ["main"], moving: ["main"] }],
    [
      "a version, which git can move",
      { source: GIT },
      { revision: "1.2.3" },
      { revisions: ["1.2.3"], moving: ["1.2.3"] },
    ],
    [
      "64 digits, which name a branch",
      { source: GIT },
      { revision: LONG },
      { revisions: [LONG], moving: [LONG] },
    ],
    [
      "a digest in git, where it is a branch",
      { source: GIT },
      { revision: `sha256:${LONG}` },
      { revisions: [`sha256:${LONG}`], moving: [`sha256:${LONG}`] },
    ],
    [
      "a digest of an OCI artifact",
      { source: { repoURL: "oci://registry.example/shop", path: "." } },
      { revision: `sha256:${LONG}` },
      { revisions: [`sha256:${LONG}`], moving: [] },
    ],
    ...[
      { repoURL: "oci://registry.example/shop", path: "." },
      { repoURL: "oci://registry.example", chart: "shop" },
      CHART,
    ].map((source): [string, object, OperationSources, { revisions: string[]; moving: string[] }] => [
      `40 digits that name a tag of ${source.repoURL}`,
      { source },
      { revision: SHA },
      { revisions: [SHA], moving: [SHA] },
    ]),
    [
      "a version of an OCI artifact, which is a tag",
      { source: { repoURL: "oci://registry.example", chart: "shop" } },
      { revision: "1.2.3" },
      { revisions: ["1.2.3"], moving: ["1.2.3"] },
    ],
    ...[
      "registry.example/charts",
      "registry.example:5000/charts",
      "127.0.0.1:5000/charts",
      "s3://bucket/charts",
      "git+https://git.example/charts",
      "",
    ].map((repoURL): [string, object, OperationSources, { revisions: string[]; moving: string[] }] => [
      `a version of a chart at ${repoURL || "no address"}, which is no index`,
      { source: { repoURL, chart: "web" } },
      { revision: "1.2.3" },
      { revisions: ["1.2.3"], moving: ["1.2.3"] },
    ]),
    [
      "a version of a chart in an index",
      { source: { repoURL: "HTTPS://charts.example", chart: "web" } },
      { revision: "1.2.3" },
      { revisions: ["1.2.3"], moving: [] },
    ],
    ["a version range", { source: CHART }, { revision: "1.x" }, { revisions: ["1.x"], moving: ["1.x"] }],
    [
      "files of another source, where the operation says the sources",
      { sources: [GIT, VALUES] },
      { revisions: [SHA, OTHER], sources: [GIT, VALUES] },
      { revisions: [SHA, OTHER], moving: [] },
    ],
    [
      "files of another source at the commit that the spec names",
      { sources: [GIT, { ...VALUES, targetRevision: OTHER }] },
      { revisions: [SHA, OTHER] },
      { revisions: [SHA, OTHER], moving: [] },
    ],
    [
      "files of another source at the branch that the spec names",
      { sources: [GIT, VALUES] },
      { revisions: [SHA, "main"] },
      { revisions: [SHA, "main"], moving: ["main"] },
    ],
  ])("%s", (_, spec, said, { revisions, moving }) => {
    const named = moving.map((revision) => ({ revision, at: revisions.indexOf(revision), isNamed: true }));
    expect(wanted(spec, said)).toMatchObject({ kind: "render", revisions, moving: named });
  });

  it.each<[string, object, boolean]>([
    ["a tag of a chart in a registry", { repoURL: "registry.example:5000/charts", chart: "web" }, true],
    ["a tag of an artifact", { repoURL: "oci://registry.example/web" }, true],
    ["a version range of an index", CHART, false],
    ["a branch", GIT, false],
  ])("moves as %s", (_, source, isTag) => {
    const moving = [{ revision: "1.x", at: 0, isNamed: true, isTag }];
    expect(wanted({ source }, { revision: "1.x" })).toMatchObject({ moving });
  });

  /** Argo CD takes the targetRevision of the sources that it takes. */
  it.each<[string, object, OperationSources, { revisions: string[]; moving: string[] }]>([
    ["RollingSync, of a branch", { source: GIT }, {}, { revisions: ["main"], moving: ["main"] }],
    [
      "RollingSync, of a commit",
      { source: { ...GIT, targetRevision: SHA } },
      {},
      { revisions: [SHA], moving: [] },
    ],
    [
      "RollingSync, of many sources",
      { sources: [{ ...GIT, targetRevision: SHA }, CHART] },
      {},
      { revisions: [SHA, "1.x"], moving: ["1.x"] },
    ],
    [
      "Kargo, with an empty list",
      { sources: [{ ...GIT, targetRevision: SHA }] },
      { revisions: [] },
      { revisions: [SHA], moving: [] },
    ],
    [
      "a list for one source, which Argo CD does not look at",
      { source: { ...GIT, targetRevision: OTHER } },
      { revisions: [SHA] },
      { revisions: [OTHER], moving: [] },
    ],
    [
      "an empty revision beside a source with another target revision",
      { source: GIT },
      { revision: "", source: { ...GIT, targetRevision: SHA } },
      { revisions: [SHA], moving: [] },
    ],
    [
      "one empty revision of two",
      { sources: [GIT, { ...CHART, targetRevision: "1.2.3" }] },
      { revisions: [SHA, ""] },
      { revisions: [SHA, "1.2.3"], moving: [] },
    ],
    [
      "no target revision either, which is the newest",
      { source: { repoURL: GIT.repoURL } },
      {},
      { revisions: [""], moving: [""] },
    ],
    [
      "files of another source, read at the same branch",
      { sources: [{ ...GIT, targetRevision: SHA }, VALUES] },
      {},
      { revisions: [SHA, "main"], moving: ["main"] },
    ],
  ])("is what the sources say where it names no revision: %s", (_, spec, said, { revisions, moving }) => {
    const unnamed = moving.map((revision) => ({ revision, at: revisions.indexOf(revision), isNamed: false }));
    expect(wanted(spec, said)).toMatchObject({ kind: "render", revisions, moving: unnamed });
  });

  it.each<[string, object, OperationSources]>([
    [
      "a rollback to older parameters",
      { source: { ...GIT, helm: { values: "a: 1" } } },
      { revision: OTHER, source: GIT },
    ],
    [
      "another repository",
      { source: GIT },
      { revision: SHA, source: { ...GIT, repoURL: "https://evil.example" } },
    ],
    [
      "values that a tool is handed as they are",
      { source: { ...GIT, helm: { valuesObject: { a: "" } } } },
      { revision: SHA, source: { ...GIT, helm: { valuesObject: {} } } },
    ],
    ["one source for a list", { sources: [GIT, CHART] }, { revisions: [SHA, "1.2.3"], source: GIT }],
    ["a list for one source", { source: GIT }, { revision: SHA, sources: [GIT, CHART] }],
    [
      "a list of the one source, of which Argo CD takes the other revision",
      { source: GIT },
      { sources: [GIT], revision: SHA, revisions: [OTHER] },
    ],
    [
      "the one source of a list, of which Argo CD takes the other revision",
      { sources: [GIT] },
      { source: GIT, revision: OTHER, revisions: [SHA] },
    ],
    ["an empty source for a list", { sources: [GIT] }, { source: {}, revision: OTHER, revisions: [SHA] }],
    [
      "a list beside another source",
      { source: GIT },
      { sources: [GIT], source: { ...GIT, path: "other" }, revision: SHA },
    ],
    ...["directory", "helm", "kustomize", "plugin"].map((tool): [string, object, OperationSources] => [
      `an empty ${tool}, which has Argo CD use that tool`,
      { source: GIT },
      { revision: SHA, source: { ...GIT, [tool]: {} } },
    ]),
    [
      "a directory of which nothing is left",
      { source: GIT },
      { revision: SHA, source: { ...GIT, directory: { recurse: false, jsonnet: {} } } },
    ],
    [
      "files of another source, at another revision than the spec's",
      { sources: [GIT, { ...VALUES, targetRevision: OTHER }] },
      { revisions: [SHA, SHA] },
    ],
    ["a hydrator, of which Argo CD renders the dry source", HYDRATED, { revision: SHA, source: GIT }],
    [
      "a hydrator beside sources, of which Argo CD takes either",
      { ...HYDRATED, sources: [GIT] },
      { revision: OTHER, revisions: [SHA], sources: [GIT] },
    ],
    [
      "the newest revision beside the spec's, which Argo CD would render",
      { source: GIT },
      { source: { ...GIT, targetRevision: "" } },
    ],
    ["too few revisions", { sources: [GIT, CHART] }, { revisions: [SHA], sources: [GIT, CHART] }],
    ["no source", {}, { revision: SHA }],
  ])("cannot be told: %s", (_, spec, said) => {
    expect(() => wanted(spec, said)).toThrow(/cannot be determined/);
  });
});
