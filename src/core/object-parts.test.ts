import { describe, expect, it } from "vitest";

import { hasAtMost, withParts } from "./object-parts.ts";

describe("a value with some of its parts", () => {
  const value = {
    metadata: { name: "a", labels: { x: "1", y: "2" }, managedFields: [1] },
    spec: { deep: [1, { a: 2 }] },
  };

  it.each([
    ["a whole part", [["spec"]], { spec: value.spec }],
    [
      "parts of a part",
      [
        ["metadata", "name"],
        ["metadata", "labels", "y"],
      ],
      { metadata: { name: "a", labels: { y: "2" } } },
    ],
    ["a part and a part of it", [["metadata", "name"], ["metadata"]], { metadata: value.metadata }],
    [
      "what is absent stays absent",
      [
        ["data", "key"],
        ["metadata", "uid"],
      ],
      { metadata: {} },
    ],
    ["parts of each item of a list", [["spec", "deep", "*", "a"]], { spec: { deep: [1, { a: 2 }] } }],
    ["each item of a list", [["metadata", "managedFields", "*"]], { metadata: { managedFields: [1] } }],
    ["nothing", [], {}],
  ])("%s", (_, paths, expected) => {
    expect(withParts(value, paths)).toEqual(expected);
  });

  it.each([
    ["a text", "text", "text"],
    ["null", null, null],
    ["nothing", undefined, undefined],
    ["a list", [1, 2], []],
  ])("shows that there is %s where an object should be", (_, part, expected) => {
    expect(withParts(part, [["a"]])).toEqual(expected);
    expect(withParts({ a: part }, [["a", "b"]])).toEqual({ a: expected });
  });

  it("takes nothing of an object's prototype", () => {
    expect(withParts({}, [["constructor"], ["toString"]])).toEqual({});
  });
});

it.each([
  [4, true],
  [3, false],
])("of four values, at most %i: %s", (most, expected) => {
  expect(hasAtMost({ a: [1], b: "text" }, most)).toBe(expected);
});
