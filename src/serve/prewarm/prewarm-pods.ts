import type { Logger } from "pino";

import type { Mode } from "../../core/index.ts";
import { type Warm, warmAll } from "../../gate/index.ts";
import type { KubeClient } from "../../kube/index.ts";
import type { Metrics } from "../../metrics/index.ts";
import type { Settings } from "../settings/settings.ts";
import { createPodTally } from "./pod-tally.ts";

export interface PrewarmPodsOptions {
  readonly settings: Settings["evidence"]["prewarm"];
  readonly client: KubeClient;
  readonly modeOf: (namespace: string) => Mode;
  readonly warm: Warm;
  readonly metrics: Metrics["prewarm"];
  readonly log: Pick<Logger, "info" | "warn">;
  readonly signal: AbortSignal;
}

/**
 * Lists what runs in enforcing namespaces and looks up its evidence, so that the first pods that come after a start
 * find it there. Never rejects; one line in the log says the outcome.
 */
export async function prewarmPods(options: PrewarmPodsOptions): Promise<void> {
  const { settings, client, modeOf, warm, metrics, log, signal } = options;
  const { eachRunningPod } = await import("../../kube/index.ts");
  const started = performance.now();
  const tally = createPodTally((namespace) => modeOf(namespace) === "enforce");
  try {
    await eachRunningPod(client, tally.take);
  } catch (error) {
    const message = error instanceof Error ? error.message : "unknown failure";
    if (!signal.aborted)
      log.warn({ message }, "running pods cannot be listed; their images are not looked up");
    return;
  }
  const images = tally.first(settings.images);
  const outcomes: Partial<Record<string, number>> = {};
  let left = images.length;
  metrics.waiting("pods", left);
  await warmAll(images, {
    warm,
    atOnce: settings.atOnce,
    signal,
    onOutcome: (outcome) => {
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      metrics.image("pods", outcome);
      metrics.waiting("pods", (left -= 1));
    },
  });
  const seconds = Math.round((performance.now() - started) / 1000);
  log.info({ images: images.length, ...outcomes, seconds }, "images of running pods looked up");
}
