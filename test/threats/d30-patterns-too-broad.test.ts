import { describe, expect, it } from "vitest";

import { compileGlob, compilePattern } from "../../src/core/index.ts";
import { parsePolicy } from "../../src/policy/index.ts";
import { aSignature, aSigner, codes, evidenceOf, findings, policyAsking } from "../support/policies.ts";

function policyWith(identity: string, issuer = "https://token.actions.githubusercontent.com"): string {
  return `trustRoots: { main: { source: publicGood } }
authorities: { a: { keyless: { trustRoot: main, issuer: ${JSON.stringify(issuer)}, identity: ${identity} } } }
rules: [{ name: r, images: ["ghcr.io/**"], require: { signature: { anyOf: [a] } } }]
`;
}

/** A policy with another requirement. */
function asking(require: string): string {
  return policyWith("s", "i").replace("signature: { anyOf: [a] }", () => require);
}

describe("D30 an identity pattern is anchored, bounded, linear, and never accepts anyone", () => {
  it.each([
    "''",
    "null",
    "{}",
    "{ pattern: '' }",
    "{ pattern: '.*' }",
    "{ pattern: '^.*$' }",
    "{ pattern: '^.+$' }",
    "{ pattern: '^' }",
    "{ pattern: '$' }",
    "{ pattern: '^$' }",
    "{ pattern: '^https://.*$' }",
    "{ pattern: '^https://github\\.com/acme/app|.*$' }",
    "{ pattern: 'https://github.com/acme/app' }",
    "{ pattern: '^https://github.com/acme/app' }",
    "{ pattern: 'acme/app$' }",
    "{ pattern: '^(?=x).*$' }",
  ])("the identity %s does not parse", (identity) => {
    expect(parsePolicy(policyWith(identity)).ok).toBe(false);
  });

  it.each(
    ["''", "{}", "{ pattern: '' }", "{ pattern: '^.*$' }", "{ pattern: 'acme' }"].flatMap((matcher) => [
      `provenance: { anyOf: [a], triggers: [${matcher}] }`,
      `provenance: { anyOf: [a], builders: [${matcher}] }`,
      `promotable: { anyOf: [a], verifiers: [${matcher}] }`,
      `promotable: { anyOf: [a], verifiers: [v], resourceUris: [${matcher}] }`,
    ]),
  )("nor is anything accepted by %s", (require) => {
    expect(parsePolicy(asking(require)).ok).toBe(false);
    expect(parsePolicy(asking(require.replace(/\[(?:''|\{.*\})\]/, "[x]"))).ok).toBe(true);
  });

  it.each([
    "signature: { anyOf: [] }",
    "sbom: { anyOf: [a], formats: [] }",
    "sbom: { anyOf: [a], minComponents: 0 }",
    "vulnerability: { anyOf: [a], blocked: [] }",
    "vulnerability: { anyOf: [a], blocked: [unknown] }",
    "vulnerability: { anyOf: [a], vex: {} }",
    "vulnerability: {}",
    "promotable: { anyOf: [a] }",
    "promotable: { anyOf: [a], verifiers: [] }",
    "promotable: { anyOf: [a], verifiers: [v], levels: [] }",
    "cel: []",
    "cel: [{ predicateType: t, anyOf: [a], expression: 'true', message: m }]",
    "cel: [{ predicateType: t, expression: predicate.ok, message: m }]",
  ])("a requirement that would ask for nothing does not parse: %s", (require) => {
    expect(parsePolicy(asking(require)).ok).toBe(false);
  });

  it("an empty issuer does not parse", () => {
    expect(parsePolicy(policyWith("s", "")).ok).toBe(false);
    expect(parsePolicy(policyWith("s", "i")).ok).toBe(true);
  });

  it.each([
    "https://github.com/acme/shared/.github/workflows/release.yml@refs/tags/v1.2/../evil",
    "https://evil.test/?https://github.com/acme/shared/.github/workflows/release.yml@refs/tags/v1.2",
    "https://github.com/acme/shared/.github/workflows/release.yml@refs/tags/v1.2\nx",
    "x\nhttps://github.com/acme/shared/.github/workflows/release.yml@refs/tags/v1.2",
    "https://githubxcom/acme/shared/.github/workflows/release.yml@refs/tags/v1.2",
  ])("an identity that only holds a match is not accepted: %j", (identity) => {
    const policy = policyAsking("{ signature: { anyOf: [shared] } }");
    const claims = { sourceRepositoryURI: "https://github.com/acme/app" };
    const evidence = evidenceOf({ signatures: [aSignature({ signer: aSigner({ identity, claims }) })] });
    expect(codes(findings(policy, evidence))).toEqual(["signature/untrusted-identity"]);
  });

  it.each([
    ["^(a+)+$", `${"a".repeat(2000)}!`],
    ["^(a|aa)+$", `${"a".repeat(2000)}!`],
    ["^(.*a){12}$", `${"a".repeat(2000)}!`],
    ["^([a-z]+)*\\.x$", "a".repeat(2000)],
  ])("%s is answered without delay, however the text is chosen", { timeout: 2000 }, (source, text) => {
    const compiled = compilePattern(source);
    expect(compiled.ok && compiled.pattern.matches(text)).toBe(false);
  });

  it("so is a glob that makes other engines hang", { timeout: 2000 }, () => {
    const compiled = compileGlob("*a*a*a*a*a*a*a*a*b");
    expect(compiled.ok && compiled.pattern.matches("a".repeat(2000))).toBe(false);
  });
});
