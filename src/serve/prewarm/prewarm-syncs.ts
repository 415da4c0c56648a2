import type { Logger } from "pino";

import { createSyncPrewarm, type SyncDeps } from "../../argocd/index.ts";
import type { Warm } from "../../gate/index.ts";
import type { KubeClient } from "../../kube/index.ts";
import type { Metrics } from "../../metrics/index.ts";

export interface PrewarmSyncsOptions {
  readonly client: KubeClient;
  readonly sync: Pick<SyncDeps, "operation" | "targets">;
  readonly warm: Warm;
  readonly metrics: Metrics["prewarm"];
  readonly log: Pick<Logger, "warn">;
}

/** Follows Applications, and gets ready for the syncs of those that are out of sync. Returns what ends it. */
export async function prewarmSyncs(options: PrewarmSyncsOptions): Promise<() => void> {
  const { client, sync, warm, metrics, log } = options;
  const { createApplicationReader, watchOutOfSync } = await import("../../kube/index.ts");
  const prewarm = createSyncPrewarm({
    ...sync,
    warm,
    read: createApplicationReader(client),
    now: () => new Date(),
    meter: {
      application: metrics.application,
      image: (outcome) => metrics.image("syncs", outcome),
      waiting: (count) => metrics.waiting("syncs", count),
    },
  });
  const watch = watchOutOfSync({
    client,
    onChange: prewarm.offer,
    onTrouble: ({ message }) => log.warn({ message }, "watching Applications failed; retrying"),
  });
  return () => {
    watch.stop();
    prewarm.stop();
  };
}
