import { KPI_METRICS } from "../../src/kpi/index.ts";
import { type MetricRow, METRICS } from "../../src/metrics/index.ts";

const ROWS: Readonly<Record<string, Pick<MetricRow, "type" | "labels">>> = {
  ...METRICS,
  ...KPI_METRICS,
  // Of the API server and of Node's own metrics; with the labels that are used.
  apiserver_admission_webhook_rejection_count: { type: "counter", labels: ["name", "error_type"] },
  apiserver_admission_webhook_fail_open_count: { type: "counter", labels: ["name"] },
  apiserver_request_total: { type: "counter", labels: ["resource", "verb", "code"] },
  kube_deployment_status_replicas_unavailable: { type: "gauge", labels: ["deployment"] },
  process_cpu_seconds_total: { type: "counter", labels: [] },
  process_resident_memory_bytes: { type: "gauge", labels: [] },
  nodejs_eventloop_lag_p99_seconds: { type: "gauge", labels: [] },
};

/** Names of series that are known and not in a table of ours. */
export const FOREIGN_SERIES: readonly string[] = Object.keys(ROWS).filter(
  (name) => !(name in METRICS) && !(name in KPI_METRICS),
);

/** Labels that Prometheus puts on every series of a target. */
const TARGET_LABELS = ["cluster", "namespace", "job", "pod"];
/** Label that it puts on the buckets of a histogram. */
const BUCKET = "le";

/** A series in an expression. */
export interface Series {
  readonly series: string;
  /** The text between its braces. */
  readonly selector: string;
  /** Labels by which it is chosen. */
  readonly labels: readonly string[];
  /** The function that takes it over a range of time, as in `rate(series[5m])`. */
  readonly overRange: string | undefined;
}

/** The row of a series: a histogram has three series under its name. */
export function rowOf(series: string): Pick<MetricRow, "type" | "labels"> | undefined {
  const base = series.replace(/_(?:bucket|sum|count)$/, "");
  if (base !== series && ROWS[base]?.type === "histogram")
    return { type: "counter", labels: [...ROWS[base].labels, BUCKET] };
  return ROWS[series]?.type === "histogram" ? undefined : ROWS[series];
}

/** Series in an expression: words with an underscore that are neither functions, nor labels, nor in quotes. */
export function seriesIn(expr: string): Series[] {
  const texts: string[] = [];
  const bare = expr
    .replaceAll(/"[^"]*"/g, (text) => `"${texts.push(text) - 1}"`)
    .replaceAll(/\b(?:by|ignoring|on) ?\([^)]*\)/g, (clause) => " ".repeat(clause.length));
  const found = bare.matchAll(/(?:(\w+)\()?\b([a-z]+_\w+)\b(?!\()(?:\{([^}]*)\})?(\[)?/g);
  return [...found].flatMap(([, call, series = "", selector = "", range]) => {
    if (/\b(?:group_left|group_right)\b/.test(series)) return [];
    const full = selector.replaceAll(/"(\d+)"/g, (_, at) => texts[Number(at)] ?? "");
    const labels = [...selector.matchAll(/(\w+)\s*(?:=|!)/g)].map(([, label = ""]) => label);
    return [{ series, selector: full, labels, overRange: range === undefined ? undefined : (call ?? "") }];
  });
}

/** Labels by which an expression groups. */
export function groupingOf(expr: string): string[] {
  return [...expr.matchAll(/\bby ?\(([^)]*)\)/g)].flatMap(([, list = ""]) => list.split(/,\s*/));
}

/** What is wrong with an expression: series and labels that do not exist, and questions that do not fit the type. */
export function complaints(expr: string): string[] {
  const all = seriesIn(expr);
  const known = all.flatMap(({ series }) => rowOf(series)?.labels ?? []);
  const grouping = groupingOf(expr).filter((label) => ![...known, ...TARGET_LABELS].includes(label));
  return [...all.flatMap(wrongWith), ...grouping.map((label) => `nothing has the label ${label}`)];
}

function wrongWith({ series, labels, overRange }: Series): string[] {
  const row = rowOf(series);
  if (row === undefined) return [`${series} does not exist`];
  const absent = labels.filter((label) => ![...row.labels, ...TARGET_LABELS].includes(label));
  const asCounter = overRange === "rate" || overRange === "increase";
  return [
    ...absent.map((label) => `${series} has no label ${label}`),
    ...(row.type === "counter" && !asCounter ? [`${series} is a counter and is not asked for its rate`] : []),
    ...(row.type === "gauge" && asCounter ? [`${series} is a gauge and is asked for its rate`] : []),
  ];
}
