import { Gauge, type Registry } from "prom-client";

import { type MetricName, type MetricRow, METRICS } from "./table.ts";

/** What a comparison of the state with files came to. */
export interface DriftFigures {
  /** Differences by part; parts that were not compared are absent. */
  readonly differences: Readonly<Record<string, number | undefined>>;
  readonly unknown: number;
  readonly at: Date;
}

/** Gauges of the last comparison. Before the first one there is no series: 0 would say that nothing differs. */
export function driftMetrics(registry: Registry): (figures: DriftFigures) => void {
  let last: DriftFigures | undefined;
  const set = (name: MetricName, collect: (gauge: Gauge, figures: DriftFigures) => void): void => {
    const { help, labels }: MetricRow = METRICS[name];
    // eslint-disable-next-line no-new -- a gauge registers itself
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect() {
        this.reset();
        if (last === undefined && labels.length === 0) this.remove();
        if (last !== undefined) collect(this, last);
      },
    });
  };
  set("mc_gate_drift_differences", (gauge, { differences }) => {
    for (const [part, count] of Object.entries(differences)) gauge.set({ part }, count ?? 0);
  });
  set("mc_gate_drift_unknown", (gauge, { unknown }) => gauge.set(unknown));
  set("mc_gate_drift_timestamp_seconds", (gauge, { at }) => gauge.set(at.getTime() / 1000));
  return (figures) => {
    last = figures;
  };
}
