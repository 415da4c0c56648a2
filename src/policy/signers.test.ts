import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { aSignature, aSigner } from "../../test/support/policies.ts";
import { digestOf, type Signer } from "../core/index.ts";
import type { Authority } from "./authorities.ts";
import { parsePolicy } from "./policy.ts";
import { distinctSigners, isOneComposition, principalId, signerId, signersOf } from "./signers.ts";

/** An authority that accepts these identities. */
function accepting(...identities: readonly string[]): Authority {
  const miss = { nearness: 0, clause: "" };
  return {
    name: "a",
    standsFor: "a",
    mismatch: ({ signer }) =>
      signer.kind === "keyless" && identities.includes(signer.identity) ? undefined : miss,
  };
}

function counted(authorities: readonly Authority[], ...identities: readonly string[]): number {
  const proofs = identities.map((identity) => aSignature({ signer: aSigner({ identity }) }));
  return distinctSigners(authorities, proofs, []);
}

/** The most authorities that distinct signers can stand for, by trying every choice. */
function byTrying(wanted: readonly (readonly string[])[], taken: readonly string[] = []): number {
  const [first, ...rest] = wanted;
  if (first === undefined) return 0;
  const free = first.filter((identity) => !taken.includes(identity));
  const taking = free.map((identity) => 1 + byTrying(rest, [...taken, identity]));
  return Math.max(byTrying(rest, taken), ...taking);
}

describe("distinctSigners", () => {
  it.each<[string, number, readonly Authority[], readonly string[]]>([
    ["nobody signed", 0, [accepting("x")], []],
    ["somebody else signed", 0, [accepting("x")], ["y"]],
    ["one signed for one", 1, [accepting("x")], ["x"]],
    ["one signed twice", 1, [accepting("x"), accepting("y")], ["x", "x"]],
    ["one signer whom two authorities accept", 1, [accepting("x"), accepting("x")], ["x"]],
    ["two signers whom two authorities accept", 2, [accepting("x", "y"), accepting("x", "y")], ["x", "y"]],
    ["two signers of one authority", 1, [accepting("x", "y")], ["x", "y"]],
    ["two of three", 2, [accepting("x"), accepting("y"), accepting("z")], ["z", "x"]],
    ["one who must make way for another", 2, [accepting("x", "y"), accepting("x")], ["x", "y"]],
    [
      "a chain of those",
      4,
      [accepting("a", "b"), accepting("b", "c"), accepting("c", "d"), accepting("a")],
      ["a", "b", "c", "d"],
    ],
  ])("where %s: %i", (_, expected, authorities, identities) => {
    expect(counted(authorities, ...identities)).toBe(expected);
    expect(counted(authorities.toReversed(), ...identities.toReversed())).toBe(expected);
  });

  it("counts as many as can be found by trying, whoever signed and whoever is accepted", () => {
    const identity = fc.constantFrom("a", "b", "c", "d", "e");
    const wanted = fc.array(fc.uniqueArray(identity, { maxLength: 4 }), { maxLength: 5 });
    fc.assert(
      fc.property(wanted, fc.array(identity, { maxLength: 7 }), (each, signed) => {
        const left = each.map((identities) => identities.filter((one) => signed.includes(one)));
        expect(
          counted(
            each.map((identities) => accepting(...identities)),
            ...signed,
          ),
        ).toBe(byTrying(left));
      }),
      { numRuns: 1000 },
    );
  });

  it("never counts more than there are signers, and never fewer for one signature more", () => {
    const identity = fc.constantFrom("a", "b", "c", "d");
    const authorities = fc.array(fc.uniqueArray(identity), { maxLength: 5 });
    fc.assert(
      fc.property(authorities, fc.array(identity, { maxLength: 5 }), identity, (each, signed, more) => {
        const known = each.map((identities) => accepting(...identities));
        const [before, after] = [counted(known, ...signed), counted(known, ...signed, more)];
        expect(before).toBeLessThanOrEqual(new Set(signed).size);
        expect([before, before + 1]).toContain(after);
      }),
    );
  });
});

describe("signerId", () => {
  const key: Signer = { kind: "key", fingerprint: digestOf("a key") };

  it.each<[string, Signer, Signer, boolean]>([
    ["another run of the same workflow", aSigner(), aSigner({ claims: { runInvocationURI: "2" } }), true],
    ["the same identity under another trust root", aSigner(), aSigner({ trustRoot: "other" }), true],
    ["another identity", aSigner(), aSigner({ identity: "x" }), false],
    ["another issuer", aSigner(), aSigner({ issuer: "https://other.test" }), false],
    ["a key", aSigner(), key, false],
    ["the same key", key, { ...key }, true],
    ["another key", key, { kind: "key", fingerprint: digestOf("other") }, false],
    [
      "an identity that runs into the issuer",
      aSigner({ issuer: "a", identity: 'b","c' }),
      aSigner({ issuer: 'a","b', identity: "c" }),
      false,
    ],
  ])("of %s", (_, a, b, isSame) => {
    expect(signerId(a) === signerId(b)).toBe(isSame);
  });
});

describe("who stands behind a signer", () => {
  const GITHUB = "https://github.com/acme/app/.github/workflows/release.yml";

  it.each<[string, string, string, boolean]>([
    ["a workflow at two refs", `${GITHUB}@refs/heads/main`, `${GITHUB}@refs/tags/v1`, true],
    ["a workflow at a ref and a commit", `${GITHUB}@refs/heads/main`, `${GITHUB}@${"a".repeat(40)}`, true],
    ["a ref that holds an at sign", `${GITHUB}@refs/heads/a@b`, `${GITHUB}@refs/heads/a@c`, true],
    ["another case", `${GITHUB}@refs/heads/main`, `${GITHUB.replace("acme", "Acme")}@refs/heads/main`, true],
    [
      "a workflow of GitLab at two refs",
      "https://gitlab.com/a/b//.gitlab-ci.yml@refs/heads/x",
      "https://gitlab.com/a/b//.gitlab-ci.yml@refs/tags/y",
      true,
    ],
    [
      "two workflows",
      `${GITHUB}@refs/heads/main`,
      `${GITHUB.replace("release", "scan")}@refs/heads/main`,
      false,
    ],
    [
      "two repositories",
      `${GITHUB}@refs/heads/main`,
      `${GITHUB.replace("app", "lib")}@refs/heads/main`,
      false,
    ],
    ["two people of one domain", "ana@acme.test", "mia@acme.test", false],
    ["one person at two domains", "ana@acme.test", "ana@other.test", false],
    [
      "two accounts of a cluster",
      "https://kubernetes.io/namespaces/a/serviceaccounts/x",
      "https://kubernetes.io/namespaces/b/serviceaccounts/x",
      false,
    ],
    ["two users at one host", "https://ana@acme.test/x", "https://mia@acme.test/x", false],
    ["two of SPIFFE", "spiffe://acme.test/a", "spiffe://acme.test/b", false],
  ])("%s: one where it may be one", (_, one, other, isOne) => {
    const [a, b] = [one, other].map((identity) => aSigner({ identity }));
    expect(principalId(a!) === principalId(b!)).toBe(isOne);
    const [some] = [accepting(one, other)];
    expect(counted([some, some], one, other)).toBe(isOne ? 1 : 2);
  });

  it("is another under another issuer, and a key is one under any name", () => {
    expect(principalId(aSigner({ issuer: "https://a.test" }))).not.toBe(
      principalId(aSigner({ issuer: "https://b.test" })),
    );
    const key: Signer = { kind: "key", fingerprint: digestOf("a key") };
    expect(principalId({ ...key })).toBe(principalId(key));
  });
});

describe("a composition", () => {
  it("is exactly one of three", () => {
    const [anyOf, allOf, threshold] = [["a"], ["a"], { count: 1, of: ["a"] }];
    expect([{ anyOf }, { allOf }, { threshold }].map(isOneComposition)).toEqual([true, true, true]);
    expect(
      [{}, { anyOf, allOf }, { anyOf, threshold }, { anyOf, allOf, threshold }].some(isOneComposition),
    ).toBe(false);
  });

  it.each([
    [{ anyOf: ["a", "b"] }, { names: ["a", "b"], path: ["anyOf"], least: 1 }],
    [{ allOf: ["a", "b"] }, { names: ["a", "b"], path: ["allOf"], least: 2 }],
    [
      { threshold: { count: 2, of: ["a", "b", "c"] } },
      { names: ["a", "b", "c"], path: ["threshold", "of"], least: 2 },
    ],
  ])("%j asks for %j", (composition, asked) => {
    expect(signersOf(composition)).toEqual(asked);
  });

  it.each([
    ["one-of", ""],
    ["one-of", "anyOf: [a], allOf: [a]"],
    ["one-of", "anyOf: [a], threshold: { count: 1, of: [a] }"],
    ["invalid-value", "anyOf: []"],
    ["invalid-value", "allOf: []"],
    ["invalid-value", "threshold: { count: 1, of: [] }"],
    ["invalid-value", "threshold: { count: 0, of: [a] }"],
    ["invalid-value", "threshold: { count: -1, of: [a] }"],
    ["threshold-too-large", "threshold: { count: 3, of: [a, b] }"],
    ["duplicate-authority", "anyOf: [a, a]"],
    ["duplicate-authority", "allOf: [a, a]"],
    ["duplicate-authority", "threshold: { count: 2, of: [a, b, a] }"],
    ["unknown-authority", "allOf: [a, c]"],
    ["unknown-authority", "threshold: { count: 1, of: [a, c] }"],
    ["missing-key", "threshold: { of: [a] }"],
    ["unknown-key", "threshold: { count: 1, of: [a], most: 2 }"],
  ])("is refused by the rule %s in every gate: %s", (rule, composition) => {
    const key = "{ key: { secret: { name: s, key: k }, transparencyLogNotRequiredUnsafe: true } }";
    const other = composition === "" ? "" : `, ${composition}`;
    const requirements = [
      `signature: { dockerReference: ignore${other} }`,
      `provenance: { maxAge: 1d${other} }`,
      `sbom: { minComponents: 1${other} }`,
      `vulnerability: { unknown: block${other} }`,
      `vulnerability: { anyOf: [a], vex: {${composition}} }`,
      `promotable: { verifiers: [v]${other} }`,
      `cel: [{ predicateType: t, expression: predicate.ok, message: m${other} }]`,
    ];
    const rules = requirements.map((require) => {
      const text = `authorities: { a: ${key}, b: ${key} }\nrules: [{ name: r, images: [a.b/c], require: { ${require} } }]`;
      const parsed = parsePolicy(text);
      return parsed.ok ? [] : parsed.problems.map((problem) => problem.rule);
    });
    expect(rules.map((each) => each.includes(rule))).toEqual(requirements.map(() => true));
  });
});
