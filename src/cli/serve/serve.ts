import { setTimeout } from "node:timers/promises";

import closeWithGrace from "close-with-grace";
import { type Logger, pino } from "pino";

import type { AdmissionDeps } from "../../admission/index.ts";
import { readDocument } from "../../documents/index.ts";
import { createMetrics, type Metrics } from "../../metrics/index.ts";
import { type CertificateSource, endOfCertificate } from "../../server/index.ts";
import { publicGoodRoot } from "../../trust/index.ts";
import { composeGate, type ComposedGate } from "../compose.ts";
import { DOCUMENT_NAMES } from "../document-table.ts";
import { EXIT, type ExitCode, UsageError } from "../exit-codes.ts";
import { problemLine } from "../problems.ts";
import { readText } from "../terminal.ts";
import { decisionLine } from "./decision-log.ts";
import { guardLine } from "./guard-log.ts";
import { type DocumentsInForce, guardedDocuments } from "./guarded-documents.ts";
import { type Listening, listen } from "./listen.ts";
import { prewarm } from "./prewarm.ts";
import { createLargeReader, type LargeReader } from "./reader.ts";
import { serveArgoCd } from "./serve-argocd.ts";
import { type ServedCallers, serveCallers } from "./serve-callers.ts";
import { serveCertificate } from "./serve-certificate.ts";
import { joinCluster, type JoinedCluster } from "./serve-cluster.ts";
import { type FollowedDocuments, followFiles } from "./serve-documents.ts";
import { openMemory } from "./serve-evidence.ts";
import { Settings } from "./settings.ts";

const TRUST_REFRESH_MS = 30_000;
const LONGEST_CLOSE_MS = 40_000; // less than the 45 s after which the kubelet kills the pod

/** `mc serve`: runs until it is told to stop. */
export async function serve(file: string): Promise<ExitCode> {
  const { settings, settingsText } = readSettings(file);
  const log = pino();
  const stop = onStop(log);
  const { servers, end } = await start({ settings, settingsText }, log);
  stop.serving();
  log.info({ port: servers.port, probePort: servers.probePort }, "listening");
  await stop.asked;
  await end();
  log.info("stopped");
  stop.done();
  return EXIT.allowed;
}

interface Started {
  readonly servers: Listening;
  /** Goes on answering while endpoints follow, then closes everything. */
  readonly end: () => Promise<void>;
}

async function start({ settings, settingsText }: ReadSettings, log: Logger): Promise<Started> {
  const cluster = settings.cluster === undefined ? undefined : await joinCluster(settings.cluster, log);
  const metrics = createMetrics();
  const served = serveCallers({ settings: settings.server, metrics: metrics.callers, log });
  const parts = { cluster, metrics, log, callers: served.callers, reader: createLargeReader() };
  const { composed, close: closeGate } = await buildGate(settings, parts);
  const documents = await followDocuments(settings, { composed, cluster, log });
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
  const end = async (): Promise<void> => {
    running.draining = true;
    endPrewarm();
    await setTimeout(settings.server.drain); // endpoints follow readiness with a delay
    await servers.close();
    for (const close of [documents.stop, certificate.close, served.close]) close();
    const last = [argoCd.close, ...(cluster ? [cluster.close] : []), closeGate, parts.reader.close];
    for (const close of last) await close();
  };
  return { servers, end };
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
  { composed, cluster, log }: Pick<Parts, "cluster" | "log"> & { readonly composed: ComposedGate },
): Promise<FollowedDocuments> | FollowedDocuments {
  if (cluster !== undefined) return cluster.follow(composed);
  return followFiles(settings.files!, { composed, log, tell: () => undefined });
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
      settings.cluster === undefined ? [] : guardedDocuments(settings.cluster, { composed, settingsText }),
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

interface Stop {
  /** Resolves at the first signal or unforeseen error. */
  readonly asked: Promise<void>;
  /** From here on there is something to close; before, the process ends at once. */
  readonly serving: () => void;
  /** To be called when everything is closed; the process ends then. */
  readonly done: () => void;
}

function onStop(log: Logger): Stop {
  const asked = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  let isServing = false;
  closeWithGrace({ delay: LONGEST_CLOSE_MS, logger: false }, async ({ signal, err }) => {
    log.info({ signal, ...(err !== undefined && { error: String(err) }) }, "stopping");
    asked.resolve();
    if (isServing) await closed.promise;
  });
  const serving = (): void => {
    isServing = true;
  };
  return { asked: asked.promise, serving, done: closed.resolve };
}
