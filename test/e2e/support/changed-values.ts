import { z } from "zod";

import { ChartValues } from "../../../scripts/chart-values.ts";

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly propertyNames?: Schema;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

type Map = Readonly<Record<string, unknown>>;

/** A value of the chart by its path, and values that change it and nothing else. */
export type Change = readonly [path: string, values: Map];

/** For each value that the chart's schema names, another than it has in these, defaults included. Throws where it finds none. */
export function changesOf(values: object): Change[] {
  const schema = z.toJSONSchema(ChartValues, { io: "input", target: "draft-7" }) as Schema;
  return below(schema, values, []).map(([path, value]) => [path.join("."), nested(path, value)]);
}

type Place = readonly [path: readonly string[], value: unknown];

function below(schema: Schema, value: unknown, path: readonly string[]): Place[] {
  const properties = Object.entries(schema.properties ?? {});
  const isWhole = value === undefined && (schema.required ?? []).length > 0;
  if (properties.length > 0 && !isWhole)
    return properties.flatMap(([name, each]) =>
      below(each, (value as Map | undefined)?.[name], [...path, name]),
    );
  return [[path, another(schema, value, path)]];
}

/** A value that the schema allows, and that is not this one. */
function another(schema: Schema, value: unknown, path: readonly string[]): unknown {
  const found = samplesOf(schema).find((each) => JSON.stringify(each) !== JSON.stringify(value));
  if (found === undefined) throw new Error(`no other value is known for ${path.join(".")}`);
  return found;
}

const TEXTS = [
  "changed",
  "/changed",
  "/tmp/changed",
  "7m",
  "7%",
  "changed/changed",
  "https://changed.example",
  `sha256:${"b".repeat(64)}`,
];

const BY_TYPE: Readonly<Record<string, (schema: Schema) => readonly unknown[]>> = {
  boolean: () => [true, false],
  integer: ({ minimum = 1 }) => [minimum, minimum + 1],
  string: ({ pattern = "", format }) =>
    TEXTS.filter((text) => new RegExp(pattern, "u").test(text) && (format !== "uri" || URL.canParse(text))),
  array: ({ items = {} }) =>
    samplesOf(items)
      .slice(0, 1)
      .map((each) => [each]),
  object: objectSamples,
};

function samplesOf(schema: Schema): readonly unknown[] {
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
  if (branches.length > 0) return branches.flatMap(samplesOf);
  if (schema.const !== undefined) return [schema.const];
  if (schema.enum !== undefined) return schema.enum.filter((each) => each !== "");
  return BY_TYPE[schema.type ?? ""]?.(schema) ?? ["changed"];
}

function objectSamples({
  properties,
  required = [],
  additionalProperties,
  propertyNames,
}: Schema): unknown[] {
  if (properties !== undefined)
    return [Object.fromEntries(required.map((name) => [name, samplesOf(properties[name] ?? {})[0]]))];
  const named = typeof additionalProperties === "object" ? additionalProperties : {};
  const [key] = samplesOf({ type: "string", ...propertyNames });
  return [{ [String(key)]: samplesOf(named)[0] }];
}

function nested(path: readonly string[], value: unknown): Map {
  return path.toReversed().reduce<unknown>((inner, name) => ({ [name]: inner }), value) as Map;
}
