import { asFault, printable } from "../core/index.ts";
import type { AuditCluster, AuditGap } from "./ports.ts";

/** Where what cannot be read goes. */
export interface Attempting {
  readonly cluster: Pick<AuditCluster, "codeOf">;
  readonly signal: AbortSignal;
  readonly gaps: AuditGap[];
}

/** Runs lists, of one namespace or of all: one that fails is a gap, and ends nothing else. Rejects where the signal aborts. */
export function attemptIn(
  { cluster, signal, gaps }: Attempting,
  namespace?: string,
): (kind: string, list: () => Promise<void>) => Promise<void> {
  const place = namespace === undefined ? "" : ` of ${namespace}`;
  return async (kind, list) => {
    signal.throwIfAborted();
    try {
      await list();
    } catch (error) {
      const { code, message } = asFault(error);
      const why = printable(message, 300);
      gaps.push({ what: `${kind} objects${place}`, why, code: cluster.codeOf(error) ?? code });
    }
  };
}

/** An object that cannot be read: the rest of its list still is. */
export function unreadable(kind: string, error: unknown): AuditGap {
  return { what: `a ${kind}`, why: printable(asFault(error).message, 300), code: "review/invalid" };
}
