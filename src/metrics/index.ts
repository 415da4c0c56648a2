export { createMetrics, type DecisionFigures, type Metrics } from "./create-metrics.ts";
export type { Exposition } from "./exposition.ts";
export type { Readings, WebhookReading } from "./state-metrics.ts";
export { type MetricName, type MetricRow, METRICS } from "./table.ts";
export { createTableMetrics, type Sample } from "./table-metrics.ts";
