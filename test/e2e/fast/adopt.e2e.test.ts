import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { stringify } from "yaml";

import { KUSTOMIZE_SHAPES } from "../../support/adopt-kustomize-shapes.ts";
import { adopt, HOOK_REPO, writeFiles } from "../support/adoption.ts";
import { objectsIn } from "../support/chart.ts";
import { runOrThrow } from "../support/process.ts";
import { kubectlProgram, PROJECT } from "../support/programs.ts";

interface Rendered {
  readonly spec: { readonly source?: Source; readonly sources?: readonly Source[] };
}
interface Source {
  readonly repoURL?: string;
}

function sourcesOf({ spec: { source, sources } }: Rendered): readonly Source[] {
  return sources ?? (source ? [source] : []);
}

async function render(folder: string): Promise<readonly Rendered[]> {
  return objectsIn(
    await runOrThrow(kubectlProgram(), ["kustomize", folder]),
  ) as unknown as readonly Rendered[];
}

describe("mc adopt argocd beside kustomize", () => {
  let scratch: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "mc-adopt-"));
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  it.each(KUSTOMIZE_SHAPES.filter(({ rendered }) => rendered))(
    "changes nothing that kustomize then renders otherwise: $title",
    async ({ title, files, rendered = [] }) => {
      const place = join(scratch, title.replaceAll(/\W/g, "-"));
      await writeFiles(place, files);
      const before = await Promise.all(rendered.map((each) => render(join(place, each))));
      await adopt("-f", place, "--apply");
      const after = await Promise.all(rendered.map((each) => render(join(place, each))));
      for (const [at, objects] of after.entries())
        for (const [index, object] of objects.entries()) {
          const theirs = sourcesOf(object).filter(({ repoURL }) => repoURL !== HOOK_REPO);
          expect(theirs).toEqual(sourcesOf(before[at]![index]!));
        }
    },
  );

  it("gives each Application's component a hook of its own name", async () => {
    const place = join(scratch, "named");
    await cp(join(PROJECT, "deploy/argocd/component"), join(place, "component"), { recursive: true });
    const names: string[] = [];
    for (const name of ["web", "api"]) {
      const source = { repoURL: "https://git.example.com/a", path: ".", kustomize: { namePrefix: "x-" } };
      const destination = { name: "in-cluster", namespace: "shop" };
      const spec = { project: "shop", destination, source };
      const file = join(place, `${name}.yaml`);
      const object = { apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata: { name }, spec };
      await writeFile(file, stringify(object));
      await adopt("-f", file, "--way", "components", "--apply");
      const { kustomize } = objectsIn(await readFile(file, "utf8")).map(kustomizeOf)[0]!;
      await mkdir(join(place, name));
      const kustomization = { patches: kustomize.patches, components: ["../component"], namePrefix: "x-" };
      await writeFile(join(place, name, "kustomization.yaml"), stringify(kustomization));
      const rendered = objectsIn(await runOrThrow(kubectlProgram(), ["kustomize", join(place, name)]));
      names.push(...rendered.map(({ metadata }) => metadata.name));
    }
    expect(names).toEqual(["x-web-mc-presync", "x-api-mc-presync"]);
  });
});

function kustomizeOf(object: object): { readonly kustomize: { readonly patches: unknown } } {
  return (
    object as { readonly spec: { readonly source: { readonly kustomize: { readonly patches: unknown } } } }
  ).spec.source;
}
