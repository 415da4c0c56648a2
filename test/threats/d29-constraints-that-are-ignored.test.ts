import { describe, expect, it } from "vitest";

import { policyJsonSchema } from "../../src/policy/index.ts";
import { CEL_ROWS } from "./d29/cel-rows.ts";
import { PROMOTABLE_ROWS } from "./d29/promotable-rows.ts";
import { differences, edited, type Row } from "./d29/row.ts";
import { RULE_ROWS } from "./d29/rule-rows.ts";
import { SBOM_ROWS } from "./d29/sbom-rows.ts";
import { TRUST_ROWS } from "./d29/trust-rows.ts";
import { VULNERABILITY_ROWS } from "./d29/vulnerability-rows.ts";
import { WAIVER_ROWS } from "./d29/waiver-rows.ts";
import { BASE, verdict } from "./d29/world.ts";

const ROWS: readonly Row[] = [
  ...TRUST_ROWS,
  ...RULE_ROWS,
  ...SBOM_ROWS,
  ...VULNERABILITY_ROWS,
  ...PROMOTABLE_ROWS,
  ...CEL_ROWS,
  ...WAIVER_ROWS,
];

/** Every knob of the schema: `[]` for elements, `*` for names, the kind in brackets where there are several. */
function knobs(schema: unknown, path: string): string[] {
  const { type, properties, additionalProperties, items, anyOf, oneOf } = schema as Schema;
  const branches = anyOf ?? oneOf;
  if (branches !== undefined) return branches.flatMap((each) => knobs(each, path + kindOf(each)));
  if (type === "array") return knobs(items, `${path}[]`);
  if (type !== "object") return [path];
  const named = Object.entries(properties ?? {}).flatMap(([name, each]) =>
    name === "source" ? ["trustRoots.*.source"] : knobs(each, path === "" ? name : `${path}.${name}`),
  );
  const free = typeof additionalProperties === "object" ? knobs(additionalProperties, `${path}.*`) : [];
  return [...named, ...free];
}

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly additionalProperties?: unknown;
  readonly items?: unknown;
  readonly anyOf?: readonly unknown[];
  readonly oneOf?: readonly unknown[];
}

function kindOf(branch: unknown): string {
  const kind = ((branch as Schema).properties?.["source"] as { const?: string } | undefined)?.const;
  return kind === undefined ? "" : `(${kind})`;
}

describe("D29 every constraint that a policy can state changes a verdict on its own", () => {
  it("passes what the base policy asks for", () => {
    expect(verdict(BASE)).toBe("");
  });

  it("has a row for every knob of the schema, and none for what is no knob", () => {
    const all = new Set(knobs(policyJsonSchema(), "").filter((knob) => knob !== "apiVersion"));
    expect([...all].filter((knob) => !ROWS.some((row) => row.knob === knob))).toEqual([]);
    expect(ROWS.filter(({ knob }) => !all.has(knob)).map(({ knob }) => knob)).toEqual([]);
    expect(all.size).toBeGreaterThan(100);
  });

  it.each(ROWS)("$knob", (row) => {
    const given = (row.given ?? []).reduce(edited, BASE);
    const [before, after] = row.flip.map((value) => edited(given, [row.at, value]));
    expect(differences(before, after)).toEqual([row.at]);
    const verdicts = [verdict(before!, row), verdict(after!, row)];
    expect(verdicts[0]).not.toBe(verdicts[1]);
    const passes = verdicts.filter((each) => each === "" || each === "unmatched 0");
    expect(passes).toHaveLength(row.isWording ? 0 : 1);
  });
});
