import { hostname } from "node:os";

/** The name of the gate's own pod: by the downward API, since in its node's network it has the node's host name. */
export function podName(): string {
  return process.env["MC_GATE_POD_NAME"] || hostname();
}
