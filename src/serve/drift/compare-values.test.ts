import { describe, expect, it } from "vitest";

import { compareValues } from "./compare-values.ts";

function found(inFile: unknown, inForce: unknown) {
  return [...compareValues(inFile, inForce)].map((each) => [each.path.join("."), each.inFile, each.inForce]);
}

describe("comparing a file with what is in force", () => {
  it.each<[string, unknown, unknown, unknown[]]>([
    ["the same in another order", { a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, []],
    ["another value", { a: { b: 1 } }, { a: { b: 2 } }, [["a.b", 1, 2]]],
    ["a key in the file alone", { a: 1, b: 2 }, { a: 1 }, [["b", 2, undefined]]],
    ["a key in force alone", { a: 1 }, { a: 1, b: 2 }, [["b", undefined, 2]]],
    ["entries by id in another order", [{ id: "a" }, { id: "b" }], [{ id: "b" }, { id: "a" }], []],
    [
      "an entry by id that changed",
      [{ id: "a", x: 1 }, { id: "b" }],
      [{ id: "b" }, { id: "a", x: 2 }],
      [["0.x", 1, 2]],
    ],
    [
      "an entry by name in force alone",
      [{ name: "a" }],
      [{ name: "a" }, { name: "b" }],
      [["", undefined, { name: "b" }]],
    ],
    ["an entry in the file alone", [{ name: "a" }], [], [["0", { name: "a" }, undefined]]],
    [
      "plain entries in another order",
      ["a", "b"],
      ["b", "a"],
      [
        ["0", "a", "b"],
        ["1", "b", "a"],
      ],
    ],
    [
      "ids that are there twice, by place",
      [{ id: "a" }, { id: "a" }],
      [{ id: "a" }],
      [["1", { id: "a" }, undefined]],
    ],
    ["a list instead of a map", { a: [] }, { a: {} }, [["a", [], {}]]],
    ["null instead of nothing", { a: null }, {}, [["a", null, undefined]]],
  ])("%s", (_, inFile, inForce, differences) => {
    expect(found(inFile, inForce)).toEqual(differences);
  });
});
