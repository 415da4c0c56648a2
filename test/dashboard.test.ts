import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { dashboardText } from "../scripts/dashboard/grafana.ts";
import type { Panel } from "../scripts/dashboard/panel.ts";
import { SECTIONS } from "../scripts/dashboard/sections.ts";
import { createMetrics, METRICS } from "../src/metrics/index.ts";
import { complaints, FOREIGN_SERIES, groupingOf, rowOf, seriesIn } from "./support/promql.ts";

const FILE = "dashboards/mc-gate.json";

interface Placed {
  readonly id: number;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
}

const DASHBOARD = JSON.parse(readFileSync(FILE, "utf8")) as {
  readonly panels: readonly Placed[];
  readonly templating: { readonly list: readonly { readonly name: string }[] };
};
const PANELS: readonly Panel[] = SECTIONS.flatMap(({ panels }) => panels);

/** An expression with the dashboard's variables as Prometheus gets them. */
function filledIn(expr: string): string {
  return expr.replaceAll("$__rate_interval", "5m").replaceAll(/\$(?:cluster|namespace|release)/g, ".*");
}

function overlap({ gridPos: one }: Placed, { gridPos: other }: Placed): boolean {
  const apart = one.x + one.w <= other.x || other.x + other.w <= one.x;
  return !apart && one.y < other.y + other.h && other.y < one.y + one.h;
}

describe("the dashboard", () => {
  it("is the text that its code gives", () => {
    expect(readFileSync(FILE, "utf8"), "run: npm run dashboard").toBe(dashboardText());
  });

  it.each(PANELS)("$title asks for metrics and labels that exist, each as its type wants", ({ queries }) => {
    expect(queries.flatMap(({ expr }) => complaints(filledIn(expr)))).toEqual([]);
  });

  it.each(PANELS)("$title names in its legends only labels by which it groups", ({ queries }) => {
    const unknown = queries.flatMap(({ expr, legend }) =>
      [...legend.matchAll(/\{\{(\w+)\}\}/g)].filter(([, label = ""]) => !groupingOf(expr).includes(label)),
    );
    expect(unknown).toEqual([]);
  });

  it.each(PANELS)(
    "$title is narrowed down by the variables, and says what it means",
    ({ queries, ...panel }) => {
      const narrowed = queries.flatMap(({ expr }) =>
        seriesIn(expr).map(({ series, selector }) => ({ series, selector })),
      );
      const wide = narrowed.filter(({ series, selector }) =>
        (series.startsWith("apiserver_") ? ["cluster"] : ["cluster", "namespace", "job"]).some(
          (label) => !selector.includes(`${label}=~"$`),
        ),
      );
      expect(wide).toEqual([]);
      expect(panel.description).toMatch(/^.{20,120}\.$/);
    },
  );

  it("shows every metric of the gate", () => {
    const shown = new Set(
      PANELS.flatMap(({ queries }) => queries.flatMap(({ expr }) => seriesIn(expr))).map(({ series }) =>
        series.replace(/_bucket$/, ""),
      ),
    );
    expect(Object.keys(METRICS).filter((name) => !shown.has(name))).toEqual([]);
  });

  it("knows series beside the gate's own table as the gate exposes them", async () => {
    const { text } = await createMetrics().render();
    const types = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]));
    const own = FOREIGN_SERIES.filter((name) => /^(?:process|nodejs)_/.test(name));
    expect(own.length).toBeGreaterThan(2);
    expect(own.map((name) => [name, types.get(name)])).toEqual(own.map((name) => [name, rowOf(name)?.type]));
  });

  it("has variables for the data source, cluster, namespace and release, and panels that do not overlap", () => {
    expect(DASHBOARD.templating.list.map(({ name }) => name)).toEqual([
      "datasource",
      "cluster",
      "namespace",
      "release",
    ]);
    const { panels } = DASHBOARD;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const clashes = panels.flatMap((one, at) => panels.slice(at + 1).filter((other) => overlap(one, other)));
    expect(clashes).toEqual([]);
  });
});
