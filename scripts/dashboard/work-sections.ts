import type { Section } from "./panel.ts";
import { own, quantile, rate, RATE } from "./queries.ts";

/** What is known of images, and the registries that know it. */
export const EVIDENCE: Section = {
  title: "Evidence and registries",
  panels: [
    {
      title: "Evidence look-ups",
      description:
        "hit: from memory. miss: collected from the registry. stale: used because a registry is down.",
      type: "timeseries",
      unit: "reqps",
      queries: [{ expr: rate("mc_gate_evidence_total", ["outcome"]), legend: "{{outcome}}" }],
    },
    {
      title: "Age of evidence, p99",
      description: "After evidence.staleLimit, stale evidence is no longer used and the images are refused.",
      type: "timeseries",
      unit: "s",
      queries: [
        { expr: quantile(0.99, "mc_gate_evidence_age_seconds", ["freshness"]), legend: "{{freshness}}" },
      ],
    },
    {
      title: "Registry requests",
      description: "By host; hosts that no setting names are counted as other.",
      type: "timeseries",
      unit: "reqps",
      queries: [{ expr: rate("mc_gate_registry_requests_total", ["registry"]), legend: "{{registry}}" }],
    },
    {
      title: "Registry errors",
      description: "Server errors, rate limits, refused credentials and failed connections, by host.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        {
          expr: rate(
            "mc_gate_registry_requests_total",
            ["registry", "status"],
            'status=~"5|429|401|403|failed"',
          ),
          legend: "{{registry}} {{status}}",
        },
      ],
    },
  ],
};

/** Syncs and rollouts. */
export const ARGOCD: Section = {
  title: "Argo CD",
  panels: [
    {
      title: "Syncs and rollouts by answer",
      description: "Empty where Argo CD is not configured.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        { expr: rate("mc_gate_sync_requests_total", ["door", "decision"]), legend: "{{door}} {{decision}}" },
      ],
    },
    {
      title: "Time to answer, p99",
      description: "A PreSync hook's answer includes the wait for its Application.",
      type: "timeseries",
      unit: "s",
      queries: [{ expr: quantile(0.99, "mc_gate_sync_duration_seconds", ["door"]), legend: "{{door}}" }],
    },
    {
      title: "Rendered targets",
      description: "Manifests rendered for syncs, and those that wait.",
      type: "timeseries",
      unit: "short",
      queries: [
        { expr: rate("mc_gate_sync_targets_total", ["outcome"]), legend: "{{outcome}} per second" },
        { expr: `sum(${own("mc_gate_sync_targets_waiting")})`, legend: "waiting" },
      ],
    },
    {
      title: "Prewarming",
      description: "Applications and images looked up ahead of syncs and after a start.",
      type: "timeseries",
      unit: "short",
      queries: [
        {
          expr: rate("mc_gate_prewarm_applications_total", ["outcome"]),
          legend: "Applications {{outcome}} per second",
        },
        {
          expr: rate("mc_gate_prewarm_images_total", ["of", "outcome"]),
          legend: "images of {{of}} {{outcome}} per second",
        },
        { expr: `sum by (of) (${own("mc_gate_prewarm_waiting")})`, legend: "{{of}} waiting" },
      ],
    },
  ],
};

/** What the replicas use. */
export const PROCESS: Section = {
  title: "Process",
  panels: [
    {
      title: "CPU",
      description: "Cores in use by replica.",
      type: "timeseries",
      unit: "short",
      queries: [
        { expr: `sum by (pod) (rate(${own("process_cpu_seconds_total")}[${RATE}]))`, legend: "{{pod}}" },
      ],
    },
    {
      title: "Memory",
      description: "Resident memory by replica.",
      type: "timeseries",
      unit: "bytes",
      queries: [{ expr: `sum by (pod) (${own("process_resident_memory_bytes")})`, legend: "{{pod}}" }],
    },
    {
      title: "Event loop delay, p99",
      description: "Above a few tens of milliseconds, every answer is late.",
      type: "timeseries",
      unit: "s",
      queries: [{ expr: `max by (pod) (${own("nodejs_eventloop_lag_p99_seconds")})`, legend: "{{pod}}" }],
    },
  ],
};
