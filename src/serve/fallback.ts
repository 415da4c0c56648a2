import { isIP } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

import type { Logger } from "pino";

import { UsageError } from "../core/index.ts";
import type { KubeClient } from "../kube/index.ts";
import type { Settings } from "./settings/settings.ts";

const POLL_MS = 250;
const RETRY_MS = 10_000;
/** How often it is written although nothing has changed, since others may have removed it. */
const AGAIN_MS = 5 * 60_000;

/** What is published, and when. */
export interface FallbackOptions {
  readonly settings: Pick<Settings, "server" | "cluster">;
  readonly cluster: { readonly client: KubeClient } | undefined;
  /** Environment variables, which say what this pod is; those of the process where absent. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the gate listens for it; undefined where it has no fallback endpoint. */
  readonly port: number | undefined;
  /** Ends when clients are to leave: then it is taken out of the Service, so that the gate may stop listening a moment later. */
  readonly draining: AbortSignal;
  /** Names of parts without which nothing can be decided; while there are any, nothing is published. */
  readonly missing: () => readonly string[];
  readonly log: Pick<Logger, "info" | "warn">;
}

/**
 * Publishes the fallback endpoint once the gate can decide, which listens by then. Returns what withdraws it, which never
 * rejects. Throws UsageError where it is switched on and the environment does not say what the pod is.
 */
export async function serveFallback(options: FallbackOptions): Promise<() => Promise<void>> {
  const { settings, cluster, port, env = process.env, log } = options;
  const { fallback } = settings.server;
  if (fallback === undefined || cluster === undefined || settings.cluster === undefined || port === undefined)
    return () => Promise.resolve();
  const pod = { namespace: settings.cluster.namespace, ...podOf(env) };
  const { createFallbackEndpoint } = await import("../kube/index.ts");
  const { client } = cluster;
  const { service } = fallback;
  const endpoint = createFallbackEndpoint({ client, pod, service, portName: "webhook", port });
  const stopped = new AbortController();
  const kept = keep(endpoint.publish, options, stopped.signal);
  let withdrawn: Promise<void> | undefined;
  const withdrawOnce = async (): Promise<void> => {
    stopped.abort();
    await kept;
    await endpoint.withdraw().catch(({ message }: Error) => {
      log.warn({ message }, "the fallback endpoint could not be withdrawn; it ends with the pod");
    });
  };
  const withdraw = (): Promise<void> => (withdrawn ??= withdrawOnce());
  options.draining.addEventListener("abort", () => void withdraw(), { once: true });
  return withdraw;
}

async function keep(
  publish: () => Promise<void>,
  { missing, log, port }: FallbackOptions,
  signal: AbortSignal,
): Promise<void> {
  const sleep = (ms: number): Promise<void> =>
    pause(ms, undefined, { signal, ref: false }).catch(() => undefined);
  let isTold = false;
  while (!signal.aborted) {
    if (missing().length > 0) {
      await sleep(POLL_MS);
      continue;
    }
    try {
      await publish();
      if (!isTold) log.info({ port }, "fallback endpoint published");
      isTold = true;
      await sleep(AGAIN_MS);
    } catch (error) {
      const message = error instanceof Error ? error.message : "unknown failure";
      log.warn({ message }, "publishing the fallback endpoint failed; retrying");
      await sleep(RETRY_MS);
    }
  }
}

/** The pod by its environment, as the chart takes it from the downward API. */
function podOf(env: NonNullable<FallbackOptions["env"]>): { name: string; uid: string; addresses: string[] } {
  const [name, uid, ips] = ["MC_GATE_POD_NAME", "MC_GATE_POD_UID", "MC_GATE_POD_IPS"].map((key) => {
    if (!env[key]) throw new UsageError(`server.fallback: the environment variable ${key} is not set`);
    return env[key];
  }) as [string, string, string];
  const addresses = ips.split(",");
  if (addresses.length > 2 || addresses.some((address) => isIP(address) === 0))
    throw new UsageError("server.fallback: MC_GATE_POD_IPS must hold one or two IP addresses");
  return { name, uid, addresses };
}
