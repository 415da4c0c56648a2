import { mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { z } from "zod";

import { mcFolder, type Outcome } from "../support/run-mc.ts";

const REPO = "https://git.example.com/platform/mc-presync";
const folder = mcFolder();
let place: string;
let count = 0;
afterAll(() => folder.remove());
beforeEach(() => {
  place = `case-${(count += 1)}`;
  mkdirSync(join(folder.path, place, "apps"), { recursive: true });
});

const SHOP = `# the shop
apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: shop, namespace: argocd }
spec:
  project: shop
  source: # theirs
    repoURL: https://git.example.com/shop/deploy
    path: production   # not staging
    targetRevision: main
  destination: { server: https://kubernetes.default.svc, namespace: shop }
`;
const BLOG = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: blog, namespace: argocd }
spec:
  sources:
    - { repoURL: https://charts.example.com, chart: blog, targetRevision: 1.2.3 }
`;
const PROJECT = `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: { name: shop }
spec: { sourceRepos: ["https://git.example.com/**"] }
`;

const Answer = z.object({
  version: z.literal(1),
  applications: z.array(
    z.looseObject({
      name: z.string(),
      hook: z.string(),
      patch: z.string().optional(),
      notes: z.array(z.string()),
    }),
  ),
  files: z.array(z.object({ file: z.string(), diff: z.string(), written: z.boolean() })),
  projects: z.array(z.object({ name: z.string(), allows: z.string() })),
  problems: z.array(z.looseObject({ file: z.string(), rule: z.string() })),
});

function write(name: string, text: string): void {
  folder.write(join(place, name), text);
}

function read(name: string): string {
  return folder.read(join(place, name));
}

function adopt(args: readonly string[], input?: string): Promise<Outcome> {
  const options = ["--repo", REPO, "--revision", "v1"];
  return folder.mc(["adopt", "argocd", ...options, ...args], input);
}

function adoptFolder(...args: readonly string[]): Promise<Outcome> {
  return adopt(["-f", `${place}/apps`, ...args]);
}

async function told(outcome: Promise<Outcome>) {
  const { stdout, code } = await outcome;
  return { code, ...Answer.parse(JSON.parse(stdout)) };
}

describe("mc adopt argocd on manifests", { timeout: 60_000 }, () => {
  beforeEach(() => {
    write("apps/shop.yaml", `${SHOP}---\n${PROJECT}`);
    write("apps/blog.yml", BLOG);
    write("apps/deployment.yaml", "kind: Deployment\nspec: {{ broken }}\n");
  });

  it("lists what lacks the hook, shows the change of each, and writes nothing", async () => {
    const { code, stdout, stderr } = await adoptFolder("--dry-run");
    expect(code).toBe(10);
    expect(stdout).toMatch(/^argocd\/shop +unknown +- +- +case-\d+\/apps\/shop.yaml:2$/m);
    expect(stdout).toContain("argocd/shop: cannot be told from the Application");
    expect(stdout).toContain(`--- ${place}/apps/shop.yaml
+++ ${place}/apps/shop.yaml
@@ -4,10 +4,13 @@ Application argocd/shop
 metadata: { name: shop, namespace: argocd }
 spec:
   project: shop
-  source: # theirs
-    repoURL: https://git.example.com/shop/deploy
-    path: production   # not staging
-    targetRevision: main
+  sources: # theirs
+    - repoURL: https://git.example.com/shop/deploy
+      path: production   # not staging
+      targetRevision: main
+    - repoURL: ${REPO}
+      path: hook
+      targetRevision: v1
   destination: { server: https://kubernetes.default.svc, namespace: shop }
`);
    expect(stdout).toContain("AppProject default: not among what was read");
    expect(stderr).toContain("2 file(s) would change; --apply writes them.");
    expect([read("apps/shop.yaml"), read("apps/blog.yml")]).toEqual([`${SHOP}---\n${PROJECT}`, BLOG]);
  });

  it("writes the files with --apply, and then finds nothing to change", async () => {
    expect(await adoptFolder("--apply")).toMatchObject({ code: 0 });
    const after = read("apps/shop.yaml");
    expect(after.endsWith(`---\n${PROJECT}`)).toBe(true);
    for (const comment of ["# the shop\n", "sources: # theirs\n", "# not staging\n"])
      expect(after).toContain(comment);
    const [shop] = parseAllDocuments(after).map((each) => each.toJS() as unknown);
    expect(shop).toMatchObject({
      spec: {
        project: "shop",
        sources: [
          { repoURL: "https://git.example.com/shop/deploy", path: "production", targetRevision: "main" },
          { repoURL: REPO, path: "hook", targetRevision: "v1" },
        ],
      },
    });
    const texts = readdirSync(join(folder.path, place, "apps")).map((name) => read(`apps/${name}`));
    const again = await told(adoptFolder("--apply", "-o", "json"));
    expect(again).toMatchObject({ code: 0, files: [] });
    expect(again.applications.map(({ hook }) => hook)).toEqual(["yes", "yes"]);
    expect(readdirSync(join(folder.path, place, "apps")).map((name) => read(`apps/${name}`))).toEqual(texts);
  });

  it("takes each setting", async () => {
    const { applications, files } = await told(
      adoptFolder("-o", "json", "--hook-path", "hook-pod", "--exempt", "argocd/blog"),
    );
    expect(applications).toMatchObject([
      { name: "blog", hook: "exempt" },
      { name: "shop", hook: "unknown" },
    ]);
    expect(files.map(({ diff }) => diff).join("")).toContain("+      path: hook-pod\n");
    write(
      "apps/shop.yaml",
      SHOP.replace("targetRevision", "kustomize: { namePrefix: x- }\n    targetRevision"),
    );
    const components = await told(
      adoptFolder("-o", "json", "--way", "components", "--component-path", "c/d"),
    );
    expect(components.files.map(({ diff }) => diff).join("")).toContain(
      `+    kustomize: { namePrefix: x-, components: [ ${REPO}//c/d?ref=v1 ] }`,
    );
    write("apps/blog.yml", BLOG.replace(", namespace: argocd", ""));
    const named = await told(adoptFolder("-o", "json", "--namespace", "gitops"));
    expect(named.applications).toContainEqual(expect.objectContaining({ name: "blog", namespace: "gitops" }));
  });

  it("names a project that does not allow the repository, and is not done while it does not", async () => {
    write("apps/shop.yaml", `${SHOP}---\n${PROJECT.replace("**", "shop/*")}`);
    const { code, stdout } = await adoptFolder("--apply");
    expect([code, stdout]).toEqual([
      10,
      expect.stringContaining("AppProject shop: its sourceRepos do not allow"),
    ]);
  });

  it("tells what it cannot read or change in place, and does the rest", async () => {
    write("apps/template.yaml", SHOP.replace("name: shop", "name: {{ .name }}"));
    write("apps/unnamed.yaml", SHOP.replace("name: shop", "generateName: shop-"));
    write(
      "apps/anchor.yaml",
      `${SHOP.replace("source:", "source: &s").replace("name: shop", "name: anchor")}other: *s\n`,
    );
    const { code, problems, files } = await told(adoptFolder("-o", "json", "--apply"));
    expect(code).toBe(10);
    expect(problems.map(({ file, rule }) => [file.split("/").at(-1), rule])).toEqual([
      ["template.yaml", "yaml"],
      ["unnamed.yaml", "unreadable"],
      ["anchor.yaml", "not-edited"],
    ]);
    expect(files.map(({ written }) => written)).toEqual([true, true]);
    expect(read("apps/anchor.yaml")).toContain("source: &s");
  });

  it("edits JSON as JSON", async () => {
    const source = { repoURL: "https://git.example.com/a", path: "." };
    const object = {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: { name: "a" },
      spec: { source },
    };
    write("a.json", `${JSON.stringify(object, undefined, 2)}\n`);
    expect(await adopt(["-f", `${place}/a.json`, "--apply"])).toMatchObject({ code: 0 });
    expect(JSON.parse(read("a.json"))).toEqual({
      ...object,
      spec: { sources: [source, { repoURL: REPO, path: "hook", targetRevision: "v1" }] },
    });
  });
});

const TEAM = { repoURL: "https://git.example.com/shop/deploy", path: "it's" };

function live(name: string, spec: object, parts: object = {}, metadata: object = {}): object {
  const named = { name, namespace: "argocd", uid: name, ...metadata };
  return { apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata: named, spec, ...parts };
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
    const { code, stdout } = await adopt(["-f", "-"], all);
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
    write("live.json", list(live("shop", { sources: [TEAM] }), live("web", { source: TEAM })));
    const out = `${place}/out`;
    const { code, applications } = await told(
      adopt(["-f", `${place}/live.json`, "--out", out, "--apply", "-o", "json"]),
    );
    expect(code).toBe(10);
    expect(readdirSync(join(folder.path, out))).toEqual([
      "argocd_shop_application.json",
      "argocd_web_application.json",
    ]);
    expect(read("out/argocd_shop_application.json").trimEnd()).toBe(applications[0]?.patch);
    expect(applications[0]).toMatchObject({
      command: `kubectl -n argocd patch applications.argoproj.io shop --type json --patch-file ${out}/argocd_shop_application.json`,
    });
    expect(statSync(join(folder.path, out, "argocd_shop_application.json")).mode & 0o77).toBe(0);
    const again = await adopt(["-f", `${place}/live.json`, "--out", out]);
    expect([again.code, again.stderr]).toEqual([12, expect.stringContaining("is not empty")]);
  });

  it("changes the file of an Application that it read from both, by what the cluster tells", async () => {
    write("apps/shop.yaml", SHOP);
    write("live.json", list(live("shop", { source: TEAM }, WITHOUT)));
    const { stdout } = await adopt(["-f", `${place}/apps`, "-f", `${place}/live.json`]);
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
    const components = await adopt(["-f", "-", "--way", "components"], objects);
    expect(components.stdout).toContain(String.raw`"value":{"namePrefix":"it'\''s"}`);
    const sources = await adopt(["-f", "-"], objects);
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
      `# argoproj.io/\nx0: &x0 [y]\n${Array.from({ length: 30 }, (_, at) => `x${at + 1}: &x${at + 1} [*x${at}, *x${at}]\n`).join("")}`,
      10,
    ],
    ["a name that leaves the folder", list(live("../../x", { source: TEAM })), 10],
    ["more objects than are read", list(...Array(20_001).fill(live("a", { source: TEAM }))), 12],
    ["no Application", "kind: Pod\n", 12],
    ["nothing", "", 12],
  ])("%s", async (_, text, code) => {
    write("in.json", text);
    const out = join(place, "out");
    expect(await adopt(["-f", `${place}/in.json`, "--out", out])).toMatchObject({ code });
    expect(readdirSync(join(folder.path, place)).filter((name) => name !== "apps")).toEqual(
      code === 12 ? ["in.json"] : ["in.json", "out"],
    );
  });

  it("prints no control characters of a project's name", async () => {
    const { stdout } = await adopt(["-f", "-"], list(live("a", { project: "\u001b[2J", source: TEAM })));
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
    expect(await adopt(args)).toMatchObject({ code: 12 });
  });

  it("does not write to standard input", async () => {
    const { code, stderr } = await adopt(["-f", "-", "--apply"], SHOP);
    expect([code, stderr]).toEqual([12, expect.stringContaining("standard input has no file")]);
  });
});
