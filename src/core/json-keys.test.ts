import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { hasRepeatedKeys } from "./json-keys.ts";
import { parseJson } from "./json.ts";

describe("hasRepeatedKeys", () => {
  it.each([
    ['{"a":1,"a":2}', true],
    ['{"a":1,"\\u0061":2}', true],
    ['{"b":[{"a":{"c":1,"c":1}}]}', true],
    ['{"__proto__":1,"__proto__":2}', true],
    ['{"a":1,"b":{"a":2}}', false],
    ['{"a":"\\"a\\":1,","b":"{\\"a\\":1}"}', false],
    ['["a","a"]', false],
    ['{ "a" : "a" , "b"\n:\t"b" }', false],
    ["{}", false],
  ])("of %s is %s", (text, expected) => {
    expect(hasRepeatedKeys(text, parseJson(text))).toBe(expected);
  });

  it("is false of whatever JSON.stringify writes, with and without spaces", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, space) => {
        const text = JSON.stringify(value, undefined, space);
        expect(hasRepeatedKeys(text, parseJson(text))).toBe(false);
      }),
    );
  });
});
