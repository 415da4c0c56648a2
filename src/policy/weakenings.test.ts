import { describe, expect, it } from "vitest";

import { parsePolicy } from "./policy.ts";
import { policyWeakenings } from "./weakenings.ts";

const KEYLESS = { trustRoot: "main", issuer: "https://issuer.test", identity: "https://a.test/w" };
const BASE = {
  trustRoots: { main: { source: "publicGood" } },
  authorities: { a: { keyless: KEYLESS }, b: { keyless: { ...KEYLESS, identity: "https://b.test/w" } } },
  rules: [
    {
      name: "app",
      images: ["ghcr.io/acme/**"],
      namespaces: ["shop", "bank"],
      require: { signature: { anyOf: ["a", "b"] }, provenance: { anyOf: ["a"], maxAge: "7d" } },
    },
  ],
};
type Rule = (typeof BASE.rules)[number];

function withRule(change: (rule: Rule) => object): object {
  return { ...BASE, rules: [change(BASE.rules[0]!)] };
}

function rulesBroken(before: object, after: object): string[] {
  const texts = [JSON.stringify(before, undefined, 2), JSON.stringify(after, undefined, 2)] as const;
  for (const text of texts) {
    const parsed = parsePolicy(text);
    expect(parsed.ok ? [] : parsed.problems).toEqual([]);
  }
  return policyWeakenings(...texts).map(({ rule }) => rule);
}

describe("an edit of the policy that is plainly as strict", () => {
  it.each<[string, object]>([
    ["the same", BASE],
    ["other keys first", Object.fromEntries(Object.entries(BASE).toReversed())],
    [
      "fewer authorities to choose from",
      withRule((rule) => ({ ...rule, require: { ...rule.require, signature: { anyOf: ["b"] } } })),
    ],
    [
      "one more gate",
      withRule((rule) => ({ ...rule, require: { ...rule.require, reference: { pinned: true } } })),
    ],
    [
      "checkpoints refused",
      withRule((rule) => ({
        ...rule,
        require: { ...rule.require, reference: { pinned: true, checkpoints: "refused" } },
      })),
    ],
    [
      "a rule more for the same images",
      { ...BASE, rules: [...BASE.rules, { ...BASE.rules[0], name: "also" }] },
    ],
    [
      "an authority more that no rule names",
      { ...BASE, authorities: { ...BASE.authorities, c: { keyless: KEYLESS } } },
    ],
  ])("is no weakening: %s", (_, after) => {
    expect(rulesBroken(BASE, after)).toEqual([]);
  });

  const over = (reference: object | undefined) =>
    withRule(({ require, ...rule }) => ({ ...rule, require: { ...require, reference } }));
  const [said, refused, allowed] = [undefined, "refused", "allowed"].map((checkpoints) =>
    over({ pinned: true, ...(checkpoints !== undefined && { checkpoints }) }),
  );

  it.each([
    ["refused where known, then refused", said, refused],
    ["allowed, then refused where known", allowed, said],
    ["allowed, then refused", allowed, refused],
    ["allowed, in other words", allowed, allowed],
  ])("is no weakening for checkpoints: %s", (_, before, after) => {
    expect(rulesBroken(before!, after!)).toEqual([]);
  });

  it.each([
    ["refused, then refused where known", refused, said],
    ["refused where known, then allowed", said, allowed],
    ["refused, then allowed", refused, allowed],
    ["no gate of the reference, then allowed", BASE, allowed],
    ["refused, then no gate of the reference", refused, BASE],
  ])("is a weakening for checkpoints: %s", (_, before, after) => {
    expect(rulesBroken(before!, after!)).toEqual(["weaker-requirement"]);
  });

  it("asks whoever adds a rule that allows checkpoints", () => {
    const open = { ...BASE, unmatched: "allow" };
    const rule = {
      name: "more",
      images: ["quay.io/**"],
      require: { reference: { pinned: true, checkpoints: "allowed" } },
    };
    expect(rulesBroken(open, { ...open, rules: [...BASE.rules, rule] })).toEqual(["weaker-requirement"]);
  });

  it("may cover more images where what no rule covers passes anyway", () => {
    const open = { ...BASE, unmatched: "allow" };
    const more = {
      ...open,
      rules: [...BASE.rules, { ...BASE.rules[0], name: "more", images: ["quay.io/**"] }],
    };
    expect(rulesBroken(open, more)).toEqual([]);
  });
});

describe("an edit that may let more pass", () => {
  it.each<[string, object, string]>([
    ["what no rule covers passes", { ...BASE, unmatched: "allow" }, "weaker-unmatched"],
    [
      "an authority means somebody else",
      {
        ...BASE,
        authorities: { ...BASE.authorities, a: { keyless: { ...KEYLESS, identity: "https://c.test/w" } } },
      },
      "weaker-trust",
    ],
    [
      "a trust root is another",
      { ...BASE, trustRoots: { main: { source: "file", path: "/r.json" } } },
      "weaker-trust",
    ],
    ["a rule is gone", { ...BASE, rules: [{ ...BASE.rules[0], name: "other" }] }, "weaker-rule"],
    ["fewer images", withRule((rule) => ({ ...rule, images: ["ghcr.io/acme/app"] })), "weaker-images"],
    ["fewer namespaces", withRule((rule) => ({ ...rule, namespaces: ["shop"] })), "weaker-namespaces"],
    [
      "a gate is gone",
      withRule(({ require: { signature }, ...rule }) => ({ ...rule, require: { signature } })),
      "weaker-requirement",
    ],
    [
      "one more authority to choose from",
      withRule((rule) => ({
        ...rule,
        require: { ...rule.require, provenance: { anyOf: ["a", "b"], maxAge: "7d" } },
      })),
      "weaker-requirement",
    ],
    [
      "a setting is gone",
      withRule((rule) => ({ ...rule, require: { ...rule.require, provenance: { anyOf: ["a"] } } })),
      "weaker-requirement",
    ],
    [
      "images that no rule covered",
      { ...BASE, rules: [...BASE.rules, { ...BASE.rules[0], name: "more", images: ["quay.io/**"] }] },
      "weaker-coverage",
    ],
    [
      "namespaces in which no rule covered them",
      { ...BASE, rules: [...BASE.rules, { ...BASE.rules[0], name: "more", namespaces: ["**"] }] },
      "weaker-coverage",
    ],
  ])("is a weakening: %s", (_, after, rule) => {
    expect(rulesBroken(BASE, after)).toContain(rule);
  });

  const scanned = { anyOf: ["a", "b"], vex: { anyOf: ["a"] } };
  const promoted = { anyOf: ["a", "b"], verifiers: ["https://v.test"] };
  const check = { predicateType: "t", anyOf: ["a"], expression: "predicate.ok", message: "m" };

  it.each<[string, object, object]>([
    [
      "a signer of scans less, whose bad word counted",
      { vulnerability: scanned },
      { vulnerability: { ...scanned, anyOf: ["a"] } },
    ],
    [
      "a signer of VEX more",
      { vulnerability: scanned },
      { vulnerability: { ...scanned, vex: { anyOf: ["a", "b"] } } },
    ],
    [
      "VEX at all",
      { vulnerability: { anyOf: ["a"] } },
      { vulnerability: { anyOf: ["a"], vex: { anyOf: ["a"] } } },
    ],
    ["only what is fixed", { vulnerability: scanned }, { vulnerability: { ...scanned, onlyFixed: true } }],
    [
      "other severities",
      { vulnerability: scanned },
      { vulnerability: { ...scanned, blocked: ["critical"] } },
    ],
    [
      "a verifier's signer less, whose FAILED counted",
      { promotable: promoted },
      { promotable: { ...promoted, anyOf: ["b"] } },
    ],
    [
      "a verifier more",
      { promotable: promoted },
      { promotable: { ...promoted, verifiers: ["https://v.test", "v"] } },
    ],
    ["one signer instead of both", { sbom: { allOf: ["a", "b"] } }, { sbom: { anyOf: ["a"] } }],
    [
      "a lower threshold",
      { sbom: { threshold: { count: 2, of: ["a", "b"] } } },
      { sbom: { threshold: { count: 1, of: ["a", "b"] } } },
    ],
    ["fewer components", { sbom: { anyOf: ["a"], minComponents: 5 } }, { sbom: { anyOf: ["a"] } }],
    ["another expression", { cel: [check] }, { cel: [{ ...check, expression: "!predicate.ok" }] }],
    ["a check less", { cel: [check, { ...check, message: "n" }] }, { cel: [check] }],
  ])("is one in a requirement: %s", (_, before, after) => {
    const [old, now] = [before, after].map((require) => withRule((rule) => ({ ...rule, require })));
    expect(rulesBroken(old!, now!)).toEqual(["weaker-requirement"]);
  });

  it("is one more log for keys that must be logged, and no other trust root more", () => {
    const { trustRoots, authorities } = BASE;
    const more = { ...trustRoots, other: { source: "file", path: "/r.json" } };
    expect(rulesBroken(BASE, { ...BASE, trustRoots: more })).toEqual([]);
    const withKey = (transparencyLogNotRequiredUnsafe: boolean) => ({
      ...BASE,
      authorities: {
        ...authorities,
        k: { key: { secret: { name: "s", key: "k" }, transparencyLogNotRequiredUnsafe } },
      },
    });
    const [logged, unlogged] = [withKey(false), withKey(true)];
    expect(rulesBroken(logged, { ...logged, trustRoots: more })).toEqual(["weaker-trust"]);
    expect(rulesBroken(unlogged, { ...unlogged, trustRoots: more })).toEqual([]);
  });

  it.each<[string, object, readonly string[]]>([
    ["one that admits something", BASE, ["weaker-coverage"]],
    [
      "one that lets what no rule covers pass",
      { ...BASE, unmatched: "allow" },
      ["weaker-unmatched", "weaker-coverage"],
    ],
    ["one that refuses everything", { rules: [] }, []],
  ])("after a policy that is not known: %s", (_, after, rules) => {
    const text = JSON.stringify(after);
    expect(parsePolicy(text).ok).toBe(true);
    expect(policyWeakenings(undefined, text).map(({ rule }) => rule)).toEqual(rules);
  });

  it.each([
    ["before", "a: [", JSON.stringify(BASE)],
    ["after", JSON.stringify(BASE), "a: ["],
  ])("is told of a text that is no YAML: %s", (_, before, after) => {
    expect(policyWeakenings(before, after)).toMatchObject([{ rule: "yaml" }]);
  });

  it("is told with its line", () => {
    const after = JSON.stringify({ ...BASE, unmatched: "allow" }, undefined, 2);
    const [problem] = policyWeakenings(JSON.stringify(BASE), after);
    expect(after.split("\n")[problem!.line - 1]).toContain("unmatched");
  });
});
