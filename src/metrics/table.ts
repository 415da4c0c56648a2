/** What a metric is, for the registry and for the generated reference. Labels are closed sets or bounded. */
export interface MetricRow {
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
  readonly labels: readonly string[];
  /** Seconds; histograms only. */
  readonly buckets?: readonly number[];
}

const AGES = [60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 48 * 3600];
const FAST = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** A hook waits for its Application, and for rendering. */
const SLOW = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];

/** Every metric by name. No label ever carries an image name or another text from a request. */
export const METRICS = {
  mc_gate_build_info: { type: "gauge", help: "1, with the version of the gate.", labels: ["version"] },
  mc_gate_admission_requests_total: {
    type: "counter",
    help: "Decisions by verdict, mode, operation, and whether the caller authenticated as the API server.",
    labels: ["decision", "mode", "operation", "caller"],
  },
  mc_gate_callers_verified: {
    type: "gauge",
    help: "1 if callers must present the API server's client certificate, 0 if any client that reaches the webhook port is trusted.",
    labels: [],
  },
  mc_gate_callers_refused_total: {
    type: "counter",
    help: "Requests refused before they were read, because the caller did not authenticate as the API server.",
    labels: ["reason"],
  },
  mc_gate_admission_duration_seconds: {
    type: "histogram",
    help: "Time from a review's first bytes to its answer; in OpenMetrics with the uid of one review per bucket.",
    labels: ["decision", "mode"],
    buckets: FAST,
  },
  mc_gate_admission_in_flight: { type: "gauge", help: "Reviews being decided.", labels: [] },
  mc_gate_admission_shed_total: {
    type: "counter",
    help: "Reviews answered without being checked because of overload: too many reviews, or too many bytes.",
    labels: ["reason"],
  },
  mc_gate_admission_late_total: {
    type: "counter",
    help: "Decisions made at the deadline before all evidence was known, by mode.",
    labels: ["mode"],
  },
  mc_gate_log_lines_dropped_total: {
    type: "counter",
    help: "Log lines that could not be written: the disk is full, or they come faster than they are read. Decisions continue without them.",
    labels: [],
  },
  mc_gate_record_lines_lost_total: {
    type: "counter",
    help: "Lines of the decision record that are in no file: the disk is full, or they come faster than they are written. Decisions continue without them, and standard output has them.",
    labels: [],
  },
  mc_gate_connections_evicted_total: {
    type: "counter",
    help: "Connections of the webhook port closed because there were more than 2,048: those that had waited longest for a whole request.",
    labels: [],
  },
  mc_gate_collections_waiting: {
    type: "gauge",
    help: "Images waiting to be looked up in a registry; images beyond 512, or beyond their namespace's share, are refused.",
    labels: [],
  },
  mc_gate_evidence_age_seconds: {
    type: "histogram",
    help: "Age of the evidence used in decisions: fresh, or stale because a registry was down.",
    labels: ["freshness"],
    buckets: AGES,
  },
  mc_gate_objections_total: {
    type: "counter",
    help: "Objections by reason code and mode.",
    labels: ["code", "mode"],
  },
  mc_gate_switches: {
    type: "gauge",
    help: "Switches in force by which refusals are only warnings, by scope: all namespaces, one namespace, or one rule. Revocations keep refusing.",
    labels: ["scope"],
  },
  mc_gate_switch_end_timestamp_seconds: {
    type: "gauge",
    help: "When enforcement is back by itself: the last end of the switches in force; absent if there are none.",
    labels: [],
  },
  mc_gate_switches_repeated: {
    type: "gauge",
    help: "Switches in force that renew or repeat one of the day before.",
    labels: [],
  },
  mc_gate_switches_unconfirmed: {
    type: "gauge",
    help: "Switches in force that no second person has confirmed.",
    labels: [],
  },
  mc_gate_switched_decisions_total: {
    type: "counter",
    help: "Decisions made while enforcement was switched off for their namespace or rule, by what came of them.",
    labels: ["decision"],
  },
  mc_gate_waiver_uses_total: {
    type: "counter",
    help: "Findings that a waiver set aside, by waiver; the first 200 ids by name, the rest as other.",
    labels: ["waiver"],
  },
  mc_gate_waiver_expired_hits_total: {
    type: "counter",
    help: "Findings that a waiver would have set aside if it had not ended, by waiver; the first 200 ids by name, the rest as other.",
    labels: ["waiver"],
  },
  mc_gate_guard_decisions_total: {
    type: "counter",
    help: "Changes of documents, settings and namespace modes by decision, reason, and whether the caller authenticated as the API server; without dry runs and updates that change nothing.",
    labels: ["resource", "decision", "reason", "caller"],
  },
  mc_gate_phase_duration_seconds: {
    type: "histogram",
    help: "Time by step: resolve a tag, list attachments, fetch them, verify them, judge the evidence.",
    labels: ["phase"],
    buckets: FAST,
  },
  mc_gate_evidence_total: {
    type: "counter",
    help: "Evidence look-ups: hit (from memory), miss (collected), stale (used because a registry was down).",
    labels: ["outcome"],
  },
  mc_gate_registry_requests_total: {
    type: "counter",
    help: "Requests to registries and their token services by host and status: hosts named in settings or by well-known images, patterns of allowedHosts, or other; 200, 401, 403, 404, 429, the first digit of others, or failed.",
    labels: ["registry", "status"],
  },
  mc_gate_sync_requests_total: {
    type: "counter",
    help: "Answers about syncs and rollouts by entry point (door: presync hook, operation gate, verdict) and decision: allowed, refused, pending (ask again), unknown, setup (wrong caller).",
    labels: ["door", "decision"],
  },
  mc_gate_sync_duration_seconds: {
    type: "histogram",
    help: "Time from a request about a sync or a rollout to its answer; for hooks this includes the wait for the Application.",
    labels: ["door"],
    buckets: SLOW,
  },
  mc_gate_sync_targets_total: {
    type: "counter",
    help: "Sync targets: stored (present or in progress already), rendered, failed.",
    labels: ["outcome"],
  },
  mc_gate_sync_targets_waiting: {
    type: "gauge",
    help: "Sync targets waiting to be rendered: 64 are rendered at once, 24 of one project; beyond 1,024 waiting, or a project's share of these, they are refused.",
    labels: [],
  },
  mc_gate_prewarm_applications_total: {
    type: "counter",
    help: "OutOfSync Applications prewarmed, by outcome: ready, failed, dropped because too many waited.",
    labels: ["outcome"],
  },
  mc_gate_prewarm_images_total: {
    type: "counter",
    help: "Images prewarmed, for syncs or running pods, by outcome: collected from the registry, recalled from the evidence folder, known already, skipped because no rule requires evidence, failed.",
    labels: ["of", "outcome"],
  },
  mc_gate_prewarm_waiting: {
    type: "gauge",
    help: "Waiting to be prewarmed: Applications (for syncs), images (for pods).",
    labels: ["of"],
  },
  mc_gate_document_good_timestamp_seconds: {
    type: "gauge",
    help: "When the document in force was accepted, as Unix time; 0 if none was.",
    labels: ["document"],
  },
  mc_gate_dangers: {
    type: "gauge",
    help: "Dangerous settings in the policy in force and in this replica's settings, by setting; 0 where there are none.",
    labels: ["danger"],
  },
  mc_gate_document_problems: {
    type: "gauge",
    help: "Problems in the newest text of a document, 1 if a required or previously present document is gone; while it is not 0, an older one may be in force.",
    labels: ["document"],
  },
  mc_gate_document_info: {
    type: "gauge",
    help: "1, labelled with the beginning of the SHA-256 digest of the text in force: replicas that differ for long decide differently.",
    labels: ["document", "digest"],
  },
  mc_gate_drift_differences: {
    type: "gauge",
    help: "Differences between what is in force and the files in git, by part, as `mc drift --report` counted them last; absent for parts that were not compared, and until the first report.",
    labels: ["part"],
  },
  mc_gate_drift_unknown: {
    type: "gauge",
    help: "What `mc drift --report` could not compare the last time; absent until the first report.",
    labels: [],
  },
  mc_gate_drift_timestamp_seconds: {
    type: "gauge",
    help: "When `mc drift --report` reported last, as Unix time; absent until the first report.",
    labels: [],
  },
  mc_gate_waiver_expiry_timestamp_seconds: {
    type: "gauge",
    help: "When each waiver ends, as Unix time, in the past for one that has ended; the first 200 of the document.",
    labels: ["waiver"],
  },
  mc_gate_namespaces: {
    type: "gauge",
    help: "Namespaces by mode; those without a label count in the default mode. Absent outside a cluster, and before they are known.",
    labels: ["mode"],
  },
  mc_gate_webhooks: {
    type: "gauge",
    help: "Webhooks in the gate's own configuration: 0 if it is gone and the API server does not call the gate. Absent if it is not watched.",
    labels: [],
  },
  mc_gate_webhook_info: {
    type: "gauge",
    help: "1, labelled with each webhook of the gate as the API server has it: its failure policy, whether its caBundle vouches for the certificate that this replica serves (`ok`, `wrong`, `absent`), and the beginning of a digest of everything else: the server that is called, rules, selectors, match conditions, timeout.",
    labels: ["webhook", "failure_policy", "ca_bundle", "scope"],
  },
  mc_gate_trust_age_seconds: {
    type: "gauge",
    help: "Age of each trust root's material, by kind of source.",
    labels: ["source"],
  },
  mc_gate_certificate_expiry_timestamp_seconds: {
    type: "gauge",
    help: "When the serving certificate ends, as Unix time.",
    labels: [],
  },
  mc_gate_certificate_refused: {
    type: "gauge",
    help: "1 while the newest serving certificate cannot be used and the one before stays, else 0. The log says why.",
    labels: [],
  },
  mc_gate_authority_expiry_timestamp_seconds: {
    type: "gauge",
    help: "When the authority of a self-managed certificate ends, as Unix time; previous is present while both are in the caBundle.",
    labels: ["authority"],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

/** Name of a metric. */
export type MetricName = keyof typeof METRICS;
