import type { Evidence } from "../../core/index.ts";
import type { GateLimits } from "../ports.ts";

const REFRESH_AHEAD = 2 / 3;

/** Age of evidence in ms; never negative, so that a clock set back does not keep evidence young. */
export function ageOf(evidence: Evidence, now: Date): number {
  return Math.abs(now.getTime() - evidence.collectedAt.getTime());
}

/**
 * From this age on, ms, evidence is collected again before anyone has to wait for it: behind an answer, or ahead of
 * one.
 */
export function refreshAheadMs({ refreshAfterMs }: GateLimits): number {
  return refreshAfterMs * REFRESH_AHEAD;
}
