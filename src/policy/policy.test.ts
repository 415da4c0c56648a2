import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Problem } from "../core/index.ts";
import { GATES } from "./gates/index.ts";
import { parsePolicy, policyJsonSchema } from "./policy.ts";

const GOOD = `trustRoots:
  main: { source: publicGood }
authorities:
  release:
    keyless: { trustRoot: main, issuer: https://i.test, identity: https://s.test }
rules:
  - name: app
    images: [ghcr.io/acme/app]
    require:
      signature: { anyOf: [release] }
`;

function problems(text: string): readonly Problem[] {
  const parsed = parsePolicy(text);
  return parsed.ok ? [] : parsed.problems;
}

/** The good policy with one text in it replaced; throws where there is nothing to replace. */
function changed(from: string, to: string): string {
  if (!GOOD.includes(from)) throw new Error(`the good policy does not hold ${from}`);
  return GOOD.replace(from, () => to);
}

function rule(fields: string): string {
  return changed("    images: [ghcr.io/acme/app]", `    ${fields}`);
}

function authority(text: string): string {
  return changed(
    "    keyless: { trustRoot: main, issuer: https://i.test, identity: https://s.test }",
    `    ${text}`,
  );
}

function keyless(fields: string): string {
  return authority(`keyless: { trustRoot: main, ${fields} }`);
}

function signature(settings: string): string {
  return changed("signature: { anyOf: [release] }", settings);
}

describe("parsePolicy", () => {
  it("compiles a good policy, closed by default", () => {
    const parsed = parsePolicy(GOOD);
    expect(parsed).toMatchObject({
      ok: true,
      value: { unmatched: "deny", rules: [{ name: "app", require: [{ gate: "signature" }] }], keys: [] },
    });
    expect(parsed.ok && parsed.value.revision).toMatch(/^sha256:/);
    expect(parsed.ok && [...parsed.value.trustRoots]).toEqual([["main", { source: "publicGood" }]]);
  });

  it("gives another revision to another text", () => {
    const revisions = [GOOD, `${GOOD}# a comment\n`].map((text) => {
      const parsed = parsePolicy(text);
      return parsed.ok ? parsed.value.revision : "";
    });
    expect(new Set(revisions).size).toBe(2);
  });

  it.each<[string, string, string, number]>([
    ["a misspelt key", changed("rules:", "rule:"), "unknown-key", 6],
    ["a misspelt gate", signature("signatures: { anyOf: [release] }"), "unknown-key", 10],
    ["a misspelt setting", signature("signature: { anyof: [release] }"), "unknown-key", 10],
    ["an unknown claim", keyless("issuer: i, identity: s, claims: { repository: x }"), "unknown-key", 5],
    ["no rules", "trustRoots: {}\n", "missing-key", 1],
    ["an empty rule", signature("{}"), "empty-rule", 10],
    [
      "no requirement",
      changed("    require:\n      signature: { anyOf: [release] }\n", ""),
      "missing-key",
      7,
    ],
    ["no images", rule("images: []"), "invalid-value", 8],
    ["an empty image", rule("images: ['']"), "invalid-value", 8],
    ["no namespaces", rule("images: [ghcr.io/a/b]\n    namespaces: []"), "invalid-value", 9],
    ["an empty namespace", rule("images: [ghcr.io/a/b]\n    namespaces: ['']"), "invalid-value", 9],
    ["an impossible namespace", rule("images: [ghcr.io/a/b]\n    namespaces: [Team/x]"), "bad-glob", 9],
    ["an image without a registry", rule("images: [nginx]"), "bad-glob", 8],
    ["an image with a path and no registry", rule("images: [acme/*]"), "bad-glob", 8],
    ["a short name of Docker Hub", rule("images: [docker.io/nginx]"), "bad-glob", 8],
    ["an alias of Docker Hub", rule("images: [index.docker.io/library/nginx]"), "bad-glob", 8],
    ["an image with a tag", rule("images: ['ghcr.io/acme/app:1.*']"), "bad-glob", 8],
    ["an image in upper case", rule("images: [ghcr.io/Acme/*]"), "bad-glob", 8],
    ["an image with an empty part", rule("images: [ghcr.io//app]"), "bad-glob", 8],
    ["an image with braces", rule("images: ['ghcr.io/{a,b}']"), "bad-glob", 8],
    ["nobody", signature("signature: { anyOf: [] }"), "invalid-value", 10],
    ["an unknown authority", signature("signature: { anyOf: [release, relaese] }"), "unknown-authority", 10],
    ["a name of the prototype", signature("signature: { anyOf: [constructor] }"), "unknown-authority", 10],
    ["an unknown trust root", changed("trustRoot: main", "trustRoot: mian"), "unknown-trust-root", 5],
    ["an empty identity", keyless("issuer: i, identity: ''"), "invalid-value", 5],
    ["no identity", keyless("issuer: i"), "missing-key", 5],
    ["no issuer", keyless("identity: s"), "missing-key", 5],
    ["an empty issuer", keyless("issuer: '', identity: s"), "invalid-value", 5],
    ["an issuer by pattern", keyless("issuer: { pattern: '^i$' }, identity: s"), "wrong-type", 5],
    ["an unanchored pattern", keyless("issuer: i, identity: { pattern: 'https://s' }"), "bad-pattern", 5],
    ["a pattern for anyone", keyless("issuer: i, identity: { pattern: '^.*$' }"), "bad-pattern", 5],
    ["an empty pattern", keyless("issuer: i, identity: { pattern: '' }"), "bad-pattern", 5],
    ["a pattern that is none", keyless("issuer: i, identity: { pattern: '^($' }"), "bad-pattern", 5],
    ["an empty claim", keyless("issuer: i, identity: s, claims: { buildTrigger: '' }"), "invalid-value", 5],
    [
      "a claim for anything",
      keyless("issuer: i, identity: s, claims: { buildTrigger: { pattern: '^.+$' } }"),
      "bad-pattern",
      5,
    ],
    ["an authority of no kind", authority("{}"), "one-of", 5],
    ["a key of no kind", authority("key: {}"), "one-of", 5],
    ["a key of two kinds", authority("key: { pem: x, secret: { name: a, key: b } }"), "bad-key", 5],
    ["a key that is none", authority("key: { pem: hello }"), "bad-key", 5],
    ["a Secret that cannot be", authority("key: { secret: { name: A_b, key: k } }"), "invalid-value", 5],
    ["two rules of a name", GOOD + GOOD.slice(GOOD.indexOf("  - name: app")), "duplicate-rule", 11],
    ["an empty policy that allows", "rules: []\nunmatched: allow\n", "empty-policy", 2],
    ["a word for unmatched", `${GOOD}unmatched: permit\n`, "invalid-value", 11],
    ["a root of no kind", changed("{ source: publicGood }", "{}"), "invalid-value", 2],
    ["a root of an unknown kind", changed("publicGood", "everyone"), "invalid-value", 2],
    [
      "a root with a threshold that is inherent",
      changed("publicGood", "publicGood, transparencyLogNotRequiredUnsafe: true"),
      "unknown-key",
      2,
    ],
    ["a name in upper case", changed("  main:", "  Main:"), "invalid-key", 2],
    ["an unpinned reference", signature("reference: { pinned: false }"), "invalid-value", 10],
    [
      "a lifetime in words",
      signature("provenance: { anyOf: [release], maxAge: a week }"),
      "bad-duration",
      10,
    ],
    ["no builders", signature("provenance: { anyOf: [release], builders: [] }"), "invalid-value", 10],
  ])("refuses %s, and shows its line", (_, text, name, line) => {
    expect(problems(text)).toContainEqual(expect.objectContaining({ rule: name, line }));
  });

  const dead = "https://github.com/acme/app/.github/workflows/r.yml";
  const github = "issuer: https://token.actions.githubusercontent.com";
  const any = "{ pattern: '^https://github\\\\.com/acme/.*$' }";

  it.each<[string, string, string]>([
    [
      "an identity with a wildcard",
      keyless("issuer: i, identity: 'https://i.test/*'"),
      "authorities.release.keyless.identity",
    ],
    [
      "GitHub's without a ref",
      keyless(`${github}, identity: ${dead}`),
      "authorities.release.keyless.identity",
    ],
    [
      "GitLab's with one slash",
      keyless("issuer: https://gitlab.com, identity: https://gitlab.com/a/b/c.yml@refs/heads/main"),
      "authorities.release.keyless.identity",
    ],
    ["a known issuer with a slash", keyless(`${github}/, identity: s`), "authorities.release.keyless.issuer"],
    [
      "an owner by name",
      keyless("issuer: i, identity: s, claims: { sourceRepositoryOwnerURI: acme }"),
      "authorities.release.keyless.claims.sourceRepositoryOwnerURI",
    ],
    [
      "a repository by name",
      keyless("issuer: i, identity: s, claims: { sourceRepositoryURI: acme/app }"),
      "authorities.release.keyless.claims.sourceRepositoryURI",
    ],
    [
      "a branch by name, of GitHub",
      keyless(`${github}, identity: ${any}, claims: { sourceRepositoryRef: main }`),
      "authorities.release.keyless.claims.sourceRepositoryRef",
    ],
    [
      "a workflow without a ref",
      keyless(`${github}, identity: ${any}, claims: { buildSignerURI: ${dead} }`),
      "authorities.release.keyless.claims.buildSignerURI",
    ],
    [
      "a claim with a wildcard",
      keyless("issuer: i, identity: s, claims: { githubWorkflowName: 'rel*' }"),
      "authorities.release.keyless.claims.githubWorkflowName",
    ],
    [
      "a source without a scheme",
      signature("provenance: { anyOf: [release], sourceRepositories: [github.com/acme/app] }"),
      "rules[0].require.provenance.sourceRepositories[0]",
    ],
    [
      "a source with git+",
      signature("provenance: { anyOf: [release], sourceRepositories: ['git+https://github.com/acme/app'] }"),
      "rules[0].require.provenance.sourceRepositories[0]",
    ],
    [
      "a ref by name",
      signature("provenance: { anyOf: [release], sourceRefs: [main] }"),
      "rules[0].require.provenance.sourceRefs[0]",
    ],
    [
      "a workflow by its file's name",
      signature("provenance: { anyOf: [release], workflows: [release.yml] }"),
      "rules[0].require.provenance.workflows[0]",
    ],
    [
      "a pattern as a builder",
      signature("provenance: { anyOf: [release], builders: ['^https://acme[.]example/.+$'] }"),
      "rules[0].require.provenance.builders[0]",
    ],
    [
      "a pattern as a verifier",
      signature("promotable: { anyOf: [release], verifiers: ['^https://acme[.]example/.+$'] }"),
      "rules[0].require.promotable.verifiers[0]",
    ],
    [
      "a pattern as an identity",
      keyless("issuer: https://agent.buildkite.com, identity: '^https://buildkite[.]com/acme/.+$'"),
      "authorities.release.keyless.identity",
    ],
  ])("refuses an exact text that can never match: %s", (_, text, path) => {
    expect(problems(text)).toMatchObject([
      { rule: "never-matches", path, message: expect.stringMatching(/^It can never match: /) },
    ]);
  });

  it.each([
    ["an issuer that is too long", keyless(`issuer: ${"x".repeat(600)}, identity: ${any}`), "invalid-value"],
    ["claims that are no map", keyless(`${github}, identity: ${any}, claims: 3`), "wrong-type"],
    ["a claim that nobody knows", keyless(`${github}, identity: ${any}, claims: { nope: a }`), "unknown-key"],
  ])("names %s, and compares nothing with it", (_, text, broken) => {
    expect(problems(text)).toMatchObject([{ rule: broken }]);
  });

  it.each<[string, string]>([
    ["an identity of GitHub's", keyless(`${github}, identity: ${dead}@refs/heads/main`)],
    ["an identity by pattern", keyless(`${github}, identity: ${any}`)],
    [
      "a branch by name, of another CI system",
      keyless("issuer: https://agent.buildkite.com, identity: s, claims: { sourceRepositoryRef: main }"),
    ],
    [
      "a branch by pattern",
      keyless(`${github}, identity: ${any}, claims: { sourceRepositoryRef: { pattern: '^main$' } }`),
    ],
    [
      "sources, refs and workflows in full",
      signature(
        "provenance: { anyOf: [release], sourceRepositories: [https://github.com/acme/app], sourceRefs: [refs/heads/main], workflows: [.github/workflows/release.yml] }",
      ),
    ],
    [
      "the same by pattern",
      signature(
        "provenance: { anyOf: [release], sourceRefs: [{ pattern: '^main$' }], workflows: [{ pattern: '^release[.]yml$' }] }",
      ),
    ],
  ])("takes %s", (_, text) => {
    expect(problems(text)).toEqual([]);
  });

  it("asks for a log where a key's signatures must be logged", () => {
    const text = "authorities: { ops: { key: { secret: { name: a, key: b } } } }\nrules: []\n";
    expect(problems(text)).toMatchObject([{ rule: "no-log", line: 1, path: "authorities.ops.key" }]);
    expect(problems(text.replace("key: b }", "key: b }, transparencyLogNotRequiredUnsafe: true"))).toEqual(
      [],
    );
  });

  it("tells of everything at once", () => {
    const text = rule("images: [nginx]").replace("identity: https://s.test", "identity: ''");
    expect(problems(text).map(({ line }) => line)).toEqual([5, 8]);
  });

  it("never throws, whatever is done to a good policy", () => {
    const words = GOOD.split(/\b/);
    const edit = fc.tuple(
      fc.nat(words.length - 1),
      fc.constantFrom(
        "",
        "''",
        "[]",
        "{}",
        "1",
        "null",
        ": ",
        "- ",
        "\n",
        "constructor",
        "__proto__",
        "x",
        ...words,
      ),
    );
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), (edits) => {
        const text = [...words];
        for (const [at, word] of edits) text[at] = word;
        for (const { line, message } of problems(text.join(""))) {
          expect(line).toBeGreaterThan(0);
          expect(message.length).toBeGreaterThan(3);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe("the policy's JSON Schema", () => {
  const schema = policyJsonSchema() as Readonly<Record<string, unknown>>;

  it("names every gate and closes every object", () => {
    const text = JSON.stringify(schema);
    for (const { name, summary } of GATES) {
      expect(text).toContain(`"${name}":{`);
      expect(text).toContain(summary);
    }
    expect(schema["additionalProperties"]).toBe(false);
  });

  it("describes every knob", () => {
    expect(undescribed(schema, "")).toEqual([]);
  });
});

/** Properties without a description, by path. */
function undescribed(schema: unknown, path: string): string[] {
  if (typeof schema !== "object" || schema === null) return [];
  const { properties = {}, ...rest } = schema as { properties?: Readonly<Record<string, object>> };
  const below = Object.entries(properties).flatMap(([name, each]) => [
    ...("description" in each || "const" in each ? [] : [`${path}.${name}`]),
    ...undescribed(each, `${path}.${name}`),
  ]);
  return [...below, ...Object.entries(rest).flatMap(([name, each]) => undescribed(each, `${path}/${name}`))];
}
