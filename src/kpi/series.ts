import type { MetricRow, Sample } from "../metrics/index.ts";
import { type Evaluation, OUTCOMES, PROFILES, RULES } from "./facts.ts";
import { type Ended, RECOVERIES } from "./recoveries.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** What became of a webhook. */
const WEBHOOKS = ["accepted", "ignored", "forged", "malformed", "dropped"] as const;
export type Webhook = (typeof WEBHOOKS)[number];

/** Every metric of the exporter. Labels are closed sets: no repository, run, branch or person is in one. */
export const KPI_METRICS = {
  mc_kpi_build_info: { type: "gauge", help: "1, with the version of the exporter.", labels: ["version"] },
  mc_kpi_since_timestamp_seconds: {
    type: "gauge",
    help: "When the counters began at 0, as Unix time: the first start with this state. Earlier answers are not in them.",
    labels: [],
  },
  mc_kpi_evaluations_total: {
    type: "counter",
    help: "Answers of gates by profile and outcome. Cancelled: it came to none; unknown: GitHub does not say.",
    labels: ["profile", "outcome"],
  },
  mc_kpi_failures_total: {
    type: "counter",
    help: "Failed gates by profile and rule: a code of the policy, the job that failed, unread where the run's notes could not be read. One that broke two rules counts under both.",
    labels: ["profile", "rule"],
  },
  mc_kpi_recoveries_total: {
    type: "counter",
    help: "Failures of gates that ended: fixed (another commit passed), flaky (the same commit passed), abandoned (no answer for 14 days).",
    labels: ["how"],
  },
  mc_kpi_rule_recoveries_total: {
    type: "counter",
    help: "The same by rule: a later answer about the branch no longer names it.",
    labels: ["rule", "how"],
  },
  mc_kpi_time_to_green_seconds: {
    type: "histogram",
    help: "From a gate's first failure on a branch until another commit passed.",
    labels: [],
    buckets: [
      5 * MINUTE,
      15 * MINUTE,
      30 * MINUTE,
      HOUR,
      2 * HOUR,
      4 * HOUR,
      8 * HOUR,
      DAY,
      2 * DAY,
      7 * DAY,
      14 * DAY,
    ],
  },
  mc_kpi_duration_seconds: {
    type: "histogram",
    help: "From the start of the first job of the workflow to the end of its last, of gates that passed or failed.",
    labels: ["profile"],
    buckets: [
      15,
      30,
      MINUTE,
      2 * MINUTE,
      3 * MINUTE,
      5 * MINUTE,
      10 * MINUTE,
      15 * MINUTE,
      20 * MINUTE,
      30 * MINUTE,
      HOUR,
    ],
  },
  mc_kpi_open_failures: { type: "gauge", help: "Branches whose last answer is a failure.", labels: [] },
  mc_kpi_repositories: {
    type: "gauge",
    help: "Repositories by state at the last whole poll. Active are adopted, not-adopted and unknown; absent until the first.",
    labels: ["state"],
  },
  mc_kpi_version_repositories: {
    type: "gauge",
    help: "Adopted repositories by the release that they ran last: the newest 20, older, untagged, unknown.",
    labels: ["version"],
  },
  mc_kpi_version_behind_repositories: {
    type: "gauge",
    help: "Adopted repositories that did not run the newest release last; absent where releases cannot be read.",
    labels: [],
  },
  mc_kpi_waivers: {
    type: "gauge",
    help: "Waivers in the documents of adopted repositories: pending, active, ending within 48 hours, expired and still there.",
    labels: ["state"],
  },
  mc_kpi_waiver_documents: {
    type: "gauge",
    help: "Waiver documents of adopted repositories: read, absent, unreadable, unknown because GitHub did not answer.",
    labels: ["state"],
  },
  mc_kpi_waiver_next_end_timestamp_seconds: {
    type: "gauge",
    help: "When the next waiver ends, as Unix time; absent if none will.",
    labels: [],
  },
  mc_kpi_webhooks_total: {
    type: "counter",
    help: "Webhooks: accepted, ignored (another event), forged (the signature is wrong or absent), malformed, dropped because too many waited.",
    labels: ["outcome"],
  },
  mc_kpi_polls_total: {
    type: "counter",
    help: "Polls of every repository, whole or failed. Repositories that are unknown do not make one fail.",
    labels: ["outcome"],
  },
  mc_kpi_poll_timestamp_seconds: {
    type: "gauge",
    help: "When the last whole poll ended, as Unix time; 0 before the first.",
    labels: [],
  },
  mc_kpi_answers_forgotten_total: {
    type: "counter",
    help: "Answers within the window that were forgotten because more than 200,000 are kept; adoption may be too low then.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type KpiMetric = keyof typeof KPI_METRICS;

/** Values by series: the metric's name and its labels' values, parted by bars. */
export type Counts = Map<string, number>;

const POLLS = ["whole", "failed"] as const;

/** What the process itself counts, from its start. */
export function zeroProcessCounts(): Counts {
  const counts: Counts = new Map([["mc_kpi_answers_forgotten_total", 0]]);
  for (const outcome of WEBHOOKS) counts.set(`mc_kpi_webhooks_total|${outcome}`, 0);
  for (const outcome of POLLS) counts.set(`mc_kpi_polls_total|${outcome}`, 0);
  return counts;
}

/** Every counter of answers at 0: one that is born at 1 is not seen to rise. */
export function zeroCounts(): Counts {
  const counts: Counts = new Map();
  const zero = (...key: readonly (string | number)[]): void => void counts.set(key.join("|"), 0);
  for (const profile of PROFILES) {
    for (const outcome of OUTCOMES) zero("mc_kpi_evaluations_total", profile, outcome);
    for (const rule of RULES) zero("mc_kpi_failures_total", profile, rule);
    zeroHistogram("mc_kpi_duration_seconds", [profile], zero);
  }
  for (const how of RECOVERIES) {
    zero("mc_kpi_recoveries_total", how);
    for (const rule of RULES) zero("mc_kpi_rule_recoveries_total", rule, how);
  }
  zeroHistogram("mc_kpi_time_to_green_seconds", [], zero);
  return counts;
}

type Histogram = "mc_kpi_duration_seconds" | "mc_kpi_time_to_green_seconds";

function zeroHistogram(
  name: Histogram,
  labels: readonly string[],
  zero: (...key: readonly (string | number)[]) => void,
): void {
  for (const le of [...KPI_METRICS[name].buckets, "+Inf"]) zero(`${name}_bucket`, ...labels, le);
  zero(`${name}_sum`, ...labels);
  zero(`${name}_count`, ...labels);
}

/** Adds to a counter; a series that is not there is a defect. */
export function add(counts: Counts, key: readonly (string | number)[], value = 1): void {
  const name = key.join("|");
  const before = counts.get(name);
  if (before === undefined) throw new TypeError(`no series ${name}`);
  counts.set(name, before + value);
}

function observe(counts: Counts, name: Histogram, labels: readonly string[], value: number): void {
  for (const le of KPI_METRICS[name].buckets) if (value <= le) add(counts, [`${name}_bucket`, ...labels, le]);
  add(counts, [`${name}_bucket`, ...labels, "+Inf"]);
  add(counts, [`${name}_sum`, ...labels], value);
  add(counts, [`${name}_count`, ...labels]);
}

/** Counts one answer. */
export function countEvaluation(counts: Counts, { profile, outcome, rules, seconds }: Evaluation): void {
  add(counts, ["mc_kpi_evaluations_total", profile, outcome]);
  for (const rule of rules) add(counts, ["mc_kpi_failures_total", profile, rule]);
  const isJudged = outcome === "passed" || outcome === "failed";
  if (isJudged && seconds !== undefined) observe(counts, "mc_kpi_duration_seconds", [profile], seconds);
}

/** Counts the end of a failure. */
export function countEnded(counts: Counts, { rule, how, seconds }: Ended): void {
  if (rule !== undefined) return add(counts, ["mc_kpi_rule_recoveries_total", rule, how]);
  add(counts, ["mc_kpi_recoveries_total", how]);
  if (how === "fixed") observe(counts, "mc_kpi_time_to_green_seconds", [], seconds);
}

/** Counters as a scraper gets them. */
export function samplesOf(counts: ReadonlyMap<string, number>): Sample[] {
  return [...counts].map(([key, value]) => {
    const [series = "", ...values] = key.split("|");
    const base = series.replace(/_(?:bucket|sum|count)$/, "") as KpiMetric;
    const name = base in KPI_METRICS ? base : (series as KpiMetric);
    const labels = [...KPI_METRICS[name].labels, "le"];
    return { name, series, labels: Object.fromEntries(values.map((each, at) => [labels[at], each])), value };
  });
}

/** Values of a gauge by one label, each of a closed set. */
export function gauges(name: KpiMetric, label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([each, value]) => ({ name, labels: { [label]: each }, value }));
}
