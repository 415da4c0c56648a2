import { UsageError } from "../../core/index.ts";
import type { DriftDeps } from "./ports.ts";

/** Which gate, and how it is asked. */
export interface DriftGateOptions {
  readonly kubeconfig?: string | undefined;
  /** That of the pod, or of the kubeconfig's context, where absent. */
  readonly namespace?: string | undefined;
  readonly service: string;
  readonly configuration: string;
  readonly token: () => string;
}

/** A gate that can be asked. */
export interface DriftGate {
  readonly deps: DriftDeps;
  readonly namespace: string;
  readonly close: () => Promise<void>;
}

/** Connects to the cluster of a gate. Throws UsageError where there is none, or no namespace is known. */
export async function openDriftGate({
  kubeconfig,
  namespace: named,
  ...options
}: DriftGateOptions): Promise<DriftGate> {
  const { connect, KubeError } = await import("../../kube/index.ts");
  const { gateInCluster } = await import("./replicas.ts");
  try {
    const client = connect({ kubeconfig });
    const namespace = named ?? client.namespace;
    if (!namespace) throw new UsageError("name the gate's namespace with --namespace");
    return { deps: gateInCluster({ ...options, client, namespace }), namespace, close: client.close };
  } catch (error) {
    if (error instanceof KubeError)
      throw new UsageError(`${error.message}; name a kubeconfig with --kubeconfig`);
    throw error;
  }
}
