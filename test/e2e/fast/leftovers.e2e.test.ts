import { spawn } from "node:child_process";
import { once } from "node:events";

import { describe, expect, it } from "vitest";

import { startFastCluster } from "../support/cluster.ts";
import { footprintOf, NO_FOOTPRINT } from "../support/leftovers.ts";
import { eventually } from "../support/process.ts";

describe("a cluster that ends", () => {
  it("leaves nothing behind when it is stopped", async () => {
    const cluster = await startFastCluster();
    const footprint = footprintOf(cluster);
    expect(footprint().processes.length).toBeGreaterThanOrEqual(3);
    await cluster.stop();
    expect(footprint()).toEqual(NO_FOOTPRINT);
  });

  it("leaves nothing behind when its owner is killed", async () => {
    const owner = spawn("sleep", ["600"]);
    const cluster = await startFastCluster(owner.pid);
    const footprint = footprintOf(cluster);
    expect(footprint().processes.length).toBeGreaterThanOrEqual(3);
    owner.kill("SIGKILL");
    await once(owner, "exit");
    await eventually("the end of the cluster", () => footprint().processes.length === 0 || undefined);
    await eventually("the end of its folder", () => !footprint().folder || undefined);
    expect(footprint()).toEqual(NO_FOOTPRINT);
    await cluster.stop();
  });
});
