import { dirname, join } from "node:path";

import type { Cluster } from "./cluster.ts";
import { nodePrograms } from "./node-programs.ts";
import { startService } from "./process.ts";
import { CLUSTER_SCRIPTS, program } from "./programs.ts";

const NODE = "e2e-node";
const TABLE = "inet kube-network-policies";

/** Something that enforces the NetworkPolicies of the node's pods. */
export interface PolicyEngine {
  /** Returns when no packet is judged any more. */
  readonly stop: () => Promise<void>;
}

/**
 * Has kube-network-policies enforce the NetworkPolicies of the node that this machine made, until it is stopped. It learns a pod's
 * address from the API server, a moment after the pod has it: what a pod sends before that is not judged.
 */
export async function enforceNetworkPolicies({ kubeconfig }: Cluster): Promise<PolicyEngine> {
  const state = dirname(kubeconfig);
  const service = await startService({
    program: join(CLUSTER_SCRIPTS, "node/exec.sh"),
    args: [state, program("network-policies"), "--kubeconfig", kubeconfig, "--node", NODE],
    ready: /policies are enforced/,
    logFile: join(state, "log/network-policies.log"),
  });
  return {
    stop: async () => {
      const { inside } = nodePrograms(kubeconfig);
      await inside(
        `pkill -KILL -x network-policies || true; nft add table ${TABLE}; nft delete table ${TABLE}`,
      );
      await service.stop();
    },
  };
}
