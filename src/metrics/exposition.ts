import { Registry, type RegistryContentType } from "prom-client";

/** The text that a scraper gets. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/** A registry whose histograms may have exemplars: prom-client takes them for one of OpenMetrics only. */
export function createRegistry(): Registry {
  const registry = new Registry();
  setFormat(registry, Registry.OPENMETRICS_CONTENT_TYPE);
  return registry;
}

/**
 * Writes the metrics of a registry in the format that a scraper asks for by its `Accept` header: OpenMetrics, which alone
 * carries exemplars, or else Prometheus' older text. One text after the other, since the format is the registry's state.
 */
export function createExposition(registry: Registry): (accept: string | undefined) => Promise<Exposition> {
  let last: Promise<unknown> = Promise.resolve();
  return (accept) => {
    const isOpen = accept?.includes("application/openmetrics-text") === true;
    const contentType = isOpen ? Registry.OPENMETRICS_CONTENT_TYPE : Registry.PROMETHEUS_CONTENT_TYPE;
    const written = last.then(() => write(registry, contentType));
    last = written.catch(() => undefined);
    return written;
  };
}

async function write(registry: Registry, contentType: RegistryContentType): Promise<Exposition> {
  // OpenMetrics calls a counter's family by its name without `_total`, and prom-client leaves the counter like that.
  const named = registry.getMetricsAsArray().map((metric) => ({ metric, name: metric.name }));
  setFormat(registry, contentType);
  try {
    return { contentType, text: await registry.metrics() };
  } finally {
    for (const { metric, name } of named) metric.name = name;
  }
}

/** The types bind a registry to one format; the registry itself changes. */
function setFormat(registry: Registry, contentType: RegistryContentType): void {
  registry.setContentType(contentType as Parameters<Registry["setContentType"]>[0]);
}
