import { setTimeout } from "node:timers/promises";

import { type Logger, pino } from "pino";

import type { AdmissionDeps } from "../../admission/index.ts";
import { readDocument } from "../../documents/index.ts";
import { createMetrics, type Metrics } from "../../metrics/index.ts";
import { type CertificateSource, endOfCertificate } from "../../server/index.ts";
import { publicGoodRoot } from "../../trust/index.ts";
import { composeGate, type ComposedGate } from "../compose.ts";
import { DOCUMENT_NAMES } from "../document-table.ts";
import { type ExitCode, UsageError } from "../exit-codes.ts";
import { problemLine } from "../problems.ts";
import { readText } from "../terminal.ts";
import { decisionLine } from "./decision-log.ts";
import { guardLine } from "./guard-log.ts";
import { type DocumentsInForce, guardedDocuments } from "./guarded-documents.ts";
import { createLargeDocuments } from "./large-documents.ts";
import { type Listening, listen } from "./listen.ts";
import { createLogSink } from "./log-sink.ts";
import { prewarm } from "./prewarm.ts";
import { createLargeReader, type LargeReader } from "./reader.ts";
import { serveArgoCd } from "./serve-argocd.ts";
import { type ServedCallers, serveCallers } from "./serve-callers.ts";
import { serveCertificate } from "./serve-certificate.ts";
import { joinCluster, type JoinedCluster } from "./serve-cluster.ts";
import { type FollowedDocuments, followFiles, type FollowOptions } from "./serve-documents.ts";
import { openMemory } from "./serve-evidence.ts";
import { Settings } from "./settings.ts";
import { endProcess, onStop } from "./stop.ts";

const TRUST_REFRESH_MS = 30_000;
const LAST_LINES_MS = 1_000;

/** `mc serve`: runs until it is told to stop, and ends the process then, whatever its log is written to. */
export async function serve(file: string): Promise<ExitCode> {
  const read = readSettings(file);
  const metrics = createMetrics();
  const sink = createLogSink({ fd: process.stdout.fd, onDropped: metrics.logDropped });
  const log = pino({}, sink);
  const end = (code: ExitCode): void =>
    void sink.flush(LAST_LINES_MS).then(() => endProcess(code, sink.isStuck));
  const stop = onStop({ log, end });
  const { servers, close } = await start(read, { log, metrics });
  stop.serving();
  log.info({ port: servers.port, probePort: servers.probePort }, "listening");
  await stop.asked;
  await close();
  log.info("stopped");
  stop.done();
  return new Promise(() => undefined);
}

interface Started {
  readonly servers: Listening;
  /** Goes on answering while endpoints follow, then closes everything. */
  readonly close: () => Promise<void>;
}

async function start(
  { settings, settingsText }: ReadSettings,
  { log, metrics }: Pick<Parts, "log" | "metrics">,
): Promise<Started> {
  const cluster = settings.cluster === undefined ? undefined : await joinCluster(settings.cluster, log);
  const served = serveCallers({ settings: settings.server, metrics: metrics.callers, log });
  const parts = { cluster, metrics, log, callers: served.callers, reader: createLargeReader() };
  const { composed, close: closeGate } = await buildGate(settings, parts);
  const large = createLargeDocuments(parts.reader);
  const documents = await followDocuments(settings, { composed, cluster, log, large });
  const certificate = await serveCertificate({ settings, client: cluster?.client, log });
  observeState(metrics, composed, certificate);
  const argoCd = await serveArgoCd({ ...parts, settings, composed, metrics: metrics.sync });
  const running = { draining: false };
  const missing = (): string[] => missingParts(composed, documents, cluster);
  const servers = await listen({
    ...settings.server,
    admission: admissionDeps(settings, { ...parts, composed, settingsText }),
    sync: argoCd.deps,
    certificate,
    clientAuthorities: served.clientAuthorities,
    metrics,
    isDraining: () => running.draining,
    missing,
  });
  const endPrewarm = prewarm({ ...parts, settings, sync: argoCd.deps, warm: composed.gate.warm, missing });
  const close = async (): Promise<void> => {
    running.draining = true;
    endPrewarm();
    await setTimeout(settings.server.drain); // endpoints follow readiness with a delay
    await servers.close();
    for (const end of [documents.stop, certificate.close, served.close]) end();
    const last = [argoCd.close, ...(cluster ? [cluster.close] : []), closeGate, parts.reader.close];
    for (const end of last) await end();
  };
  return { servers, close };
}

interface Parts {
  readonly cluster: JoinedCluster | undefined;
  readonly metrics: Metrics;
  readonly log: Logger;
}

interface ReadSettings {
  readonly settings: Settings;
  /** The text that they were read from. */
  readonly settingsText: string;
}

function readSettings(file: string): ReadSettings {
  const settingsText = readText(file);
  const parsed = readDocument(settingsText, Settings);
  if (parsed.ok) return { settings: parsed.value, settingsText };
  throw new UsageError(parsed.problems.map((problem) => problemLine({ file, ...problem })).join("\n"));
}

async function buildGate(
  settings: Settings,
  { cluster, metrics, log }: Parts,
): Promise<{ composed: ComposedGate; close: () => Promise<void> }> {
  const { evidence, tuf, verify } = settings;
  const memory = await openMemory(evidence, log);
  const publicGood = publicGoodRoot({
    ...tuf,
    now: () => new Date(),
    onRefreshed: () => composed.trust.refresh(),
    onProblem: (message) =>
      log.warn({ message }, "refreshing the public-good trust root failed; the last good one stays"),
  });
  const composed = composeGate({
    registries: settings.registries,
    publicGood: publicGood.current,
    now: () => new Date(),
    ...(cluster && { credentials: cluster.credentials }),
    ...(memory && { memory }),
    verifier: { limitMs: verify.limit, ...(verify.workers !== undefined && { workers: verify.workers }) },
    limits: { refreshAfterMs: evidence.refreshAfter, staleLimitMs: evidence.staleLimit },
    observer: { phase: metrics.phase, cache: metrics.cache, waiting: metrics.waiting },
    onTrustProblem: (name, message) =>
      log.error({ trustRoot: name, message }, "trust root refused; the last good one stays"),
  });
  const timer = setInterval(() => composed.trust.refresh(), TRUST_REFRESH_MS).unref();
  return {
    composed,
    close: async () => {
      clearInterval(timer);
      publicGood.close();
      await composed.close();
      await memory?.close();
    },
  };
}

function followDocuments(
  settings: Settings,
  { cluster, ...options }: Pick<Parts, "cluster"> & Omit<FollowOptions, "tell">,
): Promise<FollowedDocuments> | FollowedDocuments {
  if (cluster !== undefined) return cluster.follow(options);
  return followFiles(settings.files!, { ...options, tell: () => undefined });
}

interface Composed {
  readonly composed: ComposedGate;
  readonly reader: LargeReader;
}

function admissionDeps(
  settings: Settings,
  {
    composed,
    settingsText,
    cluster,
    metrics,
    log,
    callers,
    reader,
  }: Parts & Pick<ServedCallers, "callers"> & DocumentsInForce & Composed,
): AdmissionDeps {
  return {
    gate: composed.gate,
    callers,
    modeOf: cluster?.modeOf ?? (() => undefined),
    workloads: settings.workloads,
    readLarge: (...input) => reader.run("readWorkload", ...input),
    guarded:
      settings.cluster === undefined
        ? []
        : guardedDocuments(settings.cluster, { composed, settingsText, reader }),
    defaultMode: settings.cluster?.defaultMode ?? "off",
    may: cluster?.may ?? nobodyMay,
    isTerminating: cluster?.isTerminating ?? (() => false),
    observeGuard: (record) => {
      log.info(guardLine(record), "guard decision");
      if (record.dryRun) return; // nothing but the answer may come of one
      metrics.guard(record);
      cluster?.tellGuard(record);
    },
    inFlight: metrics.inFlight,
    shed: metrics.shed,
    observe: (record) => {
      metrics.decision(record);
      log.info(decisionLine(record), "decision");
    },
  };
}

/** Without a cluster there is nobody to ask. */
function nobodyMay(): Promise<boolean> {
  return Promise.resolve(false);
}

function observeState(metrics: Metrics, composed: ComposedGate, certificate: CertificateSource): void {
  metrics.read({
    documents: () =>
      DOCUMENT_NAMES.map((name) => {
        const { acceptedAt, problems } = composed[name].status();
        return { name, acceptedAt, problems: problems.length };
      }),
    trustAges: composed.trust.ages,
    certificateEnd: () => endOfCertificate(certificate.current()),
    authorityEnds: certificate.authorityEnds ?? (() => []),
  });
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
