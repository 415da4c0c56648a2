import { join } from "node:path";

import type { SyncGate } from "./argocd-gate.ts";
import { preSyncHook } from "./argocd-hooks.ts";
import { PROJECT } from "./programs.ts";

/** Name of the hook. */
export const GATE_HOOK = "mc-presync";

/** What a namespace's hook needs besides itself: the authority of the gate's certificate. */
export function gateAuthority({ authority }: Pick<SyncGate, "authority">, namespace: string): object {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "mc-gate-ca", namespace },
    data: { "ca.crt": authority },
  };
}

/** How the hook's image starts out here: `mc` from the sources. */
export const MC_ENTRYPOINT: readonly string[] = [process.execPath, join(PROJECT, "src/cli/main.ts")];

/** What is asked, and how its image starts. */
interface GateHookOptions {
  readonly kind: "Job" | "Pod";
  readonly image: string;
  /** Time for all questions of one try, seconds. */
  readonly timeout?: number;
  /** Further tries of a Job after exit code 11. */
  readonly backoffLimit?: number;
}

/** A hook that runs `mc presync`. */
export function gateHook({ url }: Pick<SyncGate, "url">, options: GateHookOptions): object {
  const { kind, image, timeout = 30, backoffLimit = 0 } = options;
  const container = {
    image,
    args: ["presync", "--timeout", String(timeout)],
    env: [
      { name: "MC_GATE_URL", value: url },
      { name: "MC_GATE_CA_FILE", value: "/var/run/mc/ca.crt" },
      { name: "MC_TOKEN_FILE", value: "/var/run/mc/token" },
      { name: "MC_TERMINATION_LOG", value: "/dev/termination-log" },
    ],
    volumeMounts: [{ name: "mc", mountPath: "/var/run/mc", readOnly: true }],
  };
  const sources = [
    { serviceAccountToken: { audience: "mc-gate", expirationSeconds: 600, path: "token" } },
    { configMap: { name: "mc-gate-ca" } },
  ];
  const volumes = [{ name: "mc", projected: { sources } }];
  return preSyncHook({ kind, name: GATE_HOOK, container, volumes, final: [10, 12], backoffLimit });
}
