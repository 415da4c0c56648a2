import type { TestProject } from "vitest/node";

import { startFastCluster } from "./cluster.ts";
import { provideCluster } from "./setup.ts";

/** Starts the fast tier's cluster once for all its files; vitest calls what it returns at the end. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  return provideCluster(project, "fast", await startFastCluster());
}
