import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { createMetrics, type MetricRow, METRICS } from "../src/metrics/index.ts";

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: {
    readonly summary: string;
    readonly runbook_url: string;
    readonly description: string;
  };
}

const FILE = "alerts/mc-gate.yaml";
const TESTS = "alerts/mc-gate_test.yaml";
/** Where the repository is read by people. */
const PUBLISHED = "https://github.com/mc-gate/mc-gate/blob/main/";
const SEVERITIES = ["critical", "warning"];
/** Of a label that Prometheus puts on histograms itself. */
const BUCKET = "le";

const ALERTS: readonly Alert[] = (
  parse(readFileSync(FILE, "utf8")) as { groups: { rules: Alert[] }[] }
).groups.flatMap(({ rules }) => rules);
const ROWS: Readonly<Record<string, MetricRow>> = METRICS;

/** The row of a series: a histogram has three series under its name. */
function rowOf(series: string): MetricRow | undefined {
  const base = series.replace(/_(?:bucket|sum|count)$/, "");
  return ROWS[series] ?? (ROWS[base]?.type === "histogram" ? ROWS[base] : undefined);
}

/** Series of the gate in an expression, with the labels by which they are chosen. */
function seriesIn(expr: string): { readonly series: string; readonly labels: readonly string[] }[] {
  return [...expr.matchAll(/\b(mc_gate_\w+)(?:\{([^}]*)\})?/g)].map(([, series = "", selector = ""]) => ({
    series,
    labels: [...selector.matchAll(/(\w+)\s*=/g)].map(([, label = ""]) => label),
  }));
}

function complaints(expr: string): string[] {
  return seriesIn(expr).flatMap(({ series, labels }) => {
    const row = rowOf(series);
    if (row === undefined) return [`${series} does not exist`];
    return labels
      .filter((label) => label !== BUCKET && !row.labels.includes(label))
      .map((label) => `${series} has no label ${label}`);
  });
}

/** Counters in an expression by whose rise it fires, each with its selector. */
function risesIn(expr: string): { readonly series: string; readonly selector: string }[] {
  return [...expr.matchAll(/\b(?:rate|increase)\((mc_gate_\w+)(?:\{([^}]*)\})?\[/g)].map(
    ([, series = "", selector = ""]) => ({ series, selector }),
  );
}

/** Whether a line of the exposition is one of the series that a selector chooses. */
function isChosen(line: string, { series, selector }: ReturnType<typeof risesIn>[number]): boolean {
  if (!line.startsWith(`${series}{`) && !line.startsWith(`${series} `)) return false;
  return [...selector.matchAll(/(\w+)(=~|=)"([^"]*)"/g)].every(([, label, operator, value = ""]) => {
    const [, actual = ""] = new RegExp(`\\b${label}="([^"]*)"`).exec(line) ?? [];
    return operator === "=" ? actual === value : new RegExp(`^(?:${value})$`).test(actual);
  });
}

describe("the alerts", () => {
  it.each(ALERTS.filter(({ expr }) => risesIn(expr).some(({ series }) => rowOf(series)?.type === "counter")))(
    "$alert sees the first event: its counters are there before",
    async ({ expr }) => {
      const metrics = createMetrics();
      metrics.read({
        version: "0",
        documents: () => [],
        dangers: () => [],
        waivers: () => [{ id: "W-1", until: new Date(0) }],
        namespaceModes: () => undefined,
        webhooks: () => undefined,
        trustAges: () => [],
        certificateEnd: () => undefined,
        authorityEnds: () => [],
      });
      await metrics.render();
      const lines = (await metrics.render()).text.split("\n");
      const counters = risesIn(expr).filter(({ series }) => rowOf(series)?.type === "counter");
      const unborn = counters.filter((chosen) => !lines.some((line) => isChosen(line, chosen)));
      expect(unborn).toEqual([]);
    },
  );

  it("are many, each with a name of its own", () => {
    expect(ALERTS.length).toBeGreaterThan(10);
    expect(new Set(ALERTS.map(({ alert }) => alert)).size).toBe(ALERTS.length);
  });

  it.each(ALERTS)("$alert asks for metrics and labels that the gate has", ({ expr }) => {
    expect(complaints(expr)).toEqual([]);
  });

  it.each(ALERTS)(
    "$alert says how bad it is, what it is, and where to read on",
    ({ labels, annotations }) => {
      expect(SEVERITIES).toContain(labels.severity);
      expect(annotations.summary).toMatch(/^.{20,160}\.$/);
      expect(annotations.description).toMatch(/^.{20,200}\.$/);
      const [url = "", anchor = ""] = annotations.runbook_url.split("#");
      expect(url.startsWith(PUBLISHED)).toBe(true); // no Alertmanager can open a path
      const page = url.slice(PUBLISHED.length);
      const headings = readFileSync(page, "utf8").matchAll(/^#+ (.+)$/gm);
      const anchors = [...headings].map(([, title = ""]) => title.toLowerCase().replaceAll(" ", "-"));
      expect(anchors).toContain(anchor);
    },
  );

  it.each(ALERTS)("$alert has a case in which it fires, and one in which it does not", ({ alert }) => {
    const { tests } = parse(readFileSync(TESTS, "utf8")) as {
      tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
    };
    const cases = tests
      .flatMap((each) => each.alert_rule_test)
      .filter(({ alertname }) => alertname === alert);
    expect(new Set(cases.map(({ exp_alerts }) => exp_alerts.length > 0))).toEqual(new Set([true, false]));
  });

  it.each([
    ["rate(mc_gate_nothing_total[5m]) > 0", "mc_gate_nothing_total does not exist"],
    ["mc_gate_document_problems_bucket > 0", "mc_gate_document_problems_bucket does not exist"],
    ['mc_gate_objections_total{reason="x"}', "mc_gate_objections_total has no label reason"],
  ])("sees what is wrong with %s", (expr, complaint) => {
    expect(complaints(expr)).toEqual([complaint]);
  });
});
