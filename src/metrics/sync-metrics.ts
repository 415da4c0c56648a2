import type { Makers } from "./makers.ts";

/** What is counted of questions about syncs and rollouts. All labels are closed sets. */
export interface SyncMetrics {
  readonly answered: (door: string, decision: string, seconds: number) => void;
  readonly target: (outcome: string) => void;
  readonly waitingTargets: (count: number) => void;
}

/** What is counted of work that is done ahead: of `syncs` that have not begun, of `pods` that run already. */
export interface PrewarmMetrics {
  readonly application: (outcome: string) => void;
  readonly image: (of: "syncs" | "pods", outcome: string) => void;
  readonly waiting: (of: "syncs" | "pods", count: number) => void;
}

/** Makes the metrics of questions about syncs and rollouts. */
export function syncMetrics({ counter, gauge, histogram }: Makers): SyncMetrics {
  const requests = counter("mc_gate_sync_requests_total");
  const duration = histogram("mc_gate_sync_duration_seconds");
  const targets = counter("mc_gate_sync_targets_total");
  const waiting = gauge("mc_gate_sync_targets_waiting");
  return {
    answered: (door, decision, seconds) => {
      requests.inc({ door, decision });
      duration.observe({ door }, seconds);
    },
    target: (outcome) => targets.inc({ outcome }),
    waitingTargets: (count) => waiting.set(count),
  };
}

/** Makes the metrics of work that is done ahead. */
export function prewarmMetrics({ counter, gauge }: Makers): PrewarmMetrics {
  const applications = counter("mc_gate_prewarm_applications_total");
  const images = counter("mc_gate_prewarm_images_total");
  const waiting = gauge("mc_gate_prewarm_waiting");
  return {
    application: (outcome) => applications.inc({ outcome }),
    image: (of, outcome) => images.inc({ of, outcome }),
    waiting: (of, count) => waiting.set({ of }, count),
  };
}
