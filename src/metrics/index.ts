export { createMetrics, type DecisionFigures, type Metrics, type Readings } from "./create-metrics.ts";
export type { Exposition } from "./exposition.ts";
export { type MetricName, type MetricRow, METRICS } from "./table.ts";
