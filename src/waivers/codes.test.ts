import { describe, expect, it } from "vitest";

import { coded } from "./codes.ts";
import { waiversJsonSchema } from "./index.ts";

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** Fields whose own code the schema names, or whose lists nothing bounds. */
const NAMED = new Set(["image", "ttl", "created", "expires", "approvals[].at"]);

function fields(schema: Schema, path: string): string[] {
  const below = Object.entries(schema.properties ?? {}).flatMap(([name, each]) =>
    fields(each, path === "" ? name : `${path}.${name}`),
  );
  const items = schema.items === undefined ? [] : fields(schema.items, `${path}[]`);
  return [...(schema.properties === undefined ? [path] : []), ...below, ...items];
}

describe("coded", () => {
  it("has a code for every field of the schema", () => {
    const { properties } = waiversJsonSchema() as { properties: { waivers: { items: Schema } } };
    const all = fields(properties.waivers.items, "").filter((field) => !NAMED.has(field));
    expect(all.length).toBeGreaterThan(15);
    const codes = all.map((field) => {
      const path = `waivers[3].${field.replaceAll("[]", "[7]")}`;
      return coded({ line: 1, column: 1, path, rule: "invalid-value", message: "" }).rule;
    });
    expect(codes).not.toContain("invalid-value");
  });

  it("leaves other rules alone", () => {
    const problem = { line: 1, column: 1, path: "waivers[0].ttl", rule: "bad-duration", message: "" };
    expect(coded(problem)).toBe(problem);
  });
});
