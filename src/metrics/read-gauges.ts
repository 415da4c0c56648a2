import { Gauge, type Registry } from "prom-client";

import { type MetricName, type MetricRow, METRICS } from "./table.ts";

/** Makes a gauge of the table whose series are set at each scrape; `collect` is given none of the last one's. */
export type SetGauge = (name: MetricName, collect: (gauge: Gauge) => void) => void;

/** Makers of gauges that a registry renders. */
export function readGauges(registry: Registry): SetGauge {
  return (name, collect) => {
    const { help, labels }: MetricRow = METRICS[name];
    // eslint-disable-next-line no-new -- a gauge registers itself
    new Gauge({
      name,
      help,
      labelNames: [...labels],
      registers: [registry],
      collect() {
        this.reset();
        collect(this);
      },
    });
  };
}
