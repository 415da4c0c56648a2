import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import type { StartedCluster } from "./cluster.ts";

/** What a cluster has on this machine: its folder, its processes (by id), its mounts and its control groups. */
export interface Footprint {
  readonly folder: boolean;
  readonly processes: readonly number[];
  readonly mounts: readonly string[];
  readonly controlGroups: readonly string[];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // a process that ended meanwhile
  }
}

/** The ids of all processes that name a folder in their arguments or in the environment that they were started with. */
export function processesNaming(folder: string): readonly number[] {
  return globSync("/proc/[0-9]*")
    .filter((process) => ["cmdline", "environ"].some((file) => textOf(join(process, file)).includes(folder)))
    .map((process) => Number(basename(process)));
}

/** Gives a function that looks for a running cluster's traces, also when it has been stopped. */
export function footprintOf(cluster: StartedCluster): () => Footprint {
  const state = dirname(cluster.kubeconfig);
  const group = textOf(join(state, "cgroup")).trim();
  return () => ({
    folder: existsSync(state),
    processes: processesNaming(state),
    mounts: textOf("/proc/mounts")
      .split("\n")
      .filter((line) => line.includes(state)),
    controlGroups: group ? globSync(`/sys/fs/cgroup/{*/,}${group}`) : [],
  });
}

/** The footprint of a cluster that is gone. */
export const NO_FOOTPRINT: Footprint = { folder: false, processes: [], mounts: [], controlGroups: [] };
