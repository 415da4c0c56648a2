import { readFileSync } from "node:fs";

import { parse } from "yaml";
import { z } from "zod";

import { ChartValues } from "../chart-values.ts";
import { knobTables } from "./knob-tables.ts";
import { page, PATHS } from "./markdown.ts";

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}

/** Every value of the chart with its default out of values.yaml. The settings document has its own page. */
export function chartPage(): string {
  const schema = z.toJSONSchema(ChartValues.omit({ settings: true }), { io: "input" });
  const defaults = parse(readFileSync("charts/mc-gate/values.yaml", "utf8"));
  const parts = Object.keys(ChartValues.shape).map((key) => ({ path: key, title: key }));
  return page(
    "Chart values",
    `\`helm show values charts/mc-gate\` prints them with comments. ${PATHS} \`settings\` takes the parts \`registries\`, \`verify\`, \`evidence\` and \`tuf\` of the [settings document](settings.md).`,
    knobTables(withDefaults(schema as Schema, defaults), parts),
  );
}

/** The schema with what the chart sets as defaults, so that nothing of it is required. */
function withDefaults(schema: Schema, value: unknown): object {
  if (schema.properties === undefined || typeof value !== "object" || value === null)
    return value === undefined ? schema : { ...schema, default: value };
  const properties = Object.entries(schema.properties).map(([name, each]) => [
    name,
    withDefaults(each, Reflect.get(value, name)),
  ]);
  return { ...schema, properties: Object.fromEntries(properties), required: [] };
}
