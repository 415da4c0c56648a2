import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run, type Outcome } from "./process.ts";
import { program } from "./programs.ts";

/**
 * Runs the real Helm 4 against a cluster, with none of the user's own settings, plug-ins and repositories. Helm 4 is
 * the supported line, and applies server-side as people will see it; the chart itself is API version 2, which both
 * lines install.
 */
export async function helm(
  kubeconfig: string,
  args: readonly string[],
  timeoutMs = 180_000,
): Promise<Outcome> {
  const home = await mkdtemp(join(tmpdir(), "mc-helm-"));
  const env = {
    KUBECONFIG: kubeconfig,
    HELM_CACHE_HOME: join(home, "cache"),
    HELM_CONFIG_HOME: join(home, "config"),
    HELM_DATA_HOME: join(home, "data"),
  };
  try {
    return await run(program("helm"), args, { env, timeoutMs });
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}
