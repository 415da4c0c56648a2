import { readFileSync } from "node:fs";

import type { Logger } from "pino";

import type { Callers } from "../admission/index.ts";
import {
  type ArgoCdClient,
  createArgoCd,
  type ArgoCd,
  createTargetStore,
  type HookCluster,
  RUNNING_PARTS,
  type SyncDeps,
  type TargetStoreDeps,
} from "../argocd/index.ts";
import { type ComposedGate, proxyOfProcess } from "../composition/index.ts";
import { compileGlob } from "../core/index.ts";
import type { Metrics } from "../metrics/index.ts";
import type { Recorder } from "../record/index.ts";
import type { JoinedCluster } from "./cluster.ts";
import { ownPod, reportHooks } from "./hook-notices.ts";
import { createRunningImages } from "./prewarm/running-images.ts";
import type { LargeReader } from "./reader/reader.ts";
import type { ArgoCdSettings } from "./settings/argocd-settings.ts";
import { withSetting } from "./settings/setting-error.ts";
import { defaultModeOf, type Settings } from "./settings/settings.ts";
import { syncObserver } from "./sync-record.ts";
import { waiverAhead } from "./waiver-ahead.ts";

export interface ServeArgoCdOptions {
  readonly settings: Pick<Settings, "argocd" | "cluster" | "server" | "workloads">;
  readonly composed: ComposedGate;
  readonly cluster: JoinedCluster | undefined;
  readonly callers: Callers;
  readonly metrics: Metrics["sync"];
  readonly log: Logger;
  readonly recorder: Pick<Recorder, "write">;
  readonly reader: Pick<LargeReader, "run" | "runFor">;
}

/** What the endpoints are made of, nothing where they are not asked for; and what ends it. */
export interface ServedArgoCd {
  readonly deps: SyncDeps | undefined;
  readonly close: () => Promise<void>;
}

/** Puts together what answers about syncs and rollouts. Throws UsageError where a file of an instance cannot be read. */
export async function serveArgoCd({ settings, cluster, ...rest }: ServeArgoCdOptions): Promise<ServedArgoCd> {
  const { argocd, cluster: place } = settings;
  if (argocd === undefined || cluster === undefined || place === undefined)
    return { deps: undefined, close: () => Promise.resolve() };
  const { createHookReader, createTokenReview, eachRunningPod } = await import("../kube/index.ts");
  const clients = argocd.instances.map((instance) => connectTo(instance, rest.reader));
  const hooks = { reviewToken: createTokenReview(cluster.client), read: createHookReader(cluster.client) };
  const { instanceLabels, wait: waitMs } = argocd;
  const gate = () => ownPod(hooks.read, { namespace: place.namespace, port: settings.server.port });
  const reporting = {
    ...cluster,
    log: rest.log,
    cluster: hooks,
    argoCds: clients,
    instanceLabels,
    waitMs,
    gate,
  };
  const stopReporting = argocd.events ? await reportHooks(reporting) : undefined;
  return {
    deps: depsOf({
      ...rest,
      settings,
      argocd,
      cluster,
      hooks,
      clients,
      runningImages: createRunningImages((take, namespace) =>
        eachRunningPod(cluster.client, take, namespace),
      ),
    }),
    close: async () => {
      stopReporting?.();
      await Promise.all(clients.map((each) => each.close()));
    },
  };
}

interface ArgoCdContext extends ServeArgoCdOptions {
  readonly argocd: ArgoCdSettings;
  readonly cluster: JoinedCluster;
  readonly hooks: HookCluster;
  readonly clients: readonly ArgoCd[];
  readonly runningImages: SyncDeps["operation"]["runningImages"];
}

function depsOf(context: ArgoCdContext): SyncDeps {
  const { settings, argocd, composed, cluster, hooks, metrics } = context;
  const { audience, instanceLabels } = argocd;
  const common = {
    gate: composed.gate,
    modeOf: cluster.modeOf,
    defaultMode: defaultModeOf(settings),
    rolloutWindowMs: argocd.rolloutWindow,
    judgeMs: argocd.judge,
    now: () => new Date(),
  };
  const target = {
    ...common,
    strictestMode: cluster.strictestMode,
    argoCds: context.clients,
    otherClusters: argocd.otherClusters,
    thisCluster: argocd.thisCluster,
    workloads: settings.workloads,
    ownDigests: argocd.hookDigests,
    observe: syncObserver(context.recorder, argocd.events ? cluster.tellEvent : undefined),
  };
  return {
    presync: { ...target, cluster: hooks, audience, instanceLabels, waitMs: argocd.wait },
    operation: { ...target, ...argocd.operations, ...readingReviews(context) },
    verdict: {
      ...common,
      cluster: hooks,
      audiences: argocd.verdictAudiences,
      mayAsk: cluster.mayAsk,
      waiverAhead: waiverAhead(composed.waivers.current, common.now),
    },
    targets: createTargetStore({ ...target, ...readingTargets(context) }),
    answered: metrics.answered,
  };
}

function readingReviews({
  callers,
  reader,
  runningImages,
}: ArgoCdContext): Pick<SyncDeps["operation"], "callers" | "readPartsElsewhere" | "runningImages"> {
  return {
    callers,
    readPartsElsewhere: (namespace, ...input) => reader.runFor(namespace, "readReviewParts", ...input),
    runningImages,
  };
}

function readingTargets({
  metrics,
  reader,
}: ArgoCdContext): Pick<TargetStoreDeps, "observe" | "waiting" | "readTargetElsewhere"> {
  return {
    observe: metrics.target,
    waiting: metrics.waitingTargets,
    readTargetElsewhere: (...input) => reader.run("targetOf", ...input),
  };
}

function connectTo(
  {
    namespace,
    url,
    tokenFile,
    caFile,
    installationId,
    applicationNamespaces,
  }: ArgoCdSettings["instances"][number],
  reader: ServeArgoCdOptions["reader"],
) {
  const ca = caFile === undefined ? undefined : (): string => readFileSync(caFile, "utf8");
  // At the start, a file that cannot be read is a mistake in the settings; later it may be about to be replaced.
  if (ca !== undefined) withSetting("argocd.instances", ca);
  const client: ArgoCdClient = createArgoCd({
    url,
    proxyFor: proxyOfProcess(),
    parts: RUNNING_PARTS,
    readElsewhere: (...input) => reader.run("readJsonParts", ...input),
    token: () => readFileSync(tokenFile, "utf8").trim(),
    ...(ca !== undefined && { ca }),
  });
  return {
    ...client,
    namespace,
    installationId,
    ...(applicationNamespaces && { isApplicationNamespace: anyOf(applicationNamespaces) }),
  } satisfies ArgoCd & ArgoCdClient;
}

/** Whether a namespace matches one of the globs of the settings, which have been checked. */
function anyOf(globs: readonly string[]): (namespace: string) => boolean {
  const patterns = globs.map(compileGlob).flatMap((each) => (each.ok ? [each.pattern] : []));
  return (namespace) => patterns.some((each) => each.matches(namespace));
}
