import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";

import { createExporter, createLedger, KPI_METRICS, type KpiPort, newLedger } from "../src/kpi/index.ts";
import { createMetrics, createTableMetrics, METRICS } from "../src/metrics/index.ts";
import { complaints, type Series, seriesIn } from "./support/promql.ts";
import { NO_READINGS } from "./support/readings.ts";

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

const FILES = ["alerts/mc-gate.yaml", "alerts/mc-rules.yaml"];
const TESTS = ["alerts/mc-gate_test.yaml", "alerts/mc-rules_test.yaml", "alerts/mc-rules-week_test.yaml"];
/** Where the repository is read by people. */
const PUBLISHED = "https://github.com/mc-gate/mc-gate/blob/main/";
const SEVERITIES = ["critical", "warning"];

const ALERTS: readonly Alert[] = FILES.flatMap((file) => {
  const { groups } = parse(readFileSync(file, "utf8")) as { groups: { rules: Alert[] }[] };
  return groups.flatMap(({ rules }) => rules);
});

/** Counters of the gate in an expression by whose rise it fires. */
function risesIn(expr: string): Series[] {
  return seriesIn(expr).filter(({ series, overRange }) => isOurs(series) && overRange !== undefined);
}

function anExporter() {
  const of = { owner: "acme", reusable: "acme/mc/.github/workflows/x.yml" };
  const ledger = createLedger(newLedger(of, 0), { append: () => undefined, replace: () => undefined });
  const times = { activeMs: 1, windowMs: 1, now: () => 0 };
  const more = { github: {} as KpiPort, optOuts: [], waivers: "w", version: "1", secret: undefined };
  return createExporter({ ...of, ...times, ...more, ledger });
}

function isOurs(series: string): boolean {
  return series in METRICS || series in KPI_METRICS;
}

/** What the gate and the exporter expose before anything happened. */
async function atFirst(): Promise<string[]> {
  const metrics = createMetrics();
  metrics.read({ ...NO_READINGS, waivers: () => [{ id: "W-1", until: new Date(0) }] });
  await metrics.render();
  const exporter = await createTableMetrics(KPI_METRICS, anExporter().samples)(undefined);
  return `${(await metrics.render()).text}\n${exporter.text}`.split("\n");
}

/** Whether a line of the exposition is one of the series that a selector chooses. */
function isChosen(line: string, { series, selector }: Series): boolean {
  if (!line.startsWith(`${series}{`) && !line.startsWith(`${series} `)) return false;
  return [...selector.matchAll(/(\w+)(=~|=)"([^"]*)"/g)].every(([, label, operator, value = ""]) => {
    const [, actual = ""] = new RegExp(`\\b${label}="([^"]*)"`).exec(line) ?? [];
    return operator === "=" ? actual === value : new RegExp(`^(?:${value})$`).test(actual);
  });
}

describe("the alerts", () => {
  it.each(ALERTS.filter(({ expr }) => risesIn(expr).length > 0))(
    "$alert sees the first event: its counters are there before",
    async ({ expr }) => {
      const lines = await atFirst();
      const unborn = risesIn(expr).filter((chosen) => !lines.some((line) => isChosen(line, chosen)));
      expect(unborn).toEqual([]);
    },
  );

  it("are many, each with a name of its own", () => {
    expect(ALERTS.length).toBeGreaterThan(10);
    expect(new Set(ALERTS.map(({ alert }) => alert)).size).toBe(ALERTS.length);
  });

  it.each(ALERTS)("$alert asks for metrics and labels that exist", ({ expr }) => {
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
    const cases = TESTS.flatMap((file) => {
      const { tests } = parse(readFileSync(file, "utf8")) as {
        tests: { alert_rule_test: { alertname: string; exp_alerts: unknown[] }[] }[];
      };
      return tests;
    })
      .flatMap((each) => each.alert_rule_test)
      .filter(({ alertname }) => alertname === alert);
    expect(new Set(cases.map(({ exp_alerts }) => exp_alerts.length > 0))).toEqual(new Set([true, false]));
  });

  it.each([
    ["rate(mc_gate_nothing_total[5m]) > 0", "mc_gate_nothing_total does not exist"],
    ["mc_gate_document_problems_bucket > 0", "mc_gate_document_problems_bucket does not exist"],
    ['rate(mc_gate_objections_total{reason="x"}[5m])', "mc_gate_objections_total has no label reason"],
    ["mc_gate_objections_total > 0", "mc_gate_objections_total is a counter and is not asked for its rate"],
    ["increase(mc_gate_webhooks[5m])", "mc_gate_webhooks is a gauge and is asked for its rate"],
    ["mc_gate_phase_duration_seconds", "mc_gate_phase_duration_seconds does not exist"],
    ["sum by (phase) (mc_gate_webhooks)", "nothing has the label phase"],
  ])("sees what is wrong with %s", (expr, complaint) => {
    expect(complaints(expr)).toEqual([complaint]);
  });
});
