import { describe, expect, it } from "vitest";

import { expandedSize } from "./pattern-size.ts";

describe("expandedSize", () => {
  it.each([
    ["^abc$", 3],
    ["a|b*", 2],
    ["a{3}", 3],
    ["a{2,5}", 5],
    ["a{4,}", 4],
    ["a{0}", 1],
    ["ab{3}", 4],
    ["(ab){3}c", 7],
    ["(?:a(?P<x>b{2}){2}){10}", 50],
    ["[a-z{9}]{2}", 2],
    ["[]a]{2}", 2],
    ["[^]a]{2}", 2],
    ["[[:alpha:]\\]]{2}", 2],
    ["\\{9}", 3],
    ["\\Qa{9}\\E", 8],
    ["\\Q[\\Ea{9}]", 15],
    ["\\pL{2}", 42],
    ["[\\pL\\p{Nd}]{2}", 82],
    ["((a", 1],
    ["a)){3}", 3],
    ["{3}", 0],
  ])("of %s is %d", (expression, size) => {
    expect(expandedSize(expression)).toBe(size);
  });
});
