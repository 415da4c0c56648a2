import { parse } from "@bufbuild/cel";
import { describe, expect, it } from "vitest";

import { costOf, tooCostly } from "./cel-cost.ts";

/** What `lists` and `texts` of an expression's cost are. */
function cost(text: string): [number, number] {
  const { lists, texts } = costOf(parse(text));
  return [lists, texts];
}

describe("the cost of an expression", () => {
  it.each<[string, number, number]>([
    ["predicate.a == 'x'", 0, 0], // nothing is done for each value
    ["predicate.a.contains('x')", 0, 0],
    ["l.all(x, x == 1)", 0, 0],
    ["l.all(x, x == y)", 1, 2],
    ["l.all(x, x != y && x < z)", 2, 4],
    ["l.all(x, x.contains('b'))", 0, 1],
    ["l.all(x, x in ['a', 'b'])", 0, 1 + 1],
    ["l.all(x, x in ['a', y])", 1 + 1, 1 + 1 + 2],
    ["l.all(x, x in m)", 1, 2],
    ["l.all(x, x.matches('a'))", 0, 8 + 1 / 8],
    ["l.all(x, x.matches('a{30}'))", 0, 8 + 30 / 8],
    ["l.all(x, x.matches('(a{30}){20}'))", 0, 8 + 600 / 8],
    ["l.all(x, x.matches('(a{2,30}){,20}'))", 0, 8 + 600 / 8],
    ["l.all(x, x.matches('(a{300}){200}'))", 0, 8 + 1000 / 8],
    ["l.all(x, x.matches('a{0}b{7}'))", 0, 8 + 7 / 8],
    ["l.all(x, x.matches(y))", 0, 8 + 1000 / 8],
    ["l.all(x, x.matches(1))", 0, 8 + 1000 / 8],
    ["l.map(x, [x, x, x])", 2, 2 + 2],
    ["l.map(x, [1, 2, 3])", 0, 2],
    ["l.map(x, {'a': x, 'b': 1})", 1, 1 + 1],
    ["l.map(x, {'a' + y: x})", 1, 1 + 1],
    ["l.map(x, {'a': 1})", 0, 0],
    ["l.map(x, f(x))", 0, 1],
    ["l.map(x, x).map(y, y + y)", 1, 2],
    ["l.map(x, x + x).map(y, y + y)", 3, 8],
  ])("%s: lists %d, texts %d", (text, lists, texts) => {
    expect(cost(text)).toEqual([lists, texts]);
  });

  it("is too much past forty million steps, and not before", () => {
    const values = Array.from({ length: 1999 }, () => 1);
    expect(tooCostly(values, { lists: 10, texts: 0 })).toBeUndefined(); // 2,000 values, each at ten times 2,000
    expect(tooCostly(values, { lists: 10.001, texts: 0 })).toContain("too many steps");
    expect(tooCostly(values, { lists: 0, texts: 192 })).toBeUndefined(); // a call costs 100, and 4 for the key 1998
    expect(tooCostly([...values.slice(1), "12345678"], { lists: 0, texts: 192 })).toContain("too many steps");
  });
});
