import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { type Board, dashboardText } from "../scripts/dashboard/grafana.ts";
import { OVERVIEW_BOARD } from "../scripts/dashboard/overview.ts";
import type { Panel } from "../scripts/dashboard/panel.ts";
import { GATE_BOARD } from "../scripts/dashboard/sections.ts";
import { KPI_METRICS } from "../src/kpi/index.ts";
import { createMetrics, METRICS } from "../src/metrics/index.ts";
import { ClassicDashboard } from "./support/grafana-classic.ts";
import { complaints, FOREIGN_SERIES, groupingOf, rowOf, seriesIn } from "./support/promql.ts";

interface Placed {
  readonly id: number;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

interface Dashboard {
  readonly uid: string;
  readonly panels: readonly Placed[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
}

interface Kind {
  readonly board: Board;
  readonly file: string;
  readonly variables: readonly string[];
  /** What must be shown: every metric of these. */
  readonly metrics: readonly string[];
  /** Labels by which a series must be narrowed down. */
  readonly narrowedBy: (series: string) => readonly string[];
}

const KINDS: readonly Kind[] = [
  {
    board: GATE_BOARD,
    file: "dashboards/mc-gate.json",
    variables: ["datasource", "cluster", "namespace", "release"],
    metrics: Object.keys(METRICS),
    narrowedBy: (series) => (series.startsWith("apiserver_") ? ["cluster"] : ["cluster", "namespace", "job"]),
  },
  {
    board: OVERVIEW_BOARD,
    file: "dashboards/mc-overview.json",
    variables: ["datasource", "exporter", "cluster"],
    metrics: Object.keys(KPI_METRICS),
    narrowedBy: (series) => (series.startsWith("mc_kpi_") ? ["job"] : ["cluster"]),
  },
];

/** An expression with the dashboard's variables as Prometheus gets them. */
function filledIn(expr: string): string {
  return expr
    .replaceAll("$__rate_interval", "5m")
    .replaceAll(/\$(?:cluster|namespace|release|exporter)/g, ".*");
}

function overlap({ gridPos: one }: Placed, { gridPos: other }: Placed): boolean {
  const apart = one.x + one.w <= other.x || other.x + other.w <= one.x;
  return !apart && one.y < other.y + other.h && other.y < one.y + one.h;
}

describe.each(KINDS)("the dashboard $board.title", ({ board, file, variables, metrics, narrowedBy }) => {
  const dashboard = JSON.parse(readFileSync(file, "utf8")) as Dashboard;
  const all: readonly Panel[] = board.sections.flatMap(({ panels }) => panels);

  it("is the text that its code gives", () => {
    expect(readFileSync(file, "utf8"), "run: npm run dashboard").toBe(dashboardText(board));
  });

  it("is a dashboard of Grafana's classic schema, without a field that it does not know", () => {
    expect(ClassicDashboard.safeParse(dashboard).error?.issues).toBeUndefined();
    expect(ClassicDashboard.safeParse({ ...dashboard, rows: [] }).success).toBe(false);
  });

  it.each(all)("$title asks for metrics and labels that exist, each as its type wants", ({ queries }) => {
    expect(queries.flatMap(({ expr }) => complaints(filledIn(expr)))).toEqual([]);
    expect(queries.map(({ expr }) => expr).join("\n")).not.toMatch(/\bor\b/);
  });

  it.each(all)("$title names in its legends only labels by which it groups", ({ queries }) => {
    const unknown = queries.flatMap(({ expr, legend }) =>
      [...legend.matchAll(/\{\{(\w+)\}\}/g)].filter(([, label = ""]) => !groupingOf(expr).includes(label)),
    );
    expect(unknown).toEqual([]);
  });

  it.each(all)(
    "$title is narrowed down by the variables, and says what it means",
    ({ queries, ...panel }) => {
      const wide = queries
        .flatMap(({ expr }) => seriesIn(expr))
        .filter(({ series, selector }) =>
          narrowedBy(series).some((label) => !selector.includes(`${label}=~"$`)),
        );
      expect(wide).toEqual([]);
      expect(panel.description).toMatch(/^.{20,120}\.$/);
    },
  );

  it("shows every metric of its program", () => {
    const shown = new Set(
      all
        .flatMap(({ queries }) => queries.flatMap(({ expr }) => seriesIn(expr)))
        .map(({ series }) => series.replace(/_bucket$/, "")),
    );
    expect(metrics.length).toBeGreaterThan(10);
    expect(metrics.filter((name) => !shown.has(name))).toEqual([]);
  });

  it("has variables, links to dashboards that exist, and panels that do not overlap", () => {
    expect(dashboard.templating.list.map(({ name }) => name)).toEqual(variables);
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const clashes = panels.flatMap((one, at) => panels.slice(at + 1).filter((other) => overlap(one, other)));
    expect(clashes).toEqual([]);
    const linked = [...(board.links ?? []), ...all.flatMap(({ link }) => link ?? [])].map(({ uid }) => uid);
    expect(linked.filter((uid) => !KINDS.some((kind) => kind.board.uid === uid))).toEqual([]);
    expect(dashboard.uid).toBe(board.uid);
  });
});

describe("the dashboards", () => {
  it("know series that are not in our tables as the gate exposes them", async () => {
    const { text } = await createMetrics().render();
    const types = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]));
    const own = FOREIGN_SERIES.filter((name) => /^(?:process|nodejs)_/.test(name));
    expect(own.length).toBeGreaterThan(2);
    expect(own.map((name) => [name, types.get(name)])).toEqual(own.map((name) => [name, rowOf(name)?.type]));
  });
});
