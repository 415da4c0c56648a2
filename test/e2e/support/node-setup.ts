import type { TestProject } from "vitest/node";

import { startNodeCluster, userCluster } from "./cluster.ts";
import { provideCluster } from "./setup.ts";
import { skipReason } from "./tiers.ts";

/** Starts the node tier's cluster, or takes the user's own, once for all its files. Does nothing on a skipped tier. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (skipReason("node")) return undefined;
  return provideCluster(project, "node", userCluster() ?? (await startNodeCluster()));
}
