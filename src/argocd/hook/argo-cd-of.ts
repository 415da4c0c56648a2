import type { ArgoCd } from "../ports.ts";
import { argoCdAt } from "../target/read-target.ts";
import type { HookIdentity } from "./hook-identity.ts";

/**
 * The Argo CD that a hook is of; one without its own id answers for hooks without one. Throws Fault target/unavailable
 * where several may be meant.
 */
export function argoCdOf({ hint }: HookIdentity, argoCds: readonly ArgoCd[]): ArgoCd | undefined {
  const known = argoCds.filter(({ installationId }) => installationId === hint.installationId);
  return hint.namespace === undefined || known.length < 2
    ? known[0]
    : argoCdAt(hint.namespace, { argoCds: known });
}
