import { describe, expect, it } from "vitest";

import { count, list } from "./messages.ts";

describe("a list in a sentence", () => {
  it.each([
    [[], ""],
    [["a"], "a"],
    [["a", "b"], "a or b"],
    [["a", "b", "c"], "a, b or c"],
    [["a", "b", "c", "d"], "a, b, c or 1 more"],
    [["a", "b", "c", "d", "e"], "a, b, c or 2 more"],
  ])("of %j is %j", (items, text) => {
    expect(list(items)).toBe(text);
  });

  it("stays printable and short, whatever is in it", () => {
    expect(list(["a\n", "b".repeat(1000)])).toMatch(/^[\x20-\x7e]{100,420}$/);
  });
});

describe("a count", () => {
  it.each([
    [0, "0 signatures"],
    [1, "1 signature"],
    [2, "2 signatures"],
  ])("of %i is %j", (length, text) => {
    expect(count(Array.from({ length }), "signature")).toBe(text);
  });
});
