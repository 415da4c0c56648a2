import { describe, expect, it } from "vitest";

import { conditionsExpression } from "./conditions.ts";

const all = (key: unknown, operator: string, value: unknown): unknown[] => [
  { all: [{ key, operator, value }] },
];

function is(name: string): unknown {
  return { key: `{{ ${name} }}`, operator: "Equals", value: "x" };
}

describe("conditionsExpression", () => {
  it.each([
    ["{{ builder.id }}", "Equals", "x", 'predicate["builder"]["id"] == "x"'],
    ["{{builder.id}}", "NotEquals", "x", '!(predicate["builder"]["id"] == "x")'],
    ["{{ builder.id }}", "Equals", "https://a/*", 'predicate["builder"]["id"].matches("^https://a/.*$")'],
    ['{{ a."b c"[0] }}', "Equals", true, 'predicate["a"]["b c"][0] == true'],
    ["{{ n }}", "GreaterThan", 3, 'predicate["n"] > 3.0'],
    ["{{ n }}", "AnyIn", ["a", "b"], '(predicate["n"] == "a" || predicate["n"] == "b")'],
    ["{{ regex_match('^a$', '{{ n }}') }}", "Equals", true, 'predicate["n"].matches("^a$")'],
    ["{{ regex_match('^a$', n) }}", "Equals", "true", 'predicate["n"].matches("^a$")'],
  ])("reads %s %s %j", (key, operator, value, expression) => {
    expect(conditionsExpression(all(key, operator, value))).toBe(expression);
  });

  it("joins all by and, any by or, and groups by and", () => {
    expect(
      conditionsExpression([{ all: [is("a"), is("b")], any: [is("c"), is("d")] }, { any: [is("e")] }]),
    ).toBe(
      'predicate["a"] == "x" && predicate["b"] == "x" && (predicate["c"] == "x" || predicate["d"] == "x") && (predicate["e"] == "x")',
    );
  });

  it.each([
    ["{{ request.object.metadata.name }}", "Equals", "x"],
    ["{{ images.containers }}", "Equals", "x"],
    ["{{ time_since('', '{{ metadata.scanFinishedOn }}', '') }}", "LessThanOrEquals", "168h"],
    ["{{ a }}", "LessThan", "3"],
    ["{{ a }}", "Equals", "{{ b }}"],
    ["{{ a }}-{{ b }}", "Equals", "x"],
    ["{{ a[?b] }}", "Equals", "x"],
    ["{{ length(a) }}", "GreaterThan", 0],
    ["{{ regex_match('^a$', '{{ n }}') }}", "Equals", false],
    ["{{ regex_match('^a$', '{{ n }}') }}", "NotEquals", true],
    ["{{ a }}", "AllNotIn", ["x"]],
    ["{{ a }}", "AnyIn", []],
    ["plain", "Equals", "plain"],
    [true, "Equals", true],
  ])("does not guess at %j %s %j", (key, operator, value) => {
    expect(conditionsExpression(all(key, operator, value))).toBeUndefined();
  });

  it("gives nothing where any part is not understood, or there is none", () => {
    expect(conditionsExpression([])).toBeUndefined();
    expect(conditionsExpression([{}])).toBeUndefined();
    expect(conditionsExpression([...all("{{ a }}", "Equals", "x"), { none: [] }])).toBeUndefined();
  });
});
