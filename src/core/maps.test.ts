import { expect, it } from "vitest";

import { TextMap, ValueMap } from "./maps.ts";

it.each([
  [{}, true, true],
  [{ a: "b" }, true, true],
  [{ a: "b", c: 1 }, false, true],
  [[], false, false],
  [["a"], false, false],
  ["a", false, false],
  [null, false, false],
])("%j is a map of texts: %s, of values: %s", (value, ofTexts, ofValues) => {
  expect([TextMap.safeParse(value).success, ValueMap.safeParse(value).success]).toEqual([ofTexts, ofValues]);
});
