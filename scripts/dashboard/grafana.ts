import type { Panel, Section } from "./panel.ts";

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

/** A dashboard, but for what every one has. */
export interface Board {
  /** Stays the same, so that links keep working. */
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  /** Choices in addition to the data source. */
  readonly variables: readonly object[];
  readonly sections: readonly Section[];
  /** Other dashboards, by their uid. */
  readonly links?: readonly { readonly title: string; readonly uid: string }[];
}

/** The text of a dashboard, in Grafana's classic schema: what its import dialog and the sidecars of charts take. */
export function dashboardText({ uid, title, description, tags, ...board }: Board): string {
  const datasource = { name: "datasource", label: "Data source", type: "datasource", query: "prometheus" };
  const { links = [] } = board;
  const dashboard = {
    uid,
    title,
    description,
    tags,
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    refresh: "1m",
    time: { from: "now-6h", to: "now" },
    timezone: "browser",
    annotations: { list: [] },
    ...(links.length > 0 && { links: links.map(linkTo) }),
    templating: { list: [datasource, ...board.variables] },
    panels: panels(board.sections),
  };
  return `${JSON.stringify(dashboard, undefined, 2)}\n`;
}

/** A link to another dashboard, of the same time. */
function linkTo({ title, uid }: { readonly title: string; readonly uid: string }): object {
  return {
    title,
    type: "link",
    icon: "dashboard",
    tooltip: `Open ${title}`,
    url: `/d/${uid}`,
    tags: [],
    asDropdown: false,
    targetBlank: false,
    includeVars: false,
    keepTime: true,
  };
}

/** A choice of several values. "All" also matches series without that label. */
export function variable(name: string, label: string, query: string): object {
  return {
    name,
    label,
    type: "query",
    datasource: DATASOURCE,
    definition: query,
    query,
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

function bodyOf({ title, description, type, unit, queries, link }: Panel): object {
  const isSeries = type === "timeseries";
  return {
    type,
    title,
    description,
    datasource: DATASOURCE,
    ...(link !== undefined && { links: [linkTo(link)] }),
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
