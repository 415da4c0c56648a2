import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { policyEdit, type PolicyEdit } from "./policy-edit.ts";
import { parsePolicy } from "./policy.ts";
import { policyWeakenings } from "./weakenings.ts";

const KEYLESS = { trustRoot: "main", issuer: "https://issuer.test", identity: "https://a.test/w" };
const RULE = {
  name: "app",
  images: ["ghcr.io/acme/**"],
  namespaces: ["shop", "bank"],
  require: { signature: { anyOf: ["a", "b"] } },
};
const BASE = {
  trustRoots: { main: { source: "publicGood" } },
  authorities: { a: { keyless: KEYLESS }, b: { keyless: { ...KEYLESS, identity: "https://b.test/w" } } },
  rules: [RULE],
};
type Rule = Readonly<Record<string, unknown>>;

const withRule = (change: Rule) => ({ ...BASE, rules: [{ ...RULE, ...change }] });

function edit(before: object, after: object): PolicyEdit {
  const texts = [before, after].map((each) => JSON.stringify(each, undefined, 2)) as [string, string];
  for (const text of texts) {
    const parsed = parsePolicy(text);
    expect(parsed.ok ? [] : parsed.problems).toEqual([]);
  }
  const read = policyEdit(...texts);
  if (!read.ok) throw new Error("the policies are YAML");
  return read.value;
}

/** `weaker weaker-images`, and so on. */
const kinds = (before: object, after: object) =>
  edit(before, after).changes.map(({ kind, rule }) => `${kind} ${rule}`);

const EDITS: readonly (readonly [
  name: string,
  before: object,
  after: object,
  forth: string[],
  back: string[],
])[] = [
  [
    "unmatched: allow",
    BASE,
    { ...BASE, unmatched: "allow" },
    ["weaker weaker-unmatched"],
    ["stricter stricter-unmatched"],
  ],
  [
    "one authority more",
    withRule({ require: { signature: { anyOf: ["a"] } } }),
    BASE,
    ["weaker weaker-requirement"],
    ["stricter stricter-requirement"],
  ],
  [
    "another authority",
    withRule({ require: { signature: { anyOf: ["a"] } } }),
    withRule({ require: { signature: { anyOf: ["b"] } } }),
    ["other weaker-requirement"],
    ["other weaker-requirement"],
  ],
  [
    "a name that means another signer",
    BASE,
    {
      ...BASE,
      authorities: { ...BASE.authorities, a: { keyless: { ...KEYLESS, identity: "https://c.test/w" } } },
    },
    ["other weaker-trust"],
    ["other weaker-trust"],
  ],
  [
    "a gate less",
    withRule({ require: { ...RULE.require, reference: { pinned: true } } }),
    withRule({ require: { reference: { pinned: true } } }),
    ["weaker weaker-requirement"],
    ["stricter stricter-requirement"],
  ],
  [
    "fewer namespaces",
    BASE,
    withRule({ namespaces: ["shop"] }),
    ["weaker weaker-namespaces", "stricter stricter-coverage"],
    ["weaker weaker-coverage", "stricter stricter-namespaces"],
  ],
  [
    "a rule less",
    { ...BASE, rules: [RULE, { ...RULE, name: "also" }] },
    BASE,
    ["weaker weaker-rule"],
    ["stricter stricter-rule"],
  ],
  [
    "rules in another order",
    { ...BASE, rules: [RULE, { ...RULE, name: "also" }] },
    { ...BASE, rules: [{ ...RULE, name: "also" }, RULE] },
    [],
    [],
  ],
];

describe("what an edit of a policy means", () => {
  it.each(EDITS)("%s", (...row) => {
    const [, before, after, forth, back] = row;
    expect([kinds(before, after), kinds(after, before)]).toEqual([forth, back]);
  });

  it("says which signers come, go and change", () => {
    const after = {
      ...BASE,
      authorities: { a: { keyless: { ...KEYLESS, identity: "https://z.test/w" } }, c: { keyless: KEYLESS } },
      rules: [{ ...RULE, require: { signature: { threshold: { count: 1, of: ["a", "c"] } } } }],
    };
    expect(edit(BASE, after).signers).toEqual([
      { change: "changed", authority: "a" },
      { change: "removed", authority: "b" },
      { change: "added", authority: "c" },
      { change: "added", authority: "c", rule: "app", gate: "signature" },
      { change: "removed", authority: "b", rule: "app", gate: "signature" },
    ]);
  });

  it("is nothing where only layout and order of keys differ", () => {
    const other = Object.fromEntries(Object.entries(BASE).toReversed());
    expect(edit(BASE, other)).toEqual({ isSame: true, changes: [], signers: [] });
  });

  it("has a place in the text that it is of", () => {
    const after = { ...BASE, unmatched: "allow" };
    const [change] = edit(BASE, after).changes;
    expect(JSON.stringify(after, undefined, 2).split("\n")[change!.line - 1]).toContain("unmatched");
    const [back] = edit(after, BASE).changes;
    expect([back!.text, JSON.stringify(after, undefined, 2).split("\n")[back!.line - 1]]).toEqual([
      "old",
      expect.stringContaining("unmatched"),
    ]);
  });

  it("never leaves out what the guard calls weaker, and nothing changes between a policy and itself", () => {
    const names = fc.uniqueArray(fc.constantFrom("a", "b"), { minLength: 1 });
    const rule = fc.record({
      name: fc.constantFrom("app", "also"),
      images: fc.uniqueArray(fc.constantFrom("ghcr.io/acme/**", "ghcr.io/other/*"), { minLength: 1 }),
      require: fc.record({ signature: fc.record({ anyOf: names }) }),
    });
    const policy = fc.record({
      trustRoots: fc.constant(BASE.trustRoots),
      authorities: fc.constant(BASE.authorities),
      rules: fc.uniqueArray(rule, { minLength: 1, maxLength: 2, selector: ({ name }) => name }),
      unmatched: fc.constantFrom("deny", "allow"),
    });
    fc.assert(
      fc.property(policy, policy, (before, after) => {
        const texts = [JSON.stringify(before), JSON.stringify(after)] as const;
        const changes = edit(before, after).changes.filter(({ kind }) => kind !== "stricter");
        expect(changes.map(({ message }) => message).toSorted()).toEqual(
          policyWeakenings(...texts)
            .map(({ message }) => message)
            .toSorted(),
        );
        expect(edit(before, before)).toEqual({ isSame: true, changes: [], signers: [] });
      }),
      { numRuns: 100 },
    );
  });
});
