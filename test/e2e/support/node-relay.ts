import { dirname, join } from "node:path";

import type { Cluster } from "./cluster.ts";
import { startService } from "./process.ts";
import { CLUSTER_SCRIPTS } from "./programs.ts";

/** A server of this machine as pods of the node see it. */
export interface Relay {
  /** `http://ADDRESS_OF_THE_NODE:PORT`. */
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/**
 * Lets pods of the node that this machine made reach a server on its loopback, under the same port. As for the API
 * server, only a socket file crosses the border of the node's network. The inner end goes with the node at the latest.
 */
export async function relayIntoNode({ kubeconfig, registry }: Cluster, server: string): Promise<Relay> {
  const { port } = new URL(server);
  const state = dirname(kubeconfig);
  const socket = join(state, `relay-${port}.sock`);
  const address = registry?.inside.split(":")[0] ?? "";
  const outside = await startService({
    program: "socat",
    args: ["-d", "-d", `UNIX-LISTEN:${socket},fork`, `TCP:127.0.0.1:${port}`],
    ready: /listening on/,
  });
  const listen = `TCP-LISTEN:${port},bind=${address},reuseaddr,fork`;
  const inside = await startService({
    program: join(CLUSTER_SCRIPTS, "node/exec.sh"),
    args: [state, "socat", "-d", "-d", listen, `UNIX-CONNECT:${socket}`],
    ready: /listening on/,
  });
  return {
    url: `http://${address}:${port}`,
    stop: async () => void (await Promise.all([inside.stop(), outside.stop()])),
  };
}
