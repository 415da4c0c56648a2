import type { Logger } from "pino";

import type { SyncDeps } from "../../argocd/index.ts";
import type { Mode } from "../../core/index.ts";
import type { Warm } from "../../gate/index.ts";
import type { Metrics } from "../../metrics/index.ts";
import type { JoinedCluster } from "../cluster.ts";
import { defaultModeOf, type Settings } from "../settings/settings.ts";
import { prewarmPods } from "./prewarm-pods.ts";
import { prewarmSyncs } from "./prewarm-syncs.ts";

const POLL_MS = 250;

/** What is done ahead, and with what. */
export interface PrewarmOptions {
  readonly settings: Pick<Settings, "argocd" | "cluster" | "evidence">;
  readonly cluster: Pick<JoinedCluster, "client" | "modeOf"> | undefined;
  readonly sync: Pick<SyncDeps, "operation" | "targets"> | undefined;
  readonly warm: Warm;
  readonly metrics: Pick<Metrics, "prewarm">;
  readonly log: Pick<Logger, "info" | "warn">;
  /** Names of what the gate still waits for: before policy, trust and modes are there, no one knows what to look up. */
  readonly missing: () => readonly string[];
}

/** Begins in the background what the settings ask for, once the gate is ready. Returns what ends it. */
export function prewarm(options: PrewarmOptions): () => void {
  const stopped = new AbortController();
  const timer = setInterval(() => {
    if (options.missing().length > 0) return;
    clearInterval(timer);
    begin(options, stopped.signal).catch((error: unknown) =>
      options.log.warn({ error: String(error) }, "prewarming finished"),
    );
  }, POLL_MS).unref();
  return () => {
    clearInterval(timer);
    stopped.abort();
  };
}

async function begin(
  { settings, cluster, sync, warm, metrics: { prewarm: metrics }, log }: PrewarmOptions,
  signal: AbortSignal,
): Promise<void> {
  if (cluster === undefined) return;
  const common = { client: cluster.client, warm, metrics, log };
  const { argocd, evidence } = settings;
  const defaultMode = defaultModeOf(settings);
  const modeOf = (namespace: string): Mode => cluster.modeOf(namespace) ?? defaultMode;
  if (sync !== undefined && argocd?.operations.prewarm === true && argocd.instances.length > 0) {
    const stop = await prewarmSyncs({ ...common, sync });
    signal.addEventListener("abort", stop, { once: true });
    if (signal.aborted) stop();
  }
  if (evidence.prewarm.images > 0)
    await prewarmPods({ ...common, settings: evidence.prewarm, modeOf, signal });
}
