import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compileGlob, parseImageRef, type Pattern } from "../core/index.ts";
import { type RuleQuery, indexScopes, outOfScope, type Scope } from "./scope.ts";

function glob(text: string): Pattern {
  const compiled = compileGlob(text);
  if (!compiled.ok) throw new Error(compiled.why);
  return compiled.pattern;
}

function asked(image: string, namespace = "shop"): RuleQuery {
  const parsed = parseImageRef(image);
  if (!parsed.ok) throw new Error(parsed.why);
  return { image: parsed.ref, namespace };
}

const scope = (images: readonly string[], namespaces?: readonly string[]): Scope => ({
  images: images.map(glob),
  namespaces: namespaces?.map(glob),
});

describe("indexScopes", () => {
  const rules = {
    narrow: scope(["r.test/acme/app"]),
    team: scope(["r.test/acme/*"]),
    twice: scope(["r.test/acme/**", "r.test/acme/a*"]),
    anyHost: scope(["*/acme/app"]),
    all: scope(["**"]),
    other: scope(["r.test/evil/*"]),
    longer: scope(["r.test/acme/app/and/more"]),
    here: scope(["**"], ["billing", "shop*"]),
    there: scope(["r.test/acme/app"], ["billing"]),
  };
  const find = indexScopes(Object.entries(rules).map(([name, each]) => ({ name, ...each })));
  const names = (...of: Parameters<typeof asked>): string[] => find(asked(...of)).map(({ name }) => name);

  it("finds every rule that covers an image, once and in order", () => {
    expect(names("r.test/acme/app:1")).toEqual(["narrow", "team", "twice", "anyHost", "all", "here"]);
    expect(names("r.test/acme/app:1", "billing")).toEqual([
      "narrow",
      "team",
      "twice",
      "anyHost",
      "all",
      "here",
      "there",
    ]);
    expect(names("elsewhere.test/x/y", "other")).toEqual(["all"]);
  });

  it("gives one list for the same rules, whatever the name, and another for others", () => {
    const [one, other] = ["elsewhere.test/x/y", "third.test/z"].map((image) => find(asked(image)));
    expect(one!.map(({ name }) => name)).toEqual(["all", "here"]);
    expect(other).toBe(one);
    expect(find(asked("elsewhere.test/x/y", "other"))).not.toBe(one);
  });

  it("keeps so many lists and no more, and finds the same without", () => {
    const many = Array.from({ length: 1001 }, (_, at) => scope([`r.test/acme/app${at}`]));
    const among = indexScopes(many);
    const lists = many.map((_, at) => among(asked(`r.test/acme/app${at}`)));
    expect(lists).toEqual(many.map((each) => [each]));
    const again = many.map((_, at) => among(asked(`r.test/acme/app${at}`)));
    expect(again).toEqual(lists);
    expect(again.filter((list, at) => list === lists[at])).toHaveLength(1000);
  });

  it("finds what asking every rule would find", () => {
    const part = fc.constantFrom("a", "ab", "b", "*", "**", "a*", "*b");
    const image = fc
      .constantFrom("a", "ab", "b", "abb")
      .chain((last) => fc.constantFrom(`a.b/${last}`, `ab.a/${last}`, `a.b/a/${last}`, `a.b/ab/b/${last}`));
    const host = fc.constantFrom("a.b", "ab.a", "*", "**", "a*");
    const pattern = fc
      .tuple(host, fc.array(part, { maxLength: 3 }))
      .map(([first, rest]) => [first, ...rest].join("/"));
    const namespaces = fc.option(fc.array(part, { minLength: 1, maxLength: 2 }), { nil: undefined });
    const rule = fc
      .tuple(fc.array(pattern, { minLength: 1, maxLength: 3 }), namespaces)
      .map((each) => scope(...each));
    fc.assert(
      fc.property(fc.array(rule, { maxLength: 8 }), image, part, (all, name, namespace) => {
        const question = asked(name, namespace);
        expect(indexScopes(all)(question)).toEqual(
          all.filter((each) => outOfScope(each, question) === undefined),
        );
      }),
      { numRuns: 500 },
    );
  });
});
