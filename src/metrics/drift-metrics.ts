import type { Gauge, Registry } from "prom-client";

import { readGauges } from "./read-gauges.ts";
import { type MetricName, METRICS } from "./table.ts";

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
  const setGauge = readGauges(registry);
  const set = (name: MetricName, collect: (gauge: Gauge, figures: DriftFigures) => void): void =>
    setGauge(name, (gauge) => {
      if (last !== undefined) collect(gauge, last);
      else if (METRICS[name].labels.length === 0) gauge.remove();
    });
  set("mc_gate_drift_differences", (gauge, { differences }) => {
    for (const [part, count] of Object.entries(differences)) gauge.set({ part }, count ?? 0);
  });
  set("mc_gate_drift_unknown", (gauge, { unknown }) => gauge.set(unknown));
  set("mc_gate_drift_timestamp_seconds", (gauge, { at }) => gauge.set(at.getTime() / 1000));
  return (figures) => {
    last = figures;
  };
}
