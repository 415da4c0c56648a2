import { inject } from "vitest";

import { connect, type Cluster, type ClusterAccess } from "./cluster.ts";
import { skipReason } from "./tiers.ts";

declare module "vitest" {
  // Declaration merging is how vitest learns the type of what the set-up provides.
  interface ProvidedContext {
    readonly cluster: ClusterAccess;
  }
}

/** The running cluster of the tier to which the calling test file belongs. */
export function cluster(): Cluster {
  return connect(inject("cluster"));
}

/** `kubectl apply` of one object, with these flags. */
export function apply(object: unknown, ...flags: readonly string[]): ReturnType<Cluster["kubectl"]> {
  return cluster().kubectl(["apply", "-f", "-", ...flags], { stdin: JSON.stringify(object) });
}

/** Why scenarios of the node tier cannot run here, for `describe.skipIf`; the report prints it. */
export const nodeObstacle = skipReason("node");
