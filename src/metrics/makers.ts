import { Counter, Gauge, Histogram, type Registry } from "prom-client";

import { type MetricName, type MetricRow, METRICS } from "./table.ts";

/** Makes metrics of the table, by name. */
export interface Makers {
  readonly counter: (name: MetricName) => Counter;
  readonly gauge: (name: MetricName) => Gauge;
  readonly histogram: (name: MetricName) => Histogram;
  /** A histogram whose buckets each remember the last exemplar. */
  readonly traced: (name: MetricName) => Histogram;
}

/** Makers of metrics that a registry renders. */
export function makers(registry: Registry): Makers {
  const options = (name: MetricName) => {
    const row: MetricRow = METRICS[name];
    return { name, help: row.help, labelNames: [...row.labels], registers: [registry] };
  };
  return {
    counter: (name) => new Counter(options(name)),
    gauge: (name) => new Gauge(options(name)),
    histogram: (name) => new Histogram({ ...options(name), buckets: bucketsOf(name) }),
    traced: (name) => new Histogram({ ...options(name), buckets: bucketsOf(name), enableExemplars: true }),
  };
}

function bucketsOf(name: MetricName): number[] {
  const { buckets = [] }: MetricRow = METRICS[name];
  return [...buckets];
}
