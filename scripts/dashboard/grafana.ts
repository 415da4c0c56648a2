import type { Panel, Section } from "./panel.ts";
import { SECTIONS } from "./sections.ts";

/** Of Grafana's grid. */
const COLUMNS = 24;
const SIZES: Readonly<Record<Panel["type"], { readonly w: number; readonly h: number }>> = {
  stat: { w: 4, h: 4 },
  table: { w: 8, h: 8 },
  timeseries: { w: 8, h: 8 },
};
/** Grafana 10 and later read it. */
const SCHEMA_VERSION = 39;
const DATASOURCE = { type: "prometheus", uid: "${datasource}" };

/** The text of the dashboard, in Grafana's classic schema: what its import dialog and the sidecars of charts take. */
export function dashboardText(): string {
  const dashboard = {
    uid: "mc-gate",
    title: "MC Gate",
    description: "Decisions, latency, registries, documents and state of MC Gate.",
    tags: ["mc-gate", "kubernetes", "admission"],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    timezone: "browser",
    templating: { list: variables() },
    panels: panels(SECTIONS),
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

function variables(): object[] {
  const datasource = { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" };
  return [
    datasource,
    variable("cluster", "Cluster", "label_values(mc_gate_build_info, cluster)"),
    variable("namespace", "Namespace", 'label_values(mc_gate_build_info{cluster=~"$cluster"}, namespace)'),
    variable(
      "release",
      "Release",
      'label_values(mc_gate_build_info{cluster=~"$cluster", namespace=~"$namespace"}, job)',
    ),
  ];
}

/** A choice of several values. "All" also matches series without that label. */
function variable(name: string, label: string, query: string): object {
  return {
    name,
    label,
    type: "query",
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    multi: true,
    includeAll: true,
    allValue: ".*",
    current: { text: "All", value: "$__all" },
  };
}

/** Panels from left to right, with a heading above those of each section. */
function panels(sections: readonly Section[]): object[] {
  let id = 0;
  let y = 0;
  return sections.flatMap(({ title, panels: own }) => {
    const heading = { id: ++id, type: "row", title, collapsed: false, panels: [] };
    const placed: object[] = [{ ...heading, gridPos: { x: 0, y: y++, w: COLUMNS, h: 1 } }];
    let x = 0;
    let height = 0;
    for (const panel of own) {
      const size = SIZES[panel.type];
      if (x + size.w > COLUMNS) [x, y] = [0, y + height];
      placed.push({ id: ++id, ...bodyOf(panel), gridPos: { x, y, ...size } });
      x += size.w;
      height = size.h;
    }
    y += height;
    return placed;
  });
}

function bodyOf({ title, description, type, unit, queries }: Panel): object {
  const isSeries = type === "timeseries";
  return {
    type,
    title,
    description,
    datasource: DATASOURCE,
    fieldConfig: { defaults: { unit, ...(isSeries && { min: 0 }) }, overrides: [] },
    options: isSeries ? { tooltip: { mode: "multi", sort: "desc" } } : {},
    targets: queries.map(({ expr, legend }, at) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + at),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...(isSeries ? { range: true } : { instant: true }),
      ...(type === "table" && { format: "table" }),
    })),
  };
}
