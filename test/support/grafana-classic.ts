import { z } from "zod";

/**
 * Grafana's classic dashboard, as far as ours go: every field that we write, and no other. Source: grafana-foundation-sdk,
 * jsonschema/dashboard.jsonschema.json of 2026-06-16, against which both dashboards were checked whole.
 */
const Text = z.string().min(1);
const Size = z.int().min(0);
const GridPos = z.strictObject({ h: Size, w: Size.max(24), x: Size.max(23), y: Size });
const Datasource = z.strictObject({ type: Text, uid: Text });
const Link = z.strictObject({
  title: Text,
  type: z.enum(["link", "dashboards"]),
  icon: Text,
  tooltip: z.string(),
  url: z.string().startsWith("/d/"),
  tags: z.array(Text),
  asDropdown: z.boolean(),
  targetBlank: z.boolean(),
  includeVars: z.boolean(),
  keepTime: z.boolean(),
});
const Row = z.strictObject({
  type: z.literal("row"),
  collapsed: z.boolean(),
  title: Text,
  id: Size,
  gridPos: GridPos,
  panels: z.array(z.never()),
});
const Target = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource: Datasource,
  expr: Text,
  legendFormat: Text,
  range: z.literal(true).optional(),
  instant: z.literal(true).optional(),
  format: z.literal("table").optional(),
});
const Panel = z.strictObject({
  type: z.enum(["stat", "table", "timeseries"]),
  id: Size,
  title: Text,
  description: Text,
  datasource: Datasource,
  gridPos: GridPos,
  links: z.array(Link).optional(),
  fieldConfig: z.strictObject({
    defaults: z.strictObject({ unit: Text, min: z.number().optional() }),
    overrides: z.array(z.never()),
  }),
  options: z.record(z.string(), z.unknown()),
  targets: z.array(Target).min(1),
});
const Variable = z.discriminatedUnion("type", [
  z.strictObject({ name: Text, label: Text, type: z.literal("datasource"), query: Text }),
  z.strictObject({
    name: Text,
    label: Text,
    type: z.literal("query"),
    datasource: Datasource,
    definition: Text,
    query: Text,
    refresh: z.union([z.literal(0), z.literal(1), z.literal(2)]),
    sort: z.int().min(0).max(8),
    multi: z.boolean(),
    includeAll: z.boolean(),
    allValue: Text,
    current: z.strictObject({ text: Text, value: Text }),
  }),
]);

export const ClassicDashboard = z.strictObject({
  uid: z.string().regex(/^[a-z-]{1,40}$/),
  title: Text,
  description: Text,
  tags: z.array(Text),
  schemaVersion: z.int().min(36).max(42),
  version: Size,
  editable: z.boolean(),
  refresh: Text,
  time: z.strictObject({ from: Text, to: Text }),
  timezone: z.enum(["browser", "utc"]),
  annotations: z.strictObject({ list: z.array(z.never()) }),
  links: z.array(Link).optional(),
  templating: z.strictObject({ list: z.array(Variable).min(1) }),
  panels: z.array(z.union([Row, Panel])).min(1),
});
