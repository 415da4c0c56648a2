import type { Section } from "./panel.ts";
import { own, rate } from "./queries.ts";

/** Whether the gate works at all. */
export const NOW: Section = {
  title: "Now",
  panels: [
    {
      title: "Replicas",
      description: "Replicas that are scraped, by version.",
      type: "stat",
      unit: "short",
      queries: [{ expr: `count by (version) (${own("mc_gate_build_info")})`, legend: "{{version}}" }],
    },
    {
      title: "Webhooks",
      description: "Webhooks in the gate's configuration. 0: it was deleted, and nothing is checked.",
      type: "stat",
      unit: "short",
      queries: [{ expr: `min(${own("mc_gate_webhooks")})`, legend: "webhooks" }],
    },
    {
      title: "Namespaces",
      description: "Namespaces by mode; those without a label count in the default mode.",
      type: "stat",
      unit: "short",
      queries: [{ expr: `max by (mode) (${own("mc_gate_namespaces")})`, legend: "{{mode}}" }],
    },
    {
      title: "Enforcement off",
      description:
        "Switches in force, by scope. Above 0: refusals are only warnings there. Revocations keep refusing.",
      type: "stat",
      unit: "short",
      queries: [
        { expr: `max by (scope) (${own("mc_gate_switches")})`, legend: "{{scope}}" },
        { expr: `max(${own("mc_gate_switches_repeated")})`, legend: "again within a day" },
        { expr: `max(${own("mc_gate_switches_unconfirmed")})`, legend: "not confirmed" },
      ],
    },
    {
      title: "Enforcement is back in",
      description: "When the last switch in force ends by itself.",
      type: "stat",
      unit: "s",
      queries: [{ expr: `max(${own("mc_gate_switch_end_timestamp_seconds")}) - time()`, legend: "back in" }],
    },
    {
      title: "Certificate expires in",
      description: "The serving certificate that expires first. The alert begins at 14 days.",
      type: "stat",
      unit: "s",
      queries: [
        {
          expr: `min(${own("mc_gate_certificate_expiry_timestamp_seconds")} > 0) - time()`,
          legend: "certificate",
        },
      ],
    },
    {
      title: "Certificate refused",
      description:
        "Replicas whose newest certificate cannot be used. They serve the one before; their log says why.",
      type: "stat",
      unit: "short",
      queries: [{ expr: `sum(${own("mc_gate_certificate_refused")})`, legend: "refused" }],
    },
    {
      title: "Callers verified",
      description: "0: the gate believes any client that reaches its webhook port.",
      type: "stat",
      unit: "short",
      queries: [{ expr: `min(${own("mc_gate_callers_verified")})`, legend: "verified" }],
    },
    {
      title: "Document problems",
      description: "Problems in the newest text of a document. Above 0, an older text may be in force.",
      type: "stat",
      unit: "short",
      queries: [{ expr: `max by (document) (${own("mc_gate_document_problems")})`, legend: "{{document}}" }],
    },
  ],
};

/** What decides, and who changes it. */
export const DOCUMENTS: Section = {
  title: "Documents, waivers and the guard",
  panels: [
    {
      title: "Age of the documents in force",
      description: "How long ago each text was accepted, also by a restart.",
      type: "timeseries",
      unit: "s",
      queries: [
        {
          expr: `time() - max by (document) (${own("mc_gate_document_good_timestamp_seconds")} > 0)`,
          legend: "{{document}}",
        },
      ],
    },
    {
      title: "Decisions under a switch",
      description: "Decisions made while enforcement was switched off for them. Warned: refused otherwise.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        {
          expr: rate("mc_gate_switched_decisions_total", ["decision"]),
          legend: "{{decision}}",
        },
      ],
    },
    {
      title: "Texts in force",
      description: "More than one line for a document: replicas decide by different texts.",
      type: "table",
      unit: "short",
      queries: [
        { expr: `count by (document, digest) (${own("mc_gate_document_info")})`, legend: "replicas" },
      ],
    },
    {
      title: "Drift from git",
      description: "Differences that mc drift --report found last, and what it could not compare.",
      type: "timeseries",
      unit: "short",
      queries: [
        { expr: `max by (part) (${own("mc_gate_drift_differences")})`, legend: "{{part}}" },
        { expr: `max(${own("mc_gate_drift_unknown")})`, legend: "not known" },
      ],
    },
    {
      title: "Last drift report",
      description: "How long ago mc drift --report reported. Empty where it does not run.",
      type: "stat",
      unit: "s",
      queries: [
        { expr: `time() - max(${own("mc_gate_drift_timestamp_seconds")})`, legend: "since the report" },
      ],
    },
    {
      title: "Waivers by time left",
      description: "Below 0 the waiver has expired, and its images are refused when they start again.",
      type: "table",
      unit: "s",
      queries: [
        {
          expr: `sort(max by (waiver) (${own("mc_gate_waiver_expiry_timestamp_seconds")}) - time())`,
          legend: "time left",
        },
      ],
    },
    {
      title: "Waivers in use",
      description: "Findings that a waiver set aside, and those that an expired one would have.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        { expr: `topk(10, ${rate("mc_gate_waiver_uses_total", ["waiver"])} > 0)`, legend: "{{waiver}}" },
        {
          expr: `topk(10, ${rate("mc_gate_waiver_expired_hits_total", ["waiver"])} > 0)`,
          legend: "{{waiver}} expired",
        },
      ],
    },
    {
      title: "Dangerous settings",
      description:
        "Dangerous options in the policy in force and in the settings; empty where there are none.",
      type: "table",
      unit: "short",
      queries: [{ expr: `max by (danger) (${own("mc_gate_dangers")}) > 0`, legend: "in force" }],
    },
    {
      title: "Guard",
      description: "Changes of documents, settings and namespace modes. The log has the user of each.",
      type: "timeseries",
      unit: "reqps",
      queries: [
        {
          expr: rate("mc_gate_guard_decisions_total", ["resource", "decision"]),
          legend: "{{resource}} {{decision}}",
        },
      ],
    },
    {
      title: "Age of trust roots",
      description: "Roots from TUF are refreshed by the gate; an age that grows means that it cannot.",
      type: "timeseries",
      unit: "s",
      queries: [{ expr: `max by (source) (${own("mc_gate_trust_age_seconds")})`, legend: "{{source}}" }],
    },
  ],
};
