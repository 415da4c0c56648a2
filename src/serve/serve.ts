import { setTimeout } from "node:timers/promises";

import type { Logger } from "pino";

import type { AdmissionDeps } from "../admission/index.ts";
import type { ComposedGate } from "../composition/index.ts";
import type { ExitCode } from "../core/index.ts";
import { createGuard, type GuardDeps } from "../guard/index.ts";
import { createMetrics, type Metrics } from "../metrics/index.ts";
import type { Recorder } from "../record/index.ts";
import type { CertificateSource } from "../server/index.ts";
import { serveArgoCd } from "./argocd.ts";
import { type ServedCallers, serveCallers } from "./callers.ts";
import { sayNewCertificates, serveCertificate } from "./certificate.ts";
import { closeFailOpen } from "./close-fail-open.ts";
import { joinCluster, type JoinedCluster } from "./cluster.ts";
import { type FollowedDocuments, followFiles, type FollowOptions } from "./documents/documents.ts";
import { type DocumentsInForce, guardedDocuments } from "./documents/guarded-documents.ts";
import { createLargeDocuments } from "./documents/large-documents.ts";
import { serveFallback } from "./fallback.ts";
import { buildGate } from "./gate.ts";
import { type Listening, listen } from "./listen.ts";
import { recordDecision } from "./logs/decision-log.ts";
import { guardLine } from "./logs/guard-log.ts";
import { createLogSink, type LogSink } from "./logs/log-sink.ts";
import { createLog } from "./logs/logs.ts";
import { observeState } from "./observe-state.ts";
import { prewarm } from "./prewarm/prewarm.ts";
import { createLargeReader, type LargeReader } from "./reader/reader.ts";
import { digestsOfDocuments, serveRecord } from "./record.ts";
import { defaultModeOf, type Settings } from "./settings/settings.ts";
import { serveState } from "./state/serve-state.ts";
import { endProcess, onStop } from "./stop.ts";
import { watchOwnWebhooks } from "./watch-own-webhooks.ts";
import { watchSwitches } from "./watch-switches.ts";

const LAST_LINES_MS = 1_000;

/** Settings, and the text that they were read from. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly settingsText: string;
}

/** `mc serve`: runs until it is told to stop, and ends the process then, whatever its log is written to. */
export async function serve(read: ReadSettings): Promise<ExitCode> {
  const metrics = createMetrics();
  const sink = createLogSink({ fd: process.stdout.fd, onDropped: metrics.logDropped });
  const log = createLog(read.settings.log, sink);
  if (process.env["MC_ENFORCE"] !== undefined)
    log.warn(
      "MC_ENFORCE is set and not read: it is for CI; to switch enforcement off here, run mc enforce off",
    );
  const end = (code: ExitCode): void =>
    void sink.flush(LAST_LINES_MS).then(() => endProcess(code, sink.isStuck));
  const stop = onStop({ log, end });
  const opened = new AsyncDisposableStack();
  const { servers, drain } = await started(read, { log, metrics, opened, sink });
  stop.serving();
  log.info({ port: servers.port, probePort: servers.probePort }, "listening");
  await stop.requested;
  drain();
  await setTimeout(read.settings.server.drain); // endpoints follow readiness with a delay
  await opened.disposeAsync();
  log.info("stopped");
  stop.done();
  return new Promise(() => undefined);
}

interface StartOptions extends Pick<ServeContext, "metrics" | "log"> {
  /** Takes what closes each part, as it opens. */
  readonly opened: AsyncDisposableStack;
  readonly sink: Pick<LogSink, "write" | "flush">;
}

/** Where a start fails, what it has opened is closed, as far as that can be done in a second. */
async function started(read: ReadSettings, options: StartOptions): Promise<Started> {
  const { opened, sink } = options;
  try {
    return await start(read, options);
  } catch (error) {
    await Promise.race([Promise.allSettled([opened.disposeAsync()]), setTimeout(LAST_LINES_MS)]);
    await sink.flush(LAST_LINES_MS);
    throw error;
  }
}

interface Started {
  readonly servers: Listening;
  /** Sends clients elsewhere, and keeps answering. */
  readonly drain: () => void;
}

async function start({ settings, settingsText }: ReadSettings, options: StartOptions): Promise<Started> {
  const { log, metrics, opened } = options;
  const recorder = await openedRecord(settings, options);
  const reader = opened.adopt(createLargeReader(), ({ close }) => close());
  const cluster = settings.cluster && (await joinCluster({ settings: settings.cluster, log, reader }));
  opened.defer(() => cluster?.close());
  const served = serveCallers({ settings: settings.server, metrics: metrics.callers, log });
  opened.defer(served.close);
  const context = { cluster, metrics, log, callers: served.callers, reader, recorder };
  const composed = await buildGate(settings, { ...context, opened });
  const documents = await followDocuments(settings, { composed, cluster, log, reader });
  opened.defer(documents.stop);
  const certificate = await observedCertificate(settings, { ...context, composed, opened });
  const judging = { ...context, settings, settingsText, composed };
  const argoCd = await serveArgoCd({ ...judging, metrics: metrics.sync });
  opened.defer(argoCd.close);
  const draining = new AbortController();
  const missing = (): string[] => missingParts(composed, documents, cluster);
  const servers = await listen({
    ...settings.server,
    admission: admissionDeps(settings, judging),
    sync: argoCd.deps,
    state: await serveState(judging),
    certificate,
    clientAuthorities: served.clientAuthorities,
    metrics,
    isDraining: () => draining.signal.aborted,
    missing,
  });
  opened.defer(servers.close);
  const fallback = { port: servers.fallbackPort, draining: draining.signal };
  opened.defer(await serveFallback({ ...context, ...fallback, settings, missing }));
  opened.defer(closeFailOpen({ ...context, settings, missing }));
  opened.defer(prewarm({ ...context, settings, sync: argoCd.deps, warm: composed.gate.warm, missing }));
  return { servers, drain: () => draining.abort() };
}

async function openedRecord({ record }: Settings, { opened, ...context }: StartOptions): Promise<Recorder> {
  return opened.adopt(await serveRecord({ ...context, settings: record }), ({ close }) => close());
}

/** The serving certificate; from here on the metrics read it with the rest of the state. */
async function observedCertificate(
  settings: Settings,
  {
    opened,
    ...context
  }: ServeContext & Pick<Composed, "composed"> & Pick<StartOptions, "opened"> & Recording,
): Promise<CertificateSource> {
  const { cluster, log } = context;
  const certificate = await serveCertificate({ settings, client: cluster?.client, log });
  opened.defer(certificate.close);
  sayNewCertificates(certificate, log);
  const webhooks = await watchOwnWebhooks({ ...context, settings, certificate });
  opened.defer(webhooks.stop);
  opened.defer(watchSwitches({ ...context, settings, enforcement: context.composed.enforcement.current }));
  observeState({ ...context, settings, certificate, webhooks });
  return certificate;
}

interface Recording {
  readonly recorder: Recorder;
}

interface ServeContext {
  readonly cluster: JoinedCluster | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

function followDocuments(
  settings: Settings,
  { cluster, reader, ...context }: Pick<ServeContext, "cluster"> & Composed & Pick<FollowOptions, "log">,
): Promise<FollowedDocuments> | FollowedDocuments {
  const options = { ...context, large: createLargeDocuments(reader) };
  if (cluster !== undefined) return cluster.follow(options);
  return followFiles(settings.files!, { ...options, tell: () => undefined });
}

interface Composed {
  readonly composed: ComposedGate;
  readonly reader: LargeReader;
}

type AdmissionContext = ServeContext &
  Pick<ServedCallers, "callers"> &
  Omit<DocumentsInForce, "now"> &
  Composed &
  Recording;

/** What is not known of a review that was not read. */
const UNREAD = { kind: "", name: "", user: "", operation: "", dryRun: false, seconds: 0 };

function admissionDeps(settings: Settings, context: AdmissionContext): AdmissionDeps {
  const { composed, cluster, metrics, recorder, callers, reader } = context;
  const digestOfDocument = digestsOfDocuments(composed);
  return {
    gate: composed.gate,
    callers,
    modeOf: cluster?.modeOf ?? (() => undefined),
    workloads: settings.workloads,
    readLarge: (namespace, ...input) => reader.runFor(namespace, "readWorkload", ...input),
    guard: createGuard(guardDeps(settings, context)),
    inFlight: metrics.inFlight,
    shed: metrics.shed,
    observe: (record) => {
      metrics.decision(record);
      recordDecision(record, recorder, digestOfDocument);
    },
    observeUnread: (record) => recordDecision({ ...UNREAD, ...record }, recorder, digestOfDocument),
  };
}

function guardDeps(
  settings: Settings,
  { composed, settingsText, cluster, metrics, recorder, callers, reader }: AdmissionContext,
): GuardDeps {
  return {
    caller: callers.proof,
    guarded:
      settings.cluster === undefined
        ? []
        : guardedDocuments(settings.cluster, { composed, settingsText, now: () => new Date(), reader }),
    defaultMode: defaultModeOf(settings),
    may: cluster?.may ?? nobodyMay,
    isTerminating: cluster?.isTerminating ?? (() => false),
    observe: (record) => {
      const person = { key: "user", name: record.user } as const;
      recorder.write({ msg: "guard decision", fields: guardLine(record), person });
      if (record.dryRun) return; // nothing but the answer may come of one
      metrics.guard(record);
      cluster?.tellGuard(record);
    },
    readPartsElsewhere: (namespace, ...input) => reader.runFor(namespace, "readReviewParts", ...input),
  };
}

/** Without a cluster there is no one to ask. */
function nobodyMay(): Promise<boolean> {
  return Promise.resolve(false);
}

/** Names of parts without which nothing can be decided; a registry is never one of them. */
function missingParts(
  composed: ComposedGate,
  documents: FollowedDocuments,
  cluster: JoinedCluster | undefined,
): string[] {
  return [...missingMaterial(composed), ...documents.missing(), ...(cluster?.missing() ?? [])];
}

function missingMaterial({ policy, revocations, trust }: ComposedGate): string[] {
  if (policy.current() === undefined) return ["policy"];
  if (revocations.current() === undefined) return ["revocations"];
  try {
    trust.snapshot();
    return [];
  } catch {
    return ["trust"];
  }
}
