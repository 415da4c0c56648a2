import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { type AdoptPlace, adoptPlaces, REPO, SHOP } from "../support/adopt-command.ts";

const places = adoptPlaces();
let at: AdoptPlace;
afterAll(() => places.remove());
beforeEach(() => {
  at = places.next();
});

const TEAM = { repoURL: "https://git.example.com/shop/deploy", path: "it's" };

function live(name: string, spec: object, parts: object = {}, metadata: object = {}): object {
  const named = { name, namespace: "argocd", uid: name, ...metadata };
  const whole = { project: "default", destination: { name: "in-cluster", namespace: "shop" }, ...spec };
  return { apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata: named, spec: whole, ...parts };
}

const WITHOUT = {
  status: {
    operationState: {
      phase: "Succeeded",
      operation: { sync: {} },
      syncResult: { resources: [{ group: "apps", kind: "Deployment", name: "web" }] },
    },
  },
};

function list(...items: readonly object[]): string {
  return JSON.stringify({ apiVersion: "v1", kind: "List", items });
}

describe("mc adopt argocd on what kubectl prints", { timeout: 60_000 }, () => {
  const owner = { ownerReferences: [{ kind: "ApplicationSet", name: "teams" }] };
  const all = list(
    live("shop", { source: TEAM }, WITHOUT),
    live("gen-a", { source: TEAM }, {}, owner),
    live("gen-b", { source: TEAM }, {}, owner),
  );

  it("reads it from standard input, and shows the command for each", async () => {
    const { code, stdout } = await at.adopt(["-f", "-"], all);
    expect(code).toBe(10);
    expect(stdout).toMatch(/^argocd\/shop +no +- +did not run +cluster$/m);
    expect(stdout).toMatch(/^argocd\/teams \(ApplicationSet, 2 read\) +unknown/m);
    expect(stdout.match(/^kubectl .*$/gm)).toEqual([
      `kubectl -n argocd patch applications.argoproj.io shop --type json -p '${JSON.stringify([
        { op: "add", path: "/spec/sources", value: [] },
        { op: "move", from: "/spec/source", path: "/spec/sources/0" },
        { op: "add", path: "/spec/sources/-", value: { repoURL: REPO, path: "hook", targetRevision: "v1" } },
      ])}'`,
    ]);
  });

  it("writes patches into a new folder, for nobody else to read, and changes nothing else", async () => {
    at.write("live.json", list(live("shop", { sources: [TEAM] }), live("web", { source: TEAM })));
    const out = `${at.place}/out`;
    const { code, applications } = await at.told(["-f", `${at.place}/live.json`, "--out", out, "--apply"]);
    expect(code).toBe(10);
    expect(readdirSync(join(at.path, "out"))).toEqual([
      "argocd_shop_application.json",
      "argocd_web_application.json",
    ]);
    expect(at.read("out/argocd_shop_application.json").trimEnd()).toBe(applications[0]?.patch);
    expect(applications[0]).toMatchObject({
      command: `kubectl -n argocd patch applications.argoproj.io shop --type json --patch-file ${out}/argocd_shop_application.json`,
    });
    expect(statSync(join(at.path, "out", "argocd_shop_application.json")).mode & 0o77).toBe(0);
    const again = await at.adopt(["-f", `${at.place}/live.json`, "--out", out]);
    expect([again.code, again.stderr]).toEqual([12, expect.stringContaining("is not empty")]);
  });

  it("changes the file of an Application that it read from both, by what the cluster tells", async () => {
    at.write("apps/shop.yaml", SHOP);
    at.write("live.json", list(live("shop", { source: TEAM }, WITHOUT)));
    const { stdout } = await at.adopt(["-f", `${at.place}/apps`, "-f", `${at.place}/live.json`]);
    expect(stdout).toMatch(/^argocd\/shop +no +- +did not run +case-\d+\/apps\/shop.yaml:2$/m);
    expect(stdout).not.toContain("kubectl");
  });

  it("quotes what a shell would read, and leaves out what nobody has to know", async () => {
    const kustomize = { namePrefix: "it's" };
    const source = { ...TEAM, helm: { parameters: [{ name: "password", value: "hunter2" }] } };
    const objects = list(
      live("a", { source: { repoURL: TEAM.repoURL, kustomize } }),
      live("b", { sources: [source] }),
      live("c", { source }),
    );
    const components = await at.adopt(["-f", "-", "--way", "components"], objects);
    expect(components.stdout).toContain(String.raw`"value":{"namePrefix":"it'\''s"}`);
    const sources = await at.adopt(["-f", "-"], objects);
    expect(sources.stdout.match(/^kubectl/gm)).toHaveLength(3);
    expect(sources.stdout).not.toContain("hunter2");
  });
});

describe("mc adopt argocd on hostile input", { timeout: 60_000 }, () => {
  it.each([
    ["brackets without end", `# argoproj.io/\na: ${"[".repeat(100_000)}`, 10],
    [
      "JSON nested deep",
      `{"kind":"List","items":[{"apiVersion":"argoproj.io/v1","kind":"Application","x":${"[".repeat(50_000)}${"]".repeat(50_000)}}]}`,
      10,
    ],
    [
      "aliases that grow",
      `# argoproj.io/\nx0: &x0 [y]\n${Array.from({ length: 30 }, (_, n) => `x${n + 1}: &x${n + 1} [*x${n}, *x${n}]\n`).join("")}`,
      10,
    ],
    ["a name that leaves the folder", list(live("../../x", { source: TEAM })), 10],
    ["more objects than are read", list(...Array(20_001).fill(live("a", { source: TEAM }))), 12],
    ["no Application", "kind: Pod\n", 12],
    ["nothing", "", 12],
  ])("%s", async (_, text, code) => {
    at.write("in.json", text);
    const out = join(at.place, "out");
    expect(await at.adopt(["-f", `${at.place}/in.json`, "--out", out])).toMatchObject({ code });
    expect(readdirSync(at.path).filter((name) => name !== "apps")).toEqual(
      code === 12 ? ["in.json"] : ["in.json", "out"],
    );
  });

  it("prints no control characters of a project's name", async () => {
    const { stdout } = await at.adopt(["-f", "-"], list(live("a", { project: "\u001b[2J", source: TEAM })));
    expect(stdout).toContain("AppProject ?[2J");
  });

  it.each([
    ["no input", []],
    ["an address with a space", ["-f", ".", "--repo", "https://x y"]],
    ["an address that a template would read", ["-f", ".", "--repo", "https://{{x}}"]],
    ["a revision of several", ["-f", ".", "--revision", "v1&x"]],
    ["a path that leaves", ["-f", ".", "--hook-path", "../hook"]],
    ["a way that is none", ["-f", ".", "--way", "helm"]],
    ["an exempt name without namespace", ["-f", ".", "--exempt", "shop"]],
    ["a dry run that writes", ["-f", ".", "--dry-run", "--apply"]],
    ["a file that is not there", ["-f", "none.yaml"]],
  ])("exits 12 for %s", async (_, args) => {
    expect(await at.adopt(args)).toMatchObject({ code: 12 });
  });

  it("does not write to standard input", async () => {
    const { code, stderr } = await at.adopt(["-f", "-", "--apply"], SHOP);
    expect([code, stderr]).toEqual([12, expect.stringContaining("standard input has no file")]);
  });
});
