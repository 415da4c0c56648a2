import { join } from "node:path";

import { helm } from "./helm.ts";
import { PROJECT } from "./programs.ts";

const CHART = join(PROJECT, "deploy/argocd/hook");
const IMAGE = `ghcr.io/mc-gate/mc-gate@sha256:${"0".repeat(64)}`;
const AUTHORITY = "(the authority's certificate, PEM)";

/** What the hook's chart renders with these values, as text. Throws with what helm says where it refuses. */
export async function renderHook(values: object, release = "web"): Promise<string> {
  const set = Object.entries(values).flatMap(([name, value]) => [
    "--set-json",
    `${name}=${JSON.stringify(value)}`,
  ]);
  const { code, stdout, stderr } = await helm("/dev/null", ["template", release, CHART, ...set]);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

/** The hooks that the project ships for kustomize, by path. */
export const PLAIN_HOOKS: Readonly<Record<string, "Job" | "Pod">> = {
  "deploy/argocd/component/presync.yaml": "Job",
  "deploy/argocd/component-pod/presync.yaml": "Pod",
};

/** The text of one of PLAIN_HOOKS. */
export async function plainHookText(path: string): Promise<string> {
  const values = { kind: PLAIN_HOOKS[path], image: IMAGE, ca: AUTHORITY, fullnameOverride: "mc-presync" };
  const rendered = (await renderHook(values)).replace(/^---\n# Source: .*\n/, "");
  const head =
    "# Rendered from ../hook by `npm run manifests`. In the platform's copy, replace the digest by that of your release and\n" +
    "# MC_GATE_CA by the authority of the gate's certificate.\n";
  return `${head}${rendered}`;
}
