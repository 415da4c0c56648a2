import { join } from "node:path";

import { run } from "./process.ts";
import { CLUSTER_SCRIPTS } from "./programs.ts";
import type { Tier } from "./tiers.ts";

const MAX_MS = 10 * 60_000;

/** Installs what a tier lacks, or gives the reason why that is not possible. */
async function install(tier: Tier): Promise<string | undefined> {
  const { code, stderr } = await run(join(CLUSTER_SCRIPTS, "install.sh"), [tier], { timeoutMs: MAX_MS });
  if (stderr) process.stderr.write(`e2e: ${stderr.trim()}\n`);
  return code === 0 ? undefined : (stderr.trim().split("\n")[0] ?? "install.sh failed");
}

/** Makes this machine ready for a tier, or gives the reason why the tier cannot run here. */
export async function prepareTier(tier: Tier): Promise<string | undefined> {
  if (process.platform !== "linux") return "needs Linux";
  if (tier === "argocd") {
    return process.env["KUBEBUILDER_ASSETS"] ? "envtest has no controller that runs Jobs" : install(tier);
  }
  if (tier === "fast" || process.env["E2E_KUBECONFIG"]) return install("fast");
  if (process.getuid?.() !== 0)
    return "needs root for its namespaces, or E2E_KUBECONFIG for a cluster of your own";
  return install("node");
}
