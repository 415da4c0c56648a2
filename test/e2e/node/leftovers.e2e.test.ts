import { describe, expect, it } from "vitest";

import { startNodeCluster } from "../support/cluster.ts";
import { footprintOf, NO_FOOTPRINT } from "../support/leftovers.ts";
import { nodeObstacle } from "../support/scenario.ts";

describe.skipIf(nodeObstacle)("a node that ends", () => {
  it("leaves no process, mount or control group behind, beside another one that goes on", async ({
    skip,
  }) => {
    skip(process.env["E2E_KUBECONFIG"] !== undefined, "the cluster is the user's own");
    const cluster = await startNodeCluster();
    const footprint = footprintOf(cluster);
    expect(footprint().processes.length).toBeGreaterThanOrEqual(10);
    expect(footprint().controlGroups.length).toBeGreaterThanOrEqual(1);
    await cluster.stop();
    expect(footprint()).toEqual(NO_FOOTPRINT);
  });
});
