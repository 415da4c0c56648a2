import { describe, expect, it } from "vitest";

import {
  application,
  COMPONENT,
  DEPLOYED,
  HOOK,
  HOOK_SOURCE,
  live,
  only,
  RAN,
  surveyOf,
  synced,
  TEAM,
} from "../../../test/support/adoption-world.ts";

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
    expect(only(application(spec))).toMatchObject({ hook: "yes", by, notes: [], changes: [] });
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
    [
      "things that are no texts",
      { source: { repoURL: "x", path: [], kustomize: { components: [null, {}] } } },
    ],
  ])("does not name it: %s", (_, spec) => {
    const subject = only(application(spec));
    expect(subject).toMatchObject({ hook: "unknown", lastSync: "unknown" });
    expect(subject.changes).toHaveLength(1);
    expect(subject.by).toBeUndefined();
  });

  it("doubts a source that another one may replace, and a component that may be left out", () => {
    const early = only(application({ sources: [HOOK_SOURCE, TEAM] }));
    expect(early).toMatchObject({ hook: "yes", by: "source", changes: [] });
    expect(early.notes[0]).toContain("not the last source");
    const kustomize = { components: [COMPONENT], ignoreMissingComponents: true };
    const lost = only(application({ source: { ...TEAM, kustomize } }));
    expect(lost).toMatchObject({ hook: "unknown", by: "component", changes: [] });
    expect(lost.notes[0]).toContain("ignoreMissingComponents");
  });

  it("needs none where it is exempt", () => {
    const { subjects } = surveyOf([application({ source: TEAM })], "sources", ["argocd/shop"]);
    expect(subjects[0]).toMatchObject({ hook: "exempt", changes: [] });
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
    ["the hook named after the Application", synced([{ ...RAN, name: "shop-mc-presync" }]), "yes", "ran"],
    ["the hook that kustomize renamed", synced([{ ...RAN, name: "dev-mc-presync-v2" }]), "yes", "ran"],
    ["a hook of a longer word", synced([{ ...RAN, name: "abmc-presync" }]), "no", "did-not-run"],
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
    expect(subject.changes.length === 0).toBe(hook === "yes");
  });

  it("does not count a hook whose source was taken out since", () => {
    const subject = only(live(spec, synced([RAN], { sources: [TEAM, HOOK_SOURCE] })));
    expect(subject).toMatchObject({ hook: "no", lastSync: "ran" });
    expect(subject.notes).toEqual(["it was named in the last sync, but no longer is"]);
  });

  it("is told of an Application that is kept in a file, which is what changes", () => {
    const file = application(spec);
    const subject = only(live({ source: HOOK_SOURCE }, synced([DEPLOYED])), file);
    expect(subject).toMatchObject({ hook: "no", lastSync: "did-not-run", isLive: false, place: file });
  });
});
