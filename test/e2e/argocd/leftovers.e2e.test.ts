import { existsSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { argoCdObstacle } from "../support/argocd-scenario.ts";
import { startArgoCd } from "../support/argocd.ts";
import { startFastCluster } from "../support/cluster.ts";
import { processesNaming } from "../support/leftovers.ts";

describe.skipIf(argoCdObstacle)("an Argo CD that ends", () => {
  it("leaves no process and no file behind, beside another one that goes on", async () => {
    const cluster = await startFastCluster();
    try {
      const { home, stop } = await startArgoCd({ cluster });
      expect(processesNaming(home).length).toBeGreaterThanOrEqual(4);
      await stop();
      expect([processesNaming(home), existsSync(home)]).toEqual([[], false]);
    } finally {
      await cluster.stop();
    }
  });
});
