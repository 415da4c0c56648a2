import { UsageError } from "../core/index.ts";
import type { KubeClient } from "../kube/index.ts";

/** The cluster and the namespace of a gate. */
export interface GatePlace {
  readonly kubeconfig?: string | undefined;
  /** That of the pod, or of the kubeconfig's context, where absent. */
  readonly namespace?: string | undefined;
}

/**
 * Connects to the cluster of a gate, and gives what `open` makes of it. Throws UsageError where there is no cluster, or no
 * namespace is known; `flag` is the option that names one.
 */
export async function connectGate<T>(
  { kubeconfig, namespace: named }: GatePlace,
  flag: string,
  open: (client: KubeClient, namespace: string) => Promise<T>,
): Promise<T> {
  const { connect, KubeError } = await import("../kube/index.ts");
  try {
    const client = connect({ kubeconfig });
    const namespace = named ?? client.namespace;
    if (!namespace) throw new UsageError(`name the gate's namespace with ${flag}`);
    return await open(client, namespace);
  } catch (error) {
    if (error instanceof KubeError)
      throw new UsageError(`${error.message}; name a kubeconfig with --kubeconfig`);
    throw error;
  }
}
