/** What a metric is, for the registry and for the generated reference. Labels are closed sets or bounded. */
export interface MetricRow {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Seconds; histograms only. */
  readonly buckets?: readonly number[];
}

const FAST = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Every metric by name. No label ever carries an image name or another text from a request. */
export const METRICS = {
  mc_gate_admission_requests_total: {
    type: "counter",
    help: "Decisions by what was decided, in which mode, on which operation.",
    labels: ["decision", "mode", "operation"],
  },
  mc_gate_admission_duration_seconds: {
    type: "histogram",
    help: "Time from a review's arrival to its answer.",
    labels: ["decision", "mode"],
    buckets: FAST,
  },
  mc_gate_admission_in_flight: { type: "gauge", help: "Reviews that are being decided.", labels: [] },
  mc_gate_objections_total: {
    type: "counter",
    help: "Objections by reason code and mode.",
    labels: ["code", "mode"],
  },
  mc_gate_waiver_uses_total: {
    type: "counter",
    help: "Findings that a waiver set aside, by waiver; the first 200 ids by name, the rest as other.",
    labels: ["waiver"],
  },
  mc_gate_waiver_expired_hits_total: {
    type: "counter",
    help: "Findings that a waiver would have set aside, had it not ended, by waiver; the first 200 ids by name, the rest as other.",
    labels: ["waiver"],
  },
  mc_gate_phase_duration_seconds: {
    type: "histogram",
    help: "Time by step: resolve a tag, fetch attachments, verify them, judge the evidence.",
    labels: ["phase"],
    buckets: FAST,
  },
  mc_gate_evidence_total: {
    type: "counter",
    help: "Look-ups of evidence: hit from memory, miss collected anew, stale used because a registry was down.",
    labels: ["outcome"],
  },
  mc_gate_document_good_timestamp_seconds: {
    type: "gauge",
    help: "When the document in force was accepted, as Unix time; 0 where none was.",
    labels: ["document"],
  },
  mc_gate_document_problems: {
    type: "gauge",
    help: "Problems in the newest text of a document; while it is not 0, an older one may be in force.",
    labels: ["document"],
  },
  mc_gate_trust_age_seconds: {
    type: "gauge",
    help: "Age of the material of each trust root, by kind of source.",
    labels: ["source"],
  },
  mc_gate_certificate_expiry_timestamp_seconds: {
    type: "gauge",
    help: "When the serving certificate ends, as Unix time.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

/** Name of a metric. */
export type MetricName = keyof typeof METRICS;
