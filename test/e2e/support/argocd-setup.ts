import type { TestProject } from "vitest/node";

import { startArgoCd } from "./argocd.ts";
import { startFastCluster } from "./cluster.ts";
import { provideCluster } from "./setup.ts";
import { skipReason } from "./tiers.ts";

/** Starts a control plane with an Argo CD once for all files of the tier. Does nothing where the tier is skipped. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (skipReason("argocd")) return undefined;
  const cluster = await startFastCluster();
  const stopCluster = provideCluster(project, "argocd", cluster);
  try {
    const { access, stop } = await startArgoCd({ cluster, hydrator: true });
    project.provide("argocd", access);
    return async () => {
      await stop();
      await stopCluster();
    };
  } catch (cause) {
    await stopCluster();
    throw cause;
  }
}
