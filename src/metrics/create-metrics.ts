import { collectDefaultMetrics } from "prom-client";

import {
  CALLER_REFUSALS,
  type CallerProof,
  type CallerRefusal,
  FAULTS,
  type Mode,
  printable,
  type Verdict,
} from "../core/index.ts";
import { type DriftFigures, driftMetrics } from "./drift-metrics.ts";
import { createExposition, createRegistry, type Exposition } from "./exposition.ts";
import { type Makers, makers } from "./makers.ts";
import { MAX_WAIVERS, type Readings, stateMetrics } from "./state-metrics.ts";
import { type PrewarmMetrics, prewarmMetrics, type SyncMetrics, syncMetrics } from "./sync-metrics.ts";

/** Gauges of prom-client whose names end in `_total`, which only a counter's may; their sums are there by type. */
const MISNAMED = [
  "nodejs_active_handles_total",
  "nodejs_active_requests_total",
  "nodejs_active_resources_total",
];
/** Modes in which images are judged. */
const JUDGING: readonly Mode[] = ["enforce", "advisory"];
/** Of a uid in an exemplar, whose labels may have 128 characters with their names. */
const MAX_UID = 100;

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
  /** A review that was answered unread. */
  readonly shed: (reason: "reviews" | "bytes") => void;
  /** A connection was ended because there were too many. */
  readonly evicted: () => void;
  /** Log lines were given up. */
  readonly logDropped: (lines: number) => void;
  /** Lines of the decision record are in no file. */
  readonly recordLost: (lines: number) => void;
  readonly callers: CallerMetrics;
  readonly waiting: (change: 1 | -1) => void;
  readonly phase: (phase: string, seconds: number) => void;
  readonly cache: (outcome: "hit" | "miss" | "stale") => void;
  /** A registry answered, or failed to. */
  readonly registryAnswer: (registry: string, status: string) => void;
  readonly drift: (figures: DriftFigures) => void;
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
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  const make = makers(registry);
  const inFlight = make.gauge("mc_gate_admission_in_flight");
  const shed = make.counter("mc_gate_admission_shed_total");
  const evicted = make.counter("mc_gate_connections_evicted_total");
  const logDropped = make.counter("mc_gate_log_lines_dropped_total");
  const recordLost = make.counter("mc_gate_record_lines_lost_total");
  const waiting = make.gauge("mc_gate_collections_waiting");
  const phases = make.histogram("mc_gate_phase_duration_seconds");
  const evidence = make.counter("mc_gate_evidence_total");
  const registryRequests = make.counter("mc_gate_registry_requests_total");
  const guard = make.counter("mc_gate_guard_decisions_total");
  for (const reason of ["reviews", "bytes"]) shed.inc({ reason }, 0); // a counter that is born at 1 is not seen to rise
  for (const outcome of ["hit", "miss", "stale"]) evidence.inc({ outcome }, 0);
  const decisions = decisionMetrics(make);
  return {
    decision: decisions.decision,
    guard: ({ resource, decision, reason, caller }) => guard.inc({ resource, decision, reason, caller }),
    inFlight: (change) => inFlight.inc(change),
    shed: (reason) => shed.inc({ reason }),
    evicted: () => evicted.inc(),
    logDropped: (lines) => logDropped.inc(lines),
    recordLost: (lines) => recordLost.inc(lines),
    callers: callerMetrics(make),
    waiting: (change) => waiting.inc(change),
    phase: (phase, seconds) => phases.observe({ phase }, seconds),
    cache: (outcome) => evidence.inc({ outcome }),
    registryAnswer: (host, status) => registryRequests.inc({ registry: host, status }),
    drift: driftMetrics(registry),
    sync: syncMetrics(make),
    prewarm: prewarmMetrics(make),
    read: (readings) => stateMetrics(registry, readings, decisions),
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

interface DecisionMetrics extends Pick<Metrics, "decision"> {
  /** Takes the ids of waivers in force, whose counters begin at 0. */
  readonly onWaivers: (ids: readonly string[]) => void;
}

function decisionMetrics({ counter, histogram, traced }: Makers): DecisionMetrics {
  const requests = counter("mc_gate_admission_requests_total");
  const duration = traced("mc_gate_admission_duration_seconds");
  const late = counter("mc_gate_admission_late_total");
  const ages = histogram("mc_gate_evidence_age_seconds");
  const objections = counter("mc_gate_objections_total");
  const waivers = counter("mc_gate_waiver_uses_total");
  const switched = counter("mc_gate_switched_decisions_total");
  for (const decided of ["allow", "warn", "deny"]) switched.inc({ decision: decided }, 0);
  const waiverLabel = boundedLabel(MAX_WAIVERS);
  const expiredHits = counter("mc_gate_waiver_expired_hits_total");
  const expiredLabel = boundedLabel(MAX_WAIVERS);
  for (const mode of JUDGING) {
    late.inc({ mode }, 0);
    for (const code of Object.keys(FAULTS)) objections.inc({ code, mode }, 0);
    for (const caller of ["verified", "unverified"])
      requests.inc({ decision: "allow", mode, operation: "CREATE", caller }, 0);
  }
  const decision: Metrics["decision"] = ({ uid, operation, caller, verdict, seconds }) => {
    const { decision: decided, mode } = verdict;
    requests.inc({ decision: decided, mode, operation, caller });
    duration.observe({
      labels: { decision: decided, mode },
      value: seconds,
      exemplarLabels: { uid: printable(uid, MAX_UID) },
    });
    if (verdict.switches !== undefined) switched.inc({ decision: decided });
    if (verdict.objections.some(({ code }) => code === "deadline/exceeded")) late.inc({ mode });
    for (const { evidenceAgeMs, staleBecause } of verdict.judged)
      if (evidenceAgeMs !== undefined)
        ages.observe({ freshness: staleBecause === undefined ? "fresh" : "stale" }, evidenceAgeMs / 1000);
    for (const { code } of verdict.objections) objections.inc({ code, mode: mode satisfies Mode });
    for (const { waiver } of verdict.waived) waivers.inc({ waiver: waiverLabel(waiver.id) });
    for (const { waiver } of verdict.expired ?? []) expiredHits.inc({ waiver: expiredLabel(waiver.id) });
  };
  const onWaivers = (ids: readonly string[]): void => {
    for (const id of ids) expiredHits.inc({ waiver: expiredLabel(id) }, 0);
  };
  return { decision, onWaivers };
}

/** The first `most` distinct values by name, everything after as `other`: a label must not grow with its input. */
function boundedLabel(most: number): (value: string) => string {
  const seen = new Set<string>();
  return (value) => {
    if (seen.size < most) seen.add(value);
    return seen.has(value) ? value : "other";
  };
}
