import { connectGate, type GatePlace } from "../connect-gate.ts";
import type { DriftDeps } from "./ports.ts";

/** Which gate, and how it is asked. */
export interface DriftGateOptions extends GatePlace {
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
export async function openDriftGate(options: DriftGateOptions): Promise<DriftGate> {
  const { gateInCluster } = await import("./replicas.ts");
  return connectGate(options, "--namespace", (client, namespace) => {
    const deps = gateInCluster({ ...options, client, namespace });
    return Promise.resolve({ deps, namespace, close: client.close });
  });
}
