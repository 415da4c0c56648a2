import type { Sample } from "../metrics/index.ts";
import { OutboundError } from "../outbound/index.ts";
import { isOfWorkflow } from "./evaluate-run.ts";
import type { Found } from "./facts.ts";
import { standingOf } from "./kpis.ts";
import type { Ledger } from "./ledger.ts";
import { look, type LookOptions, readAttempts } from "./look.ts";
import { add, gauges, type KpiMetric, samplesOf, type Webhook, zeroProcessCounts } from "./series.ts";
import type { VersionRow } from "./versions.ts";
import { type EndedRun, readWebhook, type WebhookRequest } from "./webhook.ts";

/** How far back a poll looks for runs that ended, or were run again, since. */
const LOOK_BACK_MS = 3 * 86_400_000;
const MAX_WAITING = 10_000;

export interface ExporterOptions extends Omit<LookOptions, "known" | "now" | "since"> {
  readonly ledger: Ledger;
  readonly windowMs: number;
  readonly version: string;
  readonly now: () => number;
  /** None where webhooks are not taken. */
  readonly secret: Buffer | undefined;
}

/** The exporter: counts answers of gates as polls and webhooks bring them. */
export interface Exporter {
  /** Reads every repository. Rejects with OutboundError where GitHub does not list them. */
  readonly poll: () => Promise<Found>;
  readonly webhook: (request: WebhookRequest) => Webhook;
  /** Reads the runs that webhooks reported; gives how many could not be read, which the next poll reads. */
  readonly drain: () => Promise<number>;
  readonly samples: () => readonly Sample[];
}

export function createExporter(options: ExporterOptions): Exporter {
  const { ledger, now, secret, owner, reusable } = options;
  const counts = zeroProcessCounts();
  const waiting: EndedRun[] = [];
  let found: Found | undefined;
  const known = {
    has: ledger.has,
    record: ledger.record,
    ran: (repository: number) => ledger.ranSince(repository, now() - options.windowMs),
  };
  return {
    async poll() {
      try {
        found = await pollOnce({ ...options, known }, counts);
        add(counts, ["mc_kpi_polls_total", "whole"]);
        return found;
      } catch (error) {
        add(counts, ["mc_kpi_polls_total", "failed"]);
        throw error;
      }
    },
    webhook(request) {
      const read = secret === undefined ? IGNORED : readWebhook(request, secret);
      const outcome = takenOf(read, { waiting, owner, reusable });
      add(counts, ["mc_kpi_webhooks_total", outcome]);
      return outcome;
    },
    drain: () => drain(waiting, { ...options, known }),
    samples: () => [...samplesOf(counts), ...samplesOf(ledger.counts()), ...stateSamples(options, found)],
  };
}

const IGNORED = { outcome: "ignored" } as const;

async function drain(waiting: EndedRun[], options: Parameters<typeof readAttempts>[2]): Promise<number> {
  let unread = 0;
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    try {
      await readAttempts(next.run, next.repository, options);
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error;
      unread += 1;
    }
  }
  return unread;
}

async function pollOnce(
  options: ExporterOptions & Pick<LookOptions, "known">,
  counts: Map<string, number>,
): Promise<Found> {
  const { ledger, windowMs } = options;
  const began = options.now();
  const polled = ledger.polled();
  const since = polled === 0 ? began - windowMs : Math.max(began - windowMs, polled - LOOK_BACK_MS);
  const found = await look({ ...options, now: new Date(began), since: new Date(since) });
  const forgotten = ledger.endPoll(began, began - windowMs);
  add(counts, ["mc_kpi_answers_forgotten_total"], forgotten);
  return found;
}

interface Queue {
  readonly waiting: EndedRun[];
  readonly owner: string;
  readonly reusable: string;
}

function takenOf(read: ReturnType<typeof readWebhook>, { waiting, owner, reusable }: Queue): Webhook {
  if (read.outcome !== "accepted") return read.outcome;
  const { ended } = read;
  if (ended.owner.toLowerCase() !== owner.toLowerCase() || !isOfWorkflow(ended.run, reusable))
    return "ignored";
  if (waiting.length >= MAX_WAITING) return "dropped";
  waiting.push(ended);
  return "accepted";
}

/** What is so at the moment. What no poll has found is absent. */
function stateSamples(options: ExporterOptions, found: Found | undefined): Sample[] {
  const { ledger, now, version } = options;
  const always = [
    { name: "mc_kpi_build_info", labels: { version }, value: 1 },
    value("mc_kpi_since_timestamp_seconds", ledger.since / 1000),
    value("mc_kpi_poll_timestamp_seconds", ledger.polled() / 1000),
    value("mc_kpi_open_failures", ledger.open()),
  ];
  return found === undefined ? always : [...always, ...foundSamples(found, ledger.versions(), now())];
}

function foundSamples(found: Found, ran: ReadonlyMap<number, string | undefined>, now: number): Sample[] {
  const { repositories, versions, waivers, documents } = standingOf(found, ran, now);
  const ends = found.documents.flatMap((each) => each.waivers.map(({ until }) => until.getTime()));
  const next = Math.min(...ends.filter((at) => at > now));
  return [
    ...gauges("mc_kpi_repositories", "state", repositories),
    ...gauges("mc_kpi_waivers", "state", waivers),
    ...gauges("mc_kpi_waiver_documents", "state", documents),
    ...(versions === undefined ? [] : versionSamples(versions)),
    ...(next === Infinity ? [] : [value("mc_kpi_waiver_next_end_timestamp_seconds", next / 1000)]),
  ];
}

function versionSamples(rows: readonly VersionRow[]): Sample[] {
  const behind = rows.filter(({ isNewest }) => !isNewest).reduce((sum, row) => sum + row.repositories, 0);
  const byVersion = Object.fromEntries(rows.map(({ version, repositories }) => [version, repositories]));
  return [
    ...gauges("mc_kpi_version_repositories", "version", byVersion),
    value("mc_kpi_version_behind_repositories", behind),
  ];
}

function value(name: KpiMetric, of: number): Sample {
  return { name, labels: {}, value: of };
}
