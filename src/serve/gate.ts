import { accessSync, constants } from "node:fs";

import type { Logger } from "pino";

import { composeGate, type ComposedGate, proxyOfProcess } from "../composition/index.ts";
import type { Metrics } from "../metrics/index.ts";
import { forwardFetch, trustAuthorities, type TrustedAuthorities } from "../outbound/index.ts";
import type { Recorder } from "../record/index.ts";
import { type PublicGood, publicGoodRoot } from "../trust/index.ts";
import type { JoinedCluster } from "./cluster.ts";
import { openMemory } from "./evidence.ts";
import type { LargeReader } from "./reader/reader.ts";
import { withSetting } from "./settings/setting-error.ts";
import type { Settings } from "./settings/settings.ts";

const TRUST_REFRESH_MS = 30_000;

/** What the gate of a server is composed with. */
export interface BuildGateOptions {
  readonly cluster: Pick<JoinedCluster, "credentials"> | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly reader: Pick<LargeReader, "runFor">;
  readonly recorder: Pick<Recorder, "document">;
  /** Takes what closes the parts, as they open. */
  readonly opened: AsyncDisposableStack;
}

/** The gate of a server: with files that outlive it, a trust root that is refreshed, and metrics. */
export async function buildGate(
  settings: Settings,
  { cluster, metrics, log, reader, recorder, opened }: BuildGateOptions,
): Promise<ComposedGate> {
  const { evidence, verify } = settings;
  forwardFetch(proxyOfProcess()); // the TUF client takes no dispatcher
  const { caFile } = settings.outbound;
  if (caFile !== undefined) opened.defer(trusting(caFile, log).close);
  const memory = await openMemory(evidence, log);
  opened.defer(() => memory?.close());
  const publicGood = followPublicGood(settings.tuf, log, () => composed.trust.refresh());
  opened.defer(publicGood.close);
  const composed = composeGate({
    registries: settings.registries,
    publicGood: publicGood.current,
    now: () => new Date(),
    ...(cluster && { credentials: cluster.credentials }),
    readElsewhere: (share, ...input) => reader.runFor(share, "registryDocument", ...input),
    ...(memory && { memory }),
    verifier: { limitMs: verify.limit, ...(verify.workers !== undefined && { workers: verify.workers }) },
    capacity: evidence,
    limits: { refreshAfterMs: evidence.refreshAfter, staleLimitMs: evidence.staleLimit },
    observer: { phase: metrics.phase, cache: metrics.cache, waiting: metrics.waiting },
    onRegistryAnswer: metrics.registryAnswer,
    onDocument: (document, accepted) => recorder.document({ document, ...accepted }),
    onCaProblem: (message) =>
      log.error({ message }, "new authorities of a registry refused; the old ones stay"),
    onTrustProblem: (name, message) =>
      log.error({ trustRoot: name, message }, "trust root refused; the last good one stays"),
  });
  opened.defer(composed.close);
  const timer = setInterval(() => composed.trust.refresh(), TRUST_REFRESH_MS).unref();
  opened.defer(() => clearInterval(timer));
  return composed;
}

function trusting(file: string, log: Logger): TrustedAuthorities {
  const onProblem = (message: string): void =>
    log.error({ message }, "new authorities of connections refused; the old ones stay");
  return withSetting("outbound.caFile", () => trustAuthorities({ file, onProblem }));
}

/** Throws UsageError where the root of another TUF repository cannot be read. */
function followPublicGood(tuf: Settings["tuf"], log: Logger, onRefreshed: () => void): PublicGood {
  const { enabled, mirror } = tuf;
  if (enabled && mirror !== undefined)
    withSetting("tuf.mirror.rootPath", () => accessSync(mirror.rootPath, constants.R_OK));
  return publicGoodRoot({
    ...tuf,
    now: () => new Date(),
    onRefreshed,
    onProblem: (message) =>
      log.warn({ message }, "refreshing the public-good trust root failed; the last good one stays"),
  });
}
