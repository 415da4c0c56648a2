import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compileCel } from "./cel-expression.ts";

const INPUT = {
  predicateType: "t",
  digest: "sha256:0",
  repository: "ghcr.io/acme/app",
  signer: "s",
  issuer: "i",
};

/** Why an expression does not compile; nothing where it does. */
function problem(text: string): string | undefined {
  const compiled = compileCel(text);
  return compiled.ok ? undefined : compiled.why;
}

/** Why an expression is not true of a predicate. */
function refusal(text: string, predicate: unknown): string | undefined {
  const compiled = compileCel(text);
  if (!compiled.ok) throw new Error(compiled.why);
  return compiled.expression.refusal({ ...INPUT, predicate });
}

/** `part` so many times, with `by` between. */
function many(part: string, times: number, by: string): string {
  return Array.from({ length: times }, () => part).join(by);
}

/** A list of so many numbers, and a text. */
function wide(values: number, text = "x"): unknown {
  return { l: Array.from({ length: values }, (_, at) => at % 7), a: text };
}

describe("compileCel", () => {
  it.each([
    ["", /^line 1, column 1: /],
    ["predicate.", /^line 1, column /],
    ["predicate ==", /^line 1, column /],
    [
      "predicate.ok &&\n  image.ok",
      /^line 2, column 3: image is not a variable; there are predicate, predicateType/,
    ],
    ["predicate.all(x, y)", /y is not a variable/],
    ["x.all(x, x)", /^line 1, column 1: x is not a variable/],
    ["__proto__", /__proto__ is not a variable/],
    ["constructor", /constructor is not a variable/],
    ["fetch('https://evil.test')", /fetch is not a function/],
    ["predicate.toString()", /toString is not a function/],
    ["true", /it is a constant/],
    ["'text'", /it is a constant/],
    ["[1].all(y, [2].all(x, x == y))", /^line 1, column \d+: a macro inside a macro/],
    [many("[1].all(x, x == 1)", 9, " && "), /it contains more than 8 macros/],
    ["predicate == 'x'" + " ".repeat(2048), /it is longer than 2048 characters/],
    ["(".repeat(1000) + "predicate" + ")".repeat(1000), /./],
    ["[".repeat(1000) + "]".repeat(1000), /./],
    ["predicate\u0000", /./],
    ["[".repeat(25) + "predicate" + "]".repeat(25), /its brackets are nested deeper than 24/],
    ["predicate == " + "{'a': ".repeat(300), /its brackets are nested deeper than 24/],
    [")".repeat(30) + "[".repeat(25), /its brackets are nested deeper than 24/],
  ])("refuses %j", (text, why) => {
    expect(problem(text)).toMatch(why);
    expect(problem(text)?.length).toBeLessThanOrEqual(200);
  });

  it.each([
    many("[1].all(x, x == 1)", 8, " && "),
    "[[1].exists(x, x == 2)].all(x, x)",
    "predicate.a.b[0]['c'] == 1",
    "has(predicate.a) ? predicate.a : digest == 'x'",
    "{'a': predicate}.a == 1",
    "!".repeat(1900) + "predicate.ok",
    `predicate.a == '${"[".repeat(30)}\\'' && predicate.b != r"${"(".repeat(30)}\\"`,
    `predicate.a == '''${"[".repeat(30)}''' || predicate.b == """${"(".repeat(30)}"""`,
    "(".repeat(24) + "predicate.ok" + ")".repeat(24),
  ])("accepts %s", (text) => {
    expect(problem(text)).toBeUndefined();
  });

  it("never throws, whatever the text", () => {
    const parts = [
      "predicate",
      ".",
      "(",
      ")",
      "[",
      "]",
      "{",
      "}",
      "x",
      "all",
      ",",
      "1",
      "'a'",
      "&&",
      "!",
      "?",
      ":",
      "\n",
      "\\",
    ];
    const texts = fc.oneof(
      fc.string({ maxLength: 64 }),
      fc.array(fc.constantFrom(...parts), { maxLength: 24 }).map((each) => each.join(" ")),
    );
    fc.assert(
      fc.property(texts, fc.jsonValue(), (text, predicate) => {
        const compiled = compileCel(text);
        const why = compiled.ok ? compiled.expression.refusal({ ...INPUT, predicate }) : compiled.why;
        expect(["string", "undefined"]).toContain(typeof why);
      }),
      { numRuns: 500 },
    );
  });
});

describe("an expression", () => {
  it.each<[string, unknown]>([
    ["predicate.ok", { ok: true }],
    ["predicate.n == 1", { n: 1 }],
    ["predicate.n > 0.5 && predicate.n < 2", { n: 1 }],
    ["predicate.name == 'a' || predicate.missing", { name: "a" }],
    ["has(predicate.a) && !has(predicate.b)", { a: 1 }],
    ["predicate.l.exists(x, x.name == 'a')", { l: [{ name: "b" }, { name: "a" }] }],
    ["predicate.l.map(x, x.n).all(n, n > 0)", { l: [{ n: 1 }, { n: 2 }] }],
    ["timestamp(predicate.at) < timestamp('2027-01-01T00:00:00Z')", { at: "2026-01-01T00:00:00Z" }],
    ["predicate.id.matches('^[a-z]{3}$')", { id: "abc" }],
    ["repository.startsWith('ghcr.io/acme/') && issuer == 'i'", {}],
    ["!('evil' in predicate)", { good: 1 }],
    ["'a' in predicate.l", { l: ["a"] }],
  ])("is true: %s", (text, predicate) => {
    expect(refusal(text, predicate)).toBeUndefined();
  });

  it.each<[string, unknown, string]>([
    ["predicate.ok", { ok: false }, "it is false"],
    ["predicate.ok", { ok: "true" }, "its result is neither true nor false"],
    ["predicate.ok", { ok: 1 }, "its result is neither true nor false"],
    ["predicate.ok", { ok: null }, "its result is neither true nor false"],
    ["predicate.ok", {}, "it cannot be evaluated: field not found: ok"],
    ["!predicate.bad", {}, "it cannot be evaluated: field not found: bad"],
    ["predicate.l.all(x, x.ok)", { l: [{ ok: true }, {}] }, "it cannot be evaluated: field not found: ok"],
    ["predicate.l.all(x, x.ok)", { l: "text" }, "it cannot be evaluated"],
    ["predicate.l.all(x, x.ok)", {}, "it cannot be evaluated"],
    ["predicate.n / 0 == 1", { n: 1 }, "it cannot be evaluated"],
    ["predicate.constructor.name == 'Object'", {}, "it cannot be evaluated: field not found: constructor"],
    ["predicate.__proto__ == predicate", {}, "it cannot be evaluated: field not found: __proto__"],
    ["'toString' in predicate", {}, "it is false"],
    ["has(predicate.hasOwnProperty)", {}, "it is false"],
    ["predicate.id.matches('(')", { id: "x" }, "it cannot be evaluated"],
    ["predicate.n < 'a'", { n: 1 }, "it cannot be evaluated"],
  ])("is not: %s of %j", (text, predicate, why) => {
    expect(refusal(text, predicate)).toContain(why);
  });

  it("reads a predicate's own __proto__ as any other key", () => {
    const predicate: unknown = JSON.parse('{"__proto__": {"ok": true}}');
    expect(refusal("predicate['__proto__'].ok", predicate)).toBeUndefined();
    expect(refusal("predicate.ok", predicate)).toContain("field not found");
  });
});

describe("an expression that would take too long", () => {
  const TOO_MANY = "too many steps";

  it.each<[string, string, unknown]>([
    [
      "a long text searched for each value",
      "predicate.l.all(x, !predicate.a.contains('b'))",
      wide(3000, "a".repeat(50_000)),
    ],
    [
      "long texts joined for each value",
      `predicate.l.all(x, !(${many("predicate.a", 100, "+")}).contains("b"))`,
      wide(1000, "a".repeat(10_000)),
    ],
    [
      "lists searched several times",
      `predicate.l.all(x, ${many("x in predicate.l", 40, " && ")})`,
      wide(3900),
    ],
    [
      "values compared several times",
      `predicate.l.all(x, ${many("predicate == predicate", 40, " && ")})`,
      wide(3900),
    ],
    ["a list that doubles", `predicate.l${".map(y, y + y)".repeat(8)} == predicate.l`, wide(3900)],
    [
      "lists of lists of lists",
      `predicate.l.map(x, predicate.l).map(y, [${many("y", 100, ",")}]).map(y, [${many("y", 100, ",")}]) == predicate.l`,
      wide(1000),
    ],
    [
      "the same in maps",
      `predicate.l.map(x, predicate.l).map(y, {'a': y, 'b': y, 'c': [y, y, y]}).map(y, {'a': y, 'b': [y, y]}) == predicate.l`,
      wide(3900),
    ],
    [
      "lists compared with larger ones",
      "predicate.l.map(x, predicate.l + predicate.l).all(y, y == predicate.l)",
      wide(3900),
    ],
    ["large patterns", `predicate.l.all(x, ${many("!'a'.matches('(a?){1000}b')", 60, " && ")})`, wide(300)],
    [
      "nested repetitions",
      `predicate.l.all(x, ${many("!'a'.matches('((a?){30,}){2,30}b')", 50, " && ")})`,
      wide(300),
    ],
    [
      "patterns of the predicate's",
      `predicate.l.all(x, ${many("!'a'.matches(predicate.a)", 60, " && ")})`,
      wide(300),
    ],
    [
      "long names",
      "predicate.all(x, !x.contains('b'))",
      { l: Array.from({ length: 3900 }, () => 1), ["a".repeat(20_000)]: 1 },
    ],
  ])("is refused before it runs: %s", (_, text, predicate) => {
    expect(refusal(text, predicate)).toContain(TOO_MANY);
  });

  it("is refused for a predicate of more than 4,000 values", () => {
    expect(refusal("predicate.a == 'x'", wide(3997))).toBeUndefined();
    expect(refusal("predicate.a == 'x'", wide(3998))).toContain("more than 4000 values");
  });

  it("answers for a pattern that makes other engines hang", () => {
    expect(refusal("predicate.a.matches('^(a+)+$')", { a: `${"a".repeat(5000)}!` })).toBe("it is false");
    expect(refusal("predicate.a.matches(predicate.p)", { a: `${"a".repeat(5000)}!`, p: "^(a|aa)+$" })).toBe(
      "it is false",
    );
  });

  const packages = Array.from({ length: 1300 }, (_, at) => ({ name: `package-${at}`, version: "1.0.0" }));

  it.each([
    "predicate.l.all(x, x.name.matches('^package-[0-9]{1,4}$'))",
    "predicate.l.all(x, x.name != 'evil' && x.version == '1.0.0')",
    "!predicate.l.exists(x, x.name in ['log4j', 'xz', 'event-stream'])",
    "predicate.l.filter(x, x.name.startsWith('package-1')).all(x, x.version.contains('1.0'))",
    "predicate.l.map(x, x.name + '@' + x.version).exists(x, x == 'package-7@1.0.0')",
    "predicate.l.all(x, x.version == predicate.l[0].version)",
  ])("is not one that people write: %s of 1,300 packages", (text) => {
    expect(refusal(text, { l: packages })).toBeUndefined();
  });
});
