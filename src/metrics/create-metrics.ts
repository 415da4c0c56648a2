import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import type { Mode, Verdict } from "../core/index.ts";
import { type MetricName, type MetricRow, METRICS } from "./table.ts";

const MOST_WAIVERS = 200;

/** What one decision adds to the metrics. */
export interface DecisionFigures {
  readonly operation: string;
  readonly verdict: Verdict;
  readonly seconds: number;
}

/** State that is read when somebody scrapes. */
export interface Readings {
  readonly documents: () => readonly {
    readonly name: string;
    readonly acceptedAt: Date | undefined;
    readonly problems: number;
  }[];
  /** Age by kind of source, seconds. */
  readonly trustAges: () => readonly { readonly source: string; readonly seconds: number }[];
  readonly certificateEnd: () => Date | undefined;
}

/** The gate's metrics: one registry, typed observations. */
export interface Metrics {
  readonly decision: (figures: DecisionFigures) => void;
  readonly inFlight: (change: 1 | -1) => void;
  readonly phase: (phase: string, seconds: number) => void;
  readonly cache: (outcome: "hit" | "miss" | "stale") => void;
  /** Where the state comes from that is read at each scrape. */
  readonly read: (readings: Readings) => void;
  /** The exposition text. */
  readonly render: () => Promise<string>;
  readonly contentType: string;
}

/** Makes every metric of the table. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const { counter, gauge, histogram } = makers(registry);
  const requests = counter("mc_gate_admission_requests_total");
  const duration = histogram("mc_gate_admission_duration_seconds");
  const objections = counter("mc_gate_objections_total");
  const waivers = counter("mc_gate_waiver_uses_total");
  const waiverLabel = boundedLabel(MOST_WAIVERS);
  const expiredHits = counter("mc_gate_waiver_expired_hits_total");
  const expiredLabel = boundedLabel(MOST_WAIVERS);
  const inFlight = gauge("mc_gate_admission_in_flight");
  const phases = histogram("mc_gate_phase_duration_seconds");
  const evidence = counter("mc_gate_evidence_total");
  return {
    decision: ({ operation, verdict, seconds }) => {
      const { decision, mode } = verdict;
      requests.inc({ decision, mode, operation });
      duration.observe({ decision, mode }, seconds);
      for (const { code } of verdict.objections) objections.inc({ code, mode: mode satisfies Mode });
      for (const { waiver } of verdict.waived) waivers.inc({ waiver: waiverLabel(waiver.id) });
      for (const { waiver } of verdict.lapsed ?? []) expiredHits.inc({ waiver: expiredLabel(waiver.id) });
    },
    inFlight: (change) => inFlight.inc(change),
    phase: (phase, seconds) => phases.observe({ phase }, seconds),
    cache: (outcome) => evidence.inc({ outcome }),
    read: (readings) => readAtScrape(registry, readings),
    render: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function makers(registry: Registry) {
  const options = (name: MetricName) => {
    const row: MetricRow = METRICS[name];
    return { name, help: row.help, labelNames: [...row.labels], registers: [registry] };
  };
  return {
    counter: (name: MetricName) => new Counter<string>(options(name)),
    gauge: (name: MetricName) => new Gauge<string>(options(name)),
    histogram: (name: MetricName) => {
      const { buckets = [] }: MetricRow = METRICS[name];
      return new Histogram<string>({ ...options(name), buckets: [...buckets] });
    },
  };
}

function readAtScrape(registry: Registry, readings: Readings): void {
  const set = (name: MetricName, collect: (gauge: Gauge) => void): Gauge => {
    const { help, labels }: MetricRow = METRICS[name];
    return new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect() {
        collect(this);
      },
    });
  };
  set("mc_gate_document_good_timestamp_seconds", (gauge) => {
    for (const { name, acceptedAt } of readings.documents()) gauge.set({ document: name }, unix(acceptedAt));
  });
  set("mc_gate_document_problems", (gauge) => {
    for (const { name, problems } of readings.documents()) gauge.set({ document: name }, problems);
  });
  set("mc_gate_trust_age_seconds", (gauge) => {
    for (const { source, seconds } of readings.trustAges()) gauge.set({ source }, seconds);
  });
  set("mc_gate_certificate_expiry_timestamp_seconds", (gauge) => gauge.set(unix(readings.certificateEnd())));
}

function unix(date: Date | undefined): number {
  return date === undefined ? 0 : date.getTime() / 1000;
}

/** The first `most` distinct values by name, everything after as `other`: a label must not grow with its input. */
function boundedLabel(most: number): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.size < most) seen.add(value);
    return seen.has(value) ? value : "other";
  };
}
