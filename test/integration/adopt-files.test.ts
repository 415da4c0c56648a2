import { readdirSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";

import { type AdoptPlace, adoptPlaces, REPO, SHOP } from "../support/adopt-command.ts";
import type { Outcome } from "../support/run-mc.ts";

const places = adoptPlaces();
let at: AdoptPlace;
afterAll(() => places.remove());
beforeEach(() => {
  at = places.next();
});

const BLOG = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: blog, namespace: argocd }
spec:
  project: default
  destination: { name: in-cluster, namespace: blog }
  sources:
    - { repoURL: https://charts.example.com, chart: blog, targetRevision: 1.2.3 }
`;
const PROJECT = `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: { name: shop }
spec: { sourceRepos: ["https://git.example.com/**"] }
`;

function adoptFolder(...args: readonly string[]): Promise<Outcome> {
  return at.adopt(["-f", `${at.place}/apps`, ...args]);
}

function toldOf(...args: readonly string[]): ReturnType<AdoptPlace["told"]> {
  return at.told(["-f", `${at.place}/apps`, ...args]);
}

describe("mc adopt argocd on manifests", { timeout: 60_000 }, () => {
  beforeEach(() => {
    at.write("apps/shop.yaml", `${SHOP}---\n${PROJECT}`);
    at.write("apps/blog.yml", BLOG);
    at.write("apps/deployment.yaml", "kind: Deployment\nspec: {{ broken }}\n");
  });

  it("lists what lacks the hook, shows the change of each, and writes nothing", async () => {
    const { code, stdout, stderr } = await adoptFolder("--dry-run");
    expect(code).toBe(10);
    expect(stdout).toMatch(/^argocd\/shop +unknown +- +- +case-\d+\/apps\/shop.yaml:2$/m);
    expect(stdout).toContain("its chart or kustomization may contain the hook (2).");
    expect(stdout).toContain(`--- ${at.place}/apps/shop.yaml
+++ ${at.place}/apps/shop.yaml
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
    expect([at.read("apps/shop.yaml"), at.read("apps/blog.yml")]).toEqual([`${SHOP}---\n${PROJECT}`, BLOG]);
  });

  it("writes the files with --apply, and then finds nothing to change", async () => {
    expect(await adoptFolder("--apply")).toMatchObject({ code: 0 });
    const after = at.read("apps/shop.yaml");
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
    const texts = readdirSync(join(at.path, "apps")).map((name) => at.read(`apps/${name}`));
    const again = await toldOf("--apply");
    expect(again).toMatchObject({ code: 0, files: [] });
    expect(again.applications.map(({ hook }) => hook)).toEqual(["yes", "yes"]);
    expect(readdirSync(join(at.path, "apps")).map((name) => at.read(`apps/${name}`))).toEqual(texts);
  });

  it("takes each setting", async () => {
    const { applications, files } = await toldOf("--hook-path", "hook-pod", "--exempt", "argocd/blog");
    expect(applications).toMatchObject([
      { name: "blog", hook: "exempt" },
      { name: "shop", hook: "unknown" },
    ]);
    expect(files.map(({ diff }) => diff).join("")).toContain("+      path: hook-pod\n");
    at.write(
      "apps/shop.yaml",
      SHOP.replace("targetRevision", "kustomize: { namePrefix: x- }\n    targetRevision"),
    );
    const components = await toldOf("--way", "components", "--component-path", "c/d");
    expect(components.files.map(({ diff }) => diff).join("")).toContain(
      `+    kustomize: { namePrefix: x-, components: [ ${REPO}//c/d?ref=v1 ], patches: [ { target: `,
    );
    at.write("apps/blog.yml", BLOG.replace(", namespace: argocd", ""));
    const named = await toldOf("--namespace", "gitops");
    expect(named.applications).toContainEqual(expect.objectContaining({ name: "blog", namespace: "gitops" }));
  });

  it("names a project that does not allow the repository, and is not done while it does not", async () => {
    at.write("apps/shop.yaml", `${SHOP}---\n${PROJECT.replace("**", "shop/*")}`);
    const { code, stdout } = await adoptFolder("--apply");
    expect([code, stdout]).toEqual([
      10,
      expect.stringContaining("AppProject shop: its sourceRepos do not allow"),
    ]);
  });

  it("tells what it cannot read or change in place, and does the rest", async () => {
    at.write("apps/template.yaml", SHOP.replace("name: shop", "name: {{ .name }}"));
    at.write("apps/unnamed.yaml", SHOP.replace("name: shop", "generateName: shop-"));
    at.write(
      "apps/anchor.yaml",
      `${SHOP.replace("source:", "source: &s").replace("name: shop", "name: anchor")}other: *s\n`,
    );
    const { code, problems, files } = await toldOf("--apply");
    expect(code).toBe(10);
    expect(problems.map(({ file, rule }) => [file.split("/").at(-1), rule])).toEqual([
      ["template.yaml", "template"],
      ["unnamed.yaml", "unreadable"],
      ["anchor.yaml", "not-edited"],
    ]);
    expect(files.map(({ written }) => written)).toEqual([true, true]);
    expect(at.read("apps/anchor.yaml")).toContain("source: &s");
  });

  it("edits JSON as JSON", async () => {
    const source = { repoURL: "https://git.example.com/a", path: "." };
    const object = {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Application",
      metadata: { name: "a" },
      spec: { project: "a", source, destination: { name: "in-cluster", namespace: "a" } },
    };
    at.write("a.json", `${JSON.stringify(object, undefined, 2)}\n`);
    expect(await at.adopt(["-f", `${at.place}/a.json`, "--apply"])).toMatchObject({ code: 0 });
    expect(JSON.parse(at.read("a.json"))).toEqual({
      ...object,
      spec: {
        project: "a",
        destination: { name: "in-cluster", namespace: "a" },
        sources: [source, { repoURL: REPO, path: "hook", targetRevision: "v1" }],
      },
    });
  });
});
