import { join } from "node:path";

import type { TestProject } from "vitest/node";

import type { StartedCluster } from "./cluster.ts";
import type { Tier } from "./tiers.ts";

/** Folder for the logs of clusters in which a scenario failed; run.ts sets and prints it. */
export const LOGS_VARIABLE = "MC_E2E_LOGS";

/** Hands a cluster to the test files of a project; the returned function stops it, keeping its logs after a failure. */
export function provideCluster(
  project: TestProject,
  tier: Tier,
  cluster: StartedCluster,
): () => Promise<void> {
  const { kubeconfig, registry, plainRegistry, egressSocket, frontProxyCa } = cluster;
  project.provide("cluster", {
    kubeconfig,
    ...(registry && { registry }),
    ...(plainRegistry && { plainRegistry }),
    ...(egressSocket && { egressSocket }),
    ...(frontProxyCa && { frontProxyCa }),
  });
  return () => {
    const logs = process.env[LOGS_VARIABLE];
    const failed = project.vitest.state.getCountOfFailedTests() > 0;
    return cluster.stop(failed && logs ? { keepLogs: join(logs, tier) } : {});
  };
}
