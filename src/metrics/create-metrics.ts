import { collectDefaultMetrics, Gauge, type Registry } from "prom-client";

import {
  CALLER_REFUSALS,
  type CallerProof,
  type CallerRefusal,
  type Mode,
  printable,
  type Verdict,
} from "../core/index.ts";
import { createExposition, createRegistry, type Exposition } from "./exposition.ts";
import { type Makers, makers } from "./makers.ts";
import { type PrewarmMetrics, prewarmMetrics, type SyncMetrics, syncMetrics } from "./sync-metrics.ts";
import { type MetricName, type MetricRow, METRICS } from "./table.ts";

const MOST_WAIVERS = 200;
/** Of a uid in an exemplar, whose labels may have 128 characters with their names. */
const MOST_UID = 100;

/** What one decision adds to the metrics. */
export interface DecisionFigures {
  readonly uid: string;
  readonly operation: string;
  readonly caller: CallerProof;
  readonly verdict: Verdict;
  readonly seconds: number;
}

/** What one decision of the guard adds to the metrics: words of closed sets. */
export interface GuardFigures {
  readonly resource: string;
  readonly caller: CallerProof;
  readonly decision: "allowed" | "refused";
  readonly reason: string;
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
  /** The authorities that the API server is told to trust, where the gate issues them itself. */
  readonly authorityEnds: () => readonly { readonly authority: "current" | "previous"; readonly end: Date }[];
}

/** Where it is counted who was answered. */
export interface CallerMetrics {
  readonly verified: (isVerified: boolean) => void;
  readonly refused: (reason: CallerRefusal) => void;
}

/** The gate's metrics: one registry, typed observations. */
export interface Metrics {
  readonly decision: (figures: DecisionFigures) => void;
  readonly guard: (figures: GuardFigures) => void;
  readonly inFlight: (change: 1 | -1) => void;
  /** A review that was answered without a look at it. */
  readonly shed: (reason: "reviews" | "bytes") => void;
  /** A connection was ended because there were too many. */
  readonly evicted: () => void;
  /** Log lines were given up. */
  readonly logDropped: (lines: number) => void;
  readonly callers: CallerMetrics;
  readonly waiting: (change: 1 | -1) => void;
  readonly phase: (phase: string, seconds: number) => void;
  readonly cache: (outcome: "hit" | "miss" | "stale") => void;
  readonly sync: SyncMetrics;
  readonly prewarm: PrewarmMetrics;
  /** Where the state comes from that is read at each scrape. */
  readonly read: (readings: Readings) => void;
  /** The exposition text, in the format that an `Accept` header asks for. */
  readonly render: (accept?: string) => Promise<Exposition>;
}

/** Makes every metric of the table. */
export function createMetrics(): Metrics {
  const registry = createRegistry();
  collectDefaultMetrics({ register: registry });
  const make = makers(registry);
  const inFlight = make.gauge("mc_gate_admission_in_flight");
  const shed = make.counter("mc_gate_admission_shed_total");
  const evicted = make.counter("mc_gate_connections_evicted_total");
  const logDropped = make.counter("mc_gate_log_lines_dropped_total");
  const waiting = make.gauge("mc_gate_collections_waiting");
  const phases = make.histogram("mc_gate_phase_duration_seconds");
  const evidence = make.counter("mc_gate_evidence_total");
  const guard = make.counter("mc_gate_guard_decisions_total");
  for (const reason of ["reviews", "bytes"]) shed.inc({ reason }, 0); // a counter that is born at 1 is not seen to rise
  return {
    decision: decisionMetrics(make),
    guard: ({ resource, decision, reason, caller }) => guard.inc({ resource, decision, reason, caller }),
    inFlight: (change) => inFlight.inc(change),
    shed: (reason) => shed.inc({ reason }),
    evicted: () => evicted.inc(),
    logDropped: (lines) => logDropped.inc(lines),
    callers: callerMetrics(make),
    waiting: (change) => waiting.inc(change),
    phase: (phase, seconds) => phases.observe({ phase }, seconds),
    cache: (outcome) => evidence.inc({ outcome }),
    sync: syncMetrics(make),
    prewarm: prewarmMetrics(make),
    read: (readings) => readAtScrape(registry, readings),
    render: createExposition(registry),
  };
}

function callerMetrics({ counter, gauge }: Makers): CallerMetrics {
  const verified = gauge("mc_gate_callers_verified");
  const refused = counter("mc_gate_callers_refused_total");
  for (const reason of CALLER_REFUSALS) refused.inc({ reason }, 0);
  return {
    verified: (isVerified) => verified.set(isVerified ? 1 : 0),
    refused: (reason) => refused.inc({ reason }),
  };
}

function decisionMetrics({ counter, histogram, traced }: Makers): Metrics["decision"] {
  const requests = counter("mc_gate_admission_requests_total");
  const duration = traced("mc_gate_admission_duration_seconds");
  const late = counter("mc_gate_admission_late_total");
  const ages = histogram("mc_gate_evidence_age_seconds");
  const objections = counter("mc_gate_objections_total");
  const waivers = counter("mc_gate_waiver_uses_total");
  const waiverLabel = boundedLabel(MOST_WAIVERS);
  const expiredHits = counter("mc_gate_waiver_expired_hits_total");
  const expiredLabel = boundedLabel(MOST_WAIVERS);
  return ({ uid, operation, caller, verdict, seconds }) => {
    const { decision, mode } = verdict;
    requests.inc({ decision, mode, operation, caller });
    duration.observe({
      labels: { decision, mode },
      value: seconds,
      exemplarLabels: { uid: printable(uid, MOST_UID) },
    });
    if (verdict.objections.some(({ code }) => code === "deadline/exceeded")) late.inc({ mode });
    for (const { evidenceAgeMs, staleBecause } of verdict.judged)
      if (evidenceAgeMs !== undefined)
        ages.observe({ freshness: staleBecause === undefined ? "fresh" : "stale" }, evidenceAgeMs / 1000);
    for (const { code } of verdict.objections) objections.inc({ code, mode: mode satisfies Mode });
    for (const { waiver } of verdict.waived) waivers.inc({ waiver: waiverLabel(waiver.id) });
    for (const { waiver } of verdict.lapsed ?? []) expiredHits.inc({ waiver: expiredLabel(waiver.id) });
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
  set("mc_gate_authority_expiry_timestamp_seconds", (gauge) => {
    gauge.reset(); // the previous one is gone one day
    for (const { authority, end } of readings.authorityEnds()) gauge.set({ authority }, unix(end));
  });
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
