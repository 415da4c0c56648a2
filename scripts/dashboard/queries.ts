/** Labels of every query on the gate's own series. */
const OWN = 'cluster=~"$cluster", namespace=~"$namespace", job=~"$release"';
/** The range of a rate, which Grafana chooses by the scrape interval. */
export const RATE = "$__rate_interval";

/** A series of the gate, chosen by the dashboard's variables and perhaps by more. */
export function own(series: string, more = ""): string {
  return `${series}{${[OWN, more].filter((part) => part !== "").join(", ")}}`;
}

/** How fast a counter of the gate rises, by these of its labels. */
export function rate(counter: string, by: readonly string[], more = ""): string {
  const labels = by.length === 0 ? "" : ` by (${by.join(", ")})`;
  return `sum${labels} (rate(${own(counter, more)}[${RATE}]))`;
}

/** A quantile of a histogram of the gate, by these of its labels. */
export function quantile(which: number, histogram: string, by: readonly string[] = []): string {
  const labels = ["le", ...by].join(", ");
  return `histogram_quantile(${which}, sum by (${labels}) (rate(${own(`${histogram}_bucket`)}[${RATE}])))`;
}
