import { FAULTS } from "../../src/core/index.ts";
import type { Section } from "./panel.ts";
import { own, quantile, rate, RATE } from "./queries.ts";

const FAULT_CODES = `code=~"${Object.keys(FAULTS).join("|")}"`;
const ASKED = 'name=~".+[.]mc-gate[.]dev"';

/** What is answered, and how fast. */
export const DECISIONS: Section = {
  title: "Decisions",
  panels: [
    {
      title: "Decisions by outcome and mode",
      description: "Reviews answered per second.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        {
          expr: rate("mc_gate_admission_requests_total", ["mode", "decision"]),
          legend: "{{mode}} {{decision}}",
        },
      ],
    },
    {
      title: "Objections by code, enforcing namespaces",
      description: "What images are refused for. The reference of reason codes says what to do.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        {
          expr: `topk(10, ${rate("mc_gate_objections_total", ["code"], 'mode="enforce"')} > 0)`,
          legend: "{{code}}",
        },
      ],
    },
    {
      title: "Objections by code, advisory namespaces",
      description: "What would be refused if these namespaces enforced.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        {
          expr: `topk(10, ${rate("mc_gate_objections_total", ["code"], 'mode="advisory"')} > 0)`,
          legend: "{{code}}",
        },
      ],
    },
    {
      title: "Faults by code",
      description: "The gate could not determine the answer. Enforcing namespaces refuse such images.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        { expr: `${rate("mc_gate_objections_total", ["code"], FAULT_CODES)} > 0`, legend: "{{code}}" },
      ],
    },
    {
      title: "Time to answer",
      description:
        "From a review's first bytes to its answer. The API server waits for webhook.timeoutSeconds.",
      type: "timeseries",
      unit: "s",
      queries: [
        { expr: quantile(0.5, "mc_gate_admission_duration_seconds"), legend: "p50" },
        { expr: quantile(0.99, "mc_gate_admission_duration_seconds"), legend: "p99" },
      ],
    },
    {
      title: "Time by phase, p99",
      description: "Where slow answers spend their time.",
      type: "timeseries",
      unit: "s",
      queries: [{ expr: quantile(0.99, "mc_gate_phase_duration_seconds", ["phase"]), legend: "{{phase}}" }],
    },
    {
      title: "Load",
      description: "Reviews in progress, and images that wait for a registry look-up, by replica.",
      type: "timeseries",
      unit: "short",
      queries: [
        { expr: `sum by (pod) (${own("mc_gate_admission_in_flight")})`, legend: "{{pod}} in progress" },
        { expr: `sum by (pod) (${own("mc_gate_collections_waiting")})`, legend: "{{pod}} waiting" },
      ],
    },
    {
      title: "Overload",
      description: "Above 0, add replicas or find who sends so much.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        { expr: rate("mc_gate_admission_shed_total", ["reason"]), legend: "rejected at once: {{reason}}" },
        { expr: rate("mc_gate_admission_late_total", ["mode"]), legend: "deadline exceeded: {{mode}}" },
        { expr: rate("mc_gate_connections_evicted_total", []), legend: "connections closed" },
        { expr: rate("mc_gate_log_lines_dropped_total", []), legend: "log lines dropped" },
        { expr: rate("mc_gate_record_lines_lost_total", []), legend: "lines of the record lost" },
      ],
    },
  ],
};

/** Who asks, and what only the API server sees. */
export const CALLS: Section = {
  title: "Calls by the API server",
  panels: [
    {
      title: "Calls that fail",
      description: "Only the API server sees these; empty where its metrics are not scraped.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        {
          expr: `sum by (name) (rate(apiserver_admission_webhook_rejection_count{cluster=~"$cluster", ${ASKED}, error_type="calling_webhook_error"}[${RATE}]))`,
          legend: "{{name}} refused",
        },
        {
          expr: `sum by (name) (rate(apiserver_admission_webhook_fail_open_count{cluster=~"$cluster", ${ASKED}}[${RATE}]))`,
          legend: "{{name}} admitted",
        },
      ],
    },
    {
      title: "Webhook configuration",
      description:
        "Failure policy, caBundle, and a digest of rules and selectors, as the API server has them.",
      type: "table",
      unit: "short",
      queries: [
        {
          expr: `max by (webhook, failure_policy, ca_bundle, scope) (${own("mc_gate_webhook_info")})`,
          legend: "present",
        },
      ],
    },
    {
      title: "Unverified and refused callers",
      description: "Decisions for callers that did not prove to be the API server, and callers turned away.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        { expr: rate("mc_gate_admission_requests_total", [], 'caller="unverified"'), legend: "unverified" },
        { expr: rate("mc_gate_callers_refused_total", ["reason"]), legend: "refused: {{reason}}" },
      ],
    },
    {
      title: "Authority expires in",
      description:
        "Only with a self-managed certificate. The gate renews its authority a year before the end.",
      type: "timeseries",
      unit: "s",
      queries: [
        {
          expr: `min by (authority) (${own("mc_gate_authority_expiry_timestamp_seconds")}) - time()`,
          legend: "{{authority}}",
        },
      ],
    },
  ],
};
