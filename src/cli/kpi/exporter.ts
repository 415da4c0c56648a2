import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

import packageFile from "../../../package.json" with { type: "json" };
import { proxyOfProcess } from "../../composition/index.ts";
import { EXIT, type ExitCode, formatDuration, UsageError } from "../../core/index.ts";
import { createFleetClient } from "../../fleet/index.ts";
import {
  createExporter,
  type Exporter,
  KPI_METRICS,
  type KpiPort,
  kpiReads,
  registerWebhook,
  webhookSecret,
} from "../../kpi/index.ts";
import { createTableMetrics } from "../../metrics/index.ts";
import { forwardFetch, OutboundError } from "../../outbound/index.ts";
import { buildProbeServer } from "../../server/index.ts";
import { readText, say } from "../terminal.ts";
import { lookingFor, type SourceOptions } from "./source.ts";
import { openState } from "./state-file.ts";

/** How often runs are read that webhooks reported. */
const DRAIN_MS = 1000;

export interface ExporterOptions extends SourceOptions {
  readonly state: string;
  readonly listen: { readonly host: string; readonly port: number };
  /** In ms. */
  readonly poll: number;
  readonly webhookSecretFile?: string;
  readonly tokenFile?: string;
}

/** `mc exporter`: runs until it is told to stop. */
export async function exporterCommand(options: ExporterOptions): Promise<ExitCode> {
  const { org: owner, workflow: reusable } = options;
  const secret = secretIn(options.webhookSecretFile);
  const stopping = new AbortController();
  const github = reader(options, stopping.signal);
  forwardFetch(proxyOfProcess());
  const { ledger, close } = await openState(options.state, { owner, reusable }, Date.now());
  try {
    const exporter = createExporter({
      ...lookingFor(options),
      github,
      ledger,
      windowMs: options.window,
      version: packageFile.version,
      now: () => Date.now(),
      secret,
    });
    const server = await served(exporter, options);
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => stopping.abort());
    await run(exporter, options.poll, stopping.signal);
    await server.close();
    say("Stopped.");
    return EXIT.allowed;
  } finally {
    close();
  }
}

function secretIn(file: string | undefined): Buffer | undefined {
  if (file === undefined) return undefined;
  const secret = webhookSecret(readText(file));
  if (secret === undefined)
    throw new UsageError(`${file} holds fewer than 16 bytes: such a secret can be guessed`);
  return secret;
}

async function served(
  exporter: Exporter,
  { listen }: ExporterOptions,
): Promise<ReturnType<typeof buildProbeServer>> {
  const metrics = createTableMetrics(KPI_METRICS, exporter.samples);
  const app = buildProbeServer({ missing: () => [], metrics });
  registerWebhook(app, exporter.webhook);
  const at = await app.listen(listen);
  say(`Listening: ${at}/metrics.`);
  return app;
}

/** Polls, and reads runs that webhooks reported, until a signal. A step that is under way is given up: what it found is kept. */
async function run(exporter: Exporter, pollMs: number, signal: AbortSignal): Promise<void> {
  const stopped = once(signal, "abort").then(() => undefined);
  const every = async (ms: number, work: () => Promise<void>): Promise<void> => {
    while (!signal.aborted) {
      const next = Date.now() + ms;
      await Promise.race([stopped, work()]);
      await Promise.race([stopped, sleep(Math.max(0, next - Date.now()))]);
    }
  };
  await Promise.all([every(pollMs, () => pollOnce(exporter)), every(DRAIN_MS, () => drainOnce(exporter))]);
}

async function pollOnce(exporter: Exporter): Promise<void> {
  const began = Date.now();
  try {
    const { repositories } = await exporter.poll();
    const unknown = repositories.filter(({ state }) => state === "unknown").length;
    say(
      `Polled ${repositories.length} repositories in ${formatDuration(Date.now() - began)}, ${unknown} unknown.`,
    );
  } catch (error) {
    if (!(error instanceof OutboundError || error instanceof UsageError)) throw error;
    say(`Poll failed: ${error.message}. The figures stay as they are.`);
  }
}

async function drainOnce(exporter: Exporter): Promise<void> {
  const unread = await exporter.drain();
  if (unread > 0) say(`${unread} runs could not be read; the next poll tries again.`);
}

/** GitHub by the token of the moment. */
function reader(options: ExporterOptions, signal: AbortSignal): KpiPort {
  const clock = {
    now: () => Date.now(),
    sleep: (ms: number) => sleep(ms, undefined, { signal }),
  };
  let last: { readonly token: string; readonly port: KpiPort } | undefined;
  const port = (): KpiPort => {
    const token = tokenOf(options);
    if (last?.token !== token)
      last = { token, port: kpiReads(createFleetClient({ url: options.githubApi, token, clock })) };
    return last.port;
  };
  port();
  return {
    repositories: (owner) => port().repositories(owner),
    runs: (name, span) => port().runs(name, span),
    jobs: (name, id, attempt) => port().jobs(name, id, attempt),
    notes: (name, job) => port().notes(name, job),
    file: (name, path) => port().file(name, path),
    tags: (name) => port().tags(name),
  };
}

function tokenOf({ tokenFile }: ExporterOptions): string {
  const token = tokenFile === undefined ? process.env["GITHUB_TOKEN"] : readText(tokenFile).trim();
  if (token === undefined || token === "")
    throw new UsageError(
      tokenFile === undefined ? "GITHUB_TOKEN is not set; give it or --token-file" : `${tokenFile} is empty`,
    );
  return token;
}
