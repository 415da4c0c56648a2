import { describe, expect, it } from "vitest";

import { mergedByGo } from "./merged-by-go.ts";

describe("mergedByGo", () => {
  it.each<[string, unknown, unknown, unknown]>([
    ["keeps what only the old object has", { a: 1 }, { b: 2 }, { a: 1, b: 2 }],
    ["replaces a value", { a: 1 }, { a: 2 }, { a: 2 }],
    ["merges maps", { a: { b: 1 } }, { a: { c: 2 } }, { a: { b: 1, c: 2 } }],
    ["replaces lists as a whole", { a: [1, 2] }, { a: [3] }, { a: [3] }],
    ["replaces a list by a map", { a: [1] }, { a: { b: 1 } }, { a: { b: 1 } }],
    ["keeps a value in the place of an empty text", { a: "x" }, { a: "" }, { a: "x" }],
    ["keeps a value in the place of false", { a: true }, { a: false }, { a: true }],
    ["keeps a value in the place of 0", { a: 1 }, { a: 0 }, { a: 1 }],
    ["keeps a value in the place of null", { a: 1 }, { a: null }, { a: 1 }],
    ["keeps a list in the place of an empty one", { a: [1] }, { a: [] }, { a: [1] }],
    ["keeps a map in the place of nothing", { a: { b: 1 } }, {}, { a: { b: 1 } }],
    ["gives an empty value where there was none", { a: 1 }, { b: "" }, { a: 1, b: "" }],
    [
      "takes no property of every object for the old one's",
      { a: 1 },
      { toString: null },
      { a: 1, toString: null },
    ],
  ])("%s", (_, before, after, merged) => {
    expect(mergedByGo(before, after)).toEqual(merged);
  });
});
