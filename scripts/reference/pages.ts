import { z } from "zod";

import { FAULTS, FINDINGS, formatDuration, type Reason } from "../../src/core/index.ts";
import { enforcementJsonSchema } from "../../src/enforcement/index.ts";
import { KPI_METRICS } from "../../src/kpi/index.ts";
import { METRICS, type MetricRow } from "../../src/metrics/index.ts";
import { GATES, policyJsonSchema } from "../../src/policy/index.ts";
import { revocationsJsonSchema } from "../../src/revocations/index.ts";
import { Settings } from "../../src/serve/settings/settings.ts";
import { MAX_LIFE, waiversJsonSchema } from "../../src/waivers/index.ts";
import { chartPage } from "./chart-page.ts";
import { cliPage } from "./cli-page.ts";
import { knobTables } from "./knob-tables.ts";
import { code, page, PATHS, table } from "./markdown.ts";

/** The pages of docs/reference by file name, each with what writes it. */
export const PAGES: Readonly<Record<string, () => string>> = {
  "policy.md": policyPage,
  "waivers.md": waiversPage,
  "revocations.md": revocationsPage,
  "enforcement.md": enforcementPage,
  "settings.md": settingsPage,
  "chart-values.md": chartPage,
  "reason-codes.md": reasonsPage,
  "metrics.md": metricsPage,
  "cli.md": cliPage,
};

function policyPage(): string {
  const gates = GATES.map(({ name, summary }) => ({
    path: `rules[].require.${name}`,
    title: `require.${name}`,
    summary,
  }));
  const parts = [
    { path: "", title: "The document" },
    { path: "authorities", title: "authorities" },
    { path: "trustRoots", title: "trustRoots" },
    { path: "rules", title: "rules" },
    ...gates,
  ];
  return page(
    "Policy",
    `The document of \`policy/policy.yaml\` and of the policy ConfigMap. ${PATHS} A pattern is \`{ pattern: "^…$" }\`, in RE2 syntax. Unknown keys are errors.`,
    knobTables(policyJsonSchema(), parts),
  );
}

function waiversPage(): string {
  const lives = Object.entries(MAX_LIFE).map(([name, ms]) => [code(name), formatDuration(ms)]);
  return page(
    "Waivers",
    `The document of \`policy/waivers.yaml\` and of the waivers ConfigMap. ${PATHS} An entry that cannot be read does not count.`,
    knobTables(waiversJsonSchema(), [{ path: "", title: "The document" }]),
    "## Classes",
    table(["Class", "Maximum lifetime"], lives),
  );
}

function revocationsPage(): string {
  return page(
    "Revocations",
    `The document of \`policy/revocations.yaml\` and of the revocations ConfigMap. ${PATHS} It is read whole or not at all.`,
    knobTables(revocationsJsonSchema(), [{ path: "", title: "The document" }]),
  );
}

function enforcementPage(): string {
  return page(
    "Enforcement",
    `The document of the enforcement ConfigMap, which \`mc enforce\` writes. ${PATHS} It is read whole or not at all.`,
    knobTables(enforcementJsonSchema(), [{ path: "", title: "The document" }]),
  );
}

function settingsPage(): string {
  const keys = Object.keys(Settings.shape);
  const parts = [{ path: "", title: "The document" }, ...keys.map((key) => ({ path: key, title: key }))];
  return page(
    "Settings of mc serve",
    `What \`mc serve --settings FILE\` reads; the chart writes it. ${PATHS}`,
    knobTables(z.toJSONSchema(Settings, { io: "input" }), parts),
  );
}

function reasonsPage(): string {
  return page(
    "Reason codes",
    "Each refusal names one of these codes. A finding means that the image lacks something; a fault means that the gate could not determine the answer, and also refuses in an enforcing namespace.",
    "## Findings",
    reasons(FINDINGS),
    "## Faults",
    reasons(FAULTS),
  );
}

function reasons(codes: Readonly<Record<string, Reason>>): string {
  const rows = Object.entries(codes).map(([name, { cause, fix, retry }]) => [
    code(name),
    cause,
    fix,
    retry ? "yes" : "no",
  ]);
  return table(["Code", "Cause", "What to do", "May pass later by itself"], rows);
}

function metricsPage(): string {
  const exporter = [
    "## The exporter",
    "",
    "What `mc exporter` serves. [What each figure means](../guides/kpis.md). A histogram has the series `_bucket`, `_sum` and `_count`.",
    "",
    metricsTable(KPI_METRICS),
  ].join("\n");
  return page(
    "Metrics",
    "The metrics that `/metrics` on the probe port serves, in addition to Node's process metrics. No label contains text from a request.",
    `${metricsTable(METRICS)}\n\n${exporter}`,
  );
}

function metricsTable(metrics: Readonly<Record<string, MetricRow>>): string {
  const rows = Object.entries(metrics).map(([name, { type, labels, help }]) => [
    code(name),
    type,
    labels.map(code).join(", "),
    help,
  ]);
  return table(["Metric", "Type", "Labels", "Meaning"], rows);
}
