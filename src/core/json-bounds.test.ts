import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type JsonBounds, jsonExcess } from "./json-bounds.ts";

describe("jsonExcess", () => {
  it.each<[string, JsonBounds, string | undefined]>([
    ["[[]]", { depth: 2 }, undefined],
    ["[[]]", { depth: 1 }, "nested deeper than 1"],
    ['{"[[[\\"[[":[]}', { depth: 2 }, undefined],
    ["[[],[],[]]", { depth: 2 }, undefined],
    ["[[", { depth: 1 }, "nested deeper than 1"],
    ["]][", { depth: 1 }, undefined],
    ['"[[[', { depth: 0 }, undefined],
    ['{"a,[":",,,[["}', { values: 2 }, undefined],
    ['{"a":1,"b":2}', { values: 3 }, undefined],
    ['{"a":1,"b":2}', { values: 2 }, "more than 2 values"],
    ["[[[]]]", { values: 3 }, "more than 3 values"],
    ['{"\\n":1,"b":"\\n"}', { escapedKeys: 1 }, undefined],
    ['{"\\n":1,"\\n" :1}', { escapedKeys: 1 }, "more than 1 keys written with escapes"],
    ['{"\\n":1,"\\n":1}', {}, undefined],
    ['{"a\\"', { escapedKeys: 0 }, undefined],
    ["", { depth: 0, values: 1, escapedKeys: 0 }, undefined],
  ])("%j with %j: %s", (text, bounds, excess) => {
    expect(jsonExcess(text, bounds)).toBe(excess);
  });

  it("counts at least the values that there are, and one for each bracket more", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        const text = JSON.stringify(value);
        const count = countOf(value);
        fc.pre(count > 1);
        expect(jsonExcess(text, { values: count * 2 })).toBeUndefined();
        expect(jsonExcess(text, { values: count - 1 })).toBe(`more than ${count - 1} values`);
      }),
    );
  });
});

function countOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 1;
  return Object.values(value).reduce<number>((sum, each) => sum + countOf(each), 1);
}
