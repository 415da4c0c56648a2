import { z } from "zod";

import { Any, Texts } from "./chart-value-types.ts";

const ChosenBy = Texts.describe("Additional labels, by which Prometheus selects it.");

const Interval = z.string().regex(/^(?:[1-9][0-9]*(?:ms|[smhd]))?$/);

const ServiceMonitor = z.strictObject({
  enabled: z.boolean().describe("Whether to create one."),
  labels: ChosenBy,
  annotations: Texts.describe("Its annotations."),
  interval: Interval.describe("Scrape interval; Prometheus' default if empty."),
  scrapeTimeout: Interval.describe("Scrape timeout; Prometheus' default if empty."),
  honorLabels: z.boolean().describe("Whether the gate's labels take precedence over those of the scrape."),
  relabelings: z.array(Any).describe("Relabelings of the target."),
  metricRelabelings: z.array(Any).describe("Relabelings of the scraped metrics."),
});

/** Values for Prometheus, Grafana and the comparison with git. */
export const MonitoringValues = {
  serviceMonitor: ServiceMonitor.describe("For the Prometheus operator."),
  prometheusRule: z
    .strictObject({ enabled: z.boolean().describe("Whether to create one."), labels: ChosenBy })
    .describe("The alerts of alerts/mc-gate.yaml, for the Prometheus operator."),
  grafanaDashboard: z
    .strictObject({
      enabled: z.boolean().describe("Whether to create one."),
      labels: Texts.describe("Labels by which Grafana's sidecar finds it."),
      annotations: Texts.describe("Its annotations, such as the folder that the sidecar puts it in."),
    })
    .describe("The dashboard dashboards/mc-gate.json, in a ConfigMap."),
  state: z
    .strictObject({
      enabled: z
        .boolean()
        .describe("Whether replicas answer /v1/state; requires the right to create TokenReviews."),
    })
    .describe("What each replica decides by, for callers with a right."),
  drift: z
    .strictObject({
      enabled: z.boolean().describe("Whether to create the CronJob; it enables state, too."),
      schedule: z.string().min(6).describe("When it runs, in the form of a CronJob, such as `@daily`."),
      paths: z.array(z.string().min(1)).min(1).max(16).describe("Files or folders that are compared."),
      initContainers: z
        .array(Any)
        .max(8)
        .describe("Containers that put the files into the volume git, which is mounted at /git."),
      extraVolumes: z.array(Any).max(16).describe("Additional volumes of its pod."),
      extraVolumeMounts: z.array(Any).max(16).describe("Additional mounts of its container."),
    })
    .describe("`mc drift` as a CronJob: compares what is in force with the files in git."),
};
