import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import { manifestFiles } from "../../src/cli/manifest-files.ts";
import type { Cluster } from "../e2e/support/cluster.ts";
import { eventually } from "../e2e/support/process.ts";
import { documentsIn } from "../support/adoption-change.ts";

/** What of a foreign repository speaks of Applications. */
export interface Corpus {
  readonly folder: string;
  /** Files that may hold an object of Argo CD's, below the folder. */
  readonly files: readonly string[];
  /** Folders with a kustomization, below the folder. */
  readonly kustomizations: readonly string[];
}

/** Definitions of kinds name them too, further in. */
const OBJECT = /^(?:- |\s*")?kind"?: *["']?(?:Application|ApplicationSet|AppProject|List)\b/m;
const KUSTOMIZATION = /(?:^|\/)(?:kustomization\.ya?ml|Kustomization)$/;

/** Reads a folder. Throws where nothing in it speaks of Applications. */
export function foundIn(folder: string): Corpus {
  const all = manifestFiles([folder]).map((file) => relative(folder, file));
  const files = all.filter((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return text.includes("argoproj.io/") && OBJECT.test(text);
  });
  if (files.length === 0) throw new Error(`no Application in ${folder}`);
  const kustomizations = all.filter((file) => KUSTOMIZATION.test(file)).map((file) => dirname(file));
  return { folder, files, kustomizations };
}

/** Gives a cluster the kinds of Argo CD, and each namespace that an object names. */
export async function makeKinds(cluster: Cluster, folder: string, corpus: Corpus): Promise<void> {
  const { kubectl, kubectlOk } = cluster;
  const definitions = ["application", "appproject", "applicationset"].flatMap((kind) => [
    "-f",
    join(folder, "manifests/crds", `${kind}-crd.yaml`),
  ]);
  await kubectlOk(["apply", "--server-side", ...definitions]);
  const established = ["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"];
  // One that has no conditions yet ends it with an error.
  await eventually("the kinds", async () => ((await kubectl(established)).code === 0 ? true : undefined));
  const items = namespacesIn(corpus).map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
  }));
  const list = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await kubectlOk(["apply", "-f", "-"], { stdin: list });
}

function namespacesIn({ folder, files }: Corpus): readonly string[] {
  const objects = files.flatMap((file) => documentsIn(readFileSync(join(folder, file), "utf8")));
  const names = objects.map((object) => (object as Named | null)?.metadata?.namespace);
  return [
    ...new Set(names.filter((name): name is string => typeof name === "string" && /^[a-z0-9-]+$/.test(name))),
  ];
}

interface Named {
  readonly metadata?: { readonly namespace?: string };
}
