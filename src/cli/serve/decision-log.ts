import type { DecisionRecord } from "../../admission/index.ts";
import type { Waived } from "../../core/index.ts";

const MOST = 16;

/** The one log line of a decision: chosen fields, bounded, never an object from outside. */
export function decisionLine({ verdict, ...record }: DecisionRecord): Readonly<Record<string, unknown>> {
  const { uid, namespace, kind, name, operation, dryRun, caller, seconds } = record;
  const stale = verdict.judged.flatMap(({ staleBecause }) => staleBecause ?? []);
  return {
    uid,
    namespace,
    kind,
    name,
    operation,
    dryRun,
    caller,
    decision: verdict.decision,
    mode: verdict.mode,
    digests: verdict.judged.flatMap(({ digest }) => digest ?? []).slice(0, MOST),
    codes: [...new Set(verdict.objections.map(({ code }) => code))],
    waivers: idsOf(verdict.waived),
    ...(verdict.lapsed !== undefined && { expiredWaivers: idsOf(verdict.lapsed) }),
    ...(stale.length > 0 && { staleEvidence: stale.slice(0, MOST) }),
    ms: Math.round(seconds * 1000),
  };
}

function idsOf(waived: readonly Waived[]): string[] {
  return [...new Set(waived.map(({ waiver }) => waiver.id))].slice(0, MOST);
}
