/** One setting of a document, for a reference that people read. */
export interface Knob {
  /** `authorities.*.keyless.issuer`: `*` represents a name, `[]` an element. */
  readonly path: string;
  /** `text`, `number`, `true or false`, `"deny" or "allow"`, `text or map`. */
  readonly type: string;
  readonly required: boolean;
  /** As JSON; undefined where there is none. */
  readonly default?: string;
  readonly description: string;
}

interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

const KINDS: Readonly<Record<string, string>> = {
  string: "text",
  integer: "whole number",
  boolean: "true or false",
  array: "list",
  object: "map",
};

/**
 * Every setting that a JSON Schema names, in its order: what `z.toJSONSchema` writes, without references. Alternatives
 * that name the same setting become one.
 */
export function knobsOf(schema: object): Knob[] {
  const knobs = new Map<string, Knob>();
  for (const knob of below(schema, "")) {
    const known = knobs.get(knob.path);
    knobs.set(knob.path, known === undefined ? knob : merged(known, knob));
  }
  return [...knobs.values()];
}

function merged(one: Knob, other: Knob): Knob {
  return {
    ...one,
    type: union([one.type, other.type], " or "),
    required: one.required && other.required,
    description: union([one.description, other.description], " "),
  };
}

function union(texts: readonly string[], separator: string): string {
  return [...new Set(texts)].filter((text) => text !== "").join(separator);
}

function below(schema: Schema, path: string): Knob[] {
  const own = Object.entries(schema.properties ?? {}).flatMap(([name, each]) => {
    const here = path === "" ? name : `${path}.${name}`;
    const required = (schema.required ?? []).includes(name) && each.default === undefined;
    return [knobOf(each, here, required), ...below(each, here)];
  });
  const { additionalProperties: named, items } = schema;
  return [
    ...own,
    ...(typeof named === "object" ? below(named, `${path}.*`) : []),
    ...(items === undefined ? [] : below(items, `${path}[]`)),
    ...alternatives(schema).flatMap((each) => below(each, path)),
  ];
}

function knobOf(schema: Schema, path: string, required: boolean): Knob {
  return {
    path,
    type: typeOf(schema),
    required,
    ...(schema.default !== undefined && { default: JSON.stringify(schema.default) }),
    description: schema.description ?? "",
  };
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((each) => JSON.stringify(each)).join(" or ");
  const branches = alternatives(schema);
  if (branches.length > 0) return union(branches.map(typeOf), " or ");
  if (schema.type === "array") return `list of ${typeOf(schema.items ?? {})}`;
  return KINDS[schema.type ?? ""] ?? schema.type ?? "anything";
}

function alternatives({ anyOf, oneOf }: Schema): readonly Schema[] {
  return [...(anyOf ?? []), ...(oneOf ?? [])];
}
