import type { Metric } from "prom-client";

import { createExposition, createRegistry, type Exposition } from "./exposition.ts";
import type { MetricRow } from "./table.ts";

/** One value of a series. */
export interface Sample {
  /** Name of the metric, in its table. */
  readonly name: string;
  /** Name of the series where it differs, as a histogram's do. */
  readonly series?: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/**
 * Metrics whose values the caller keeps, across restarts: they are read at each scrape. A series that is not given is
 * absent.
 */
export function createTableMetrics(
  rows: Readonly<Record<string, MetricRow>>,
  read: () => readonly Sample[],
): (accept: string | undefined) => Promise<Exposition> {
  const registry = createRegistry();
  const write = createExposition(registry);
  let samples: Partial<Record<string, readonly Sample[]>> = {};
  for (const [name, { type, help }] of Object.entries(rows)) {
    // prom-client's registry asks a metric for nothing else; its own counters and histograms cannot be set.
    const metric = {
      name,
      async get() {
        const values = (samples[name] ?? []).map(valueOf);
        return { name: this.name, help, type, values, aggregator: "sum" };
      },
    };
    registry.registerMetric(Object.assign(metric, { type }) as unknown as Metric);
  }
  return (accept) => {
    samples = Object.groupBy(read(), ({ name }) => name);
    return write(accept);
  };
}

function valueOf({ name, series = name, labels, value }: Sample): object {
  return { ...(series !== name && { metricName: series }), labels, value };
}
