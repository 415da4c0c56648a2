import { describe, expect, it } from "vitest";

import { parsePolicy, plan } from "../../src/policy/index.ts";
import { anImage, aPolicy, codes, evidenceOf, findings } from "../support/policies.ts";

const HEAD = `trustRoots: { main: { source: publicGood } }
authorities: { a: { keyless: { trustRoot: main, issuer: i, identity: s } } }
`;

/** A rule that silently holds for nothing looks like one that holds. */
describe("A7 an empty or impossible matcher is refused, and rules do not undo each other", () => {
  it.each([
    "images: []",
    "images: ['']",
    "images: null",
    "images: ['*']",
    "images: [nginx]",
    "images: [docker.io/nginx]",
    "images: ['ghcr.io/acme/app:*']",
    "images: [ghcr.io/ACME/app]",
    "images: [ghcr.io//app]",
    "images: ['ghcr.io/**'], namespaces: []",
    "images: ['ghcr.io/**'], namespaces: ['']",
    "images: ['ghcr.io/**'], namespaces: [team/x]",
    "namespaces: [a]",
  ])("%s does not parse", (matcher) => {
    const text = `${HEAD}rules: [{ name: r, ${matcher}, require: { signature: { anyOf: [a] } } }]`;
    expect(parsePolicy(text).ok).toBe(false);
  });

  it.each([
    "{}",
    "{ signature: {} }",
    "{ signature: { anyOf: [] } }",
    "null",
    "{ provenance: { anyOf: [] } }",
  ])("a rule that requires %s does not parse", (require) => {
    const text = `${HEAD}rules: [{ name: r, images: ["ghcr.io/**"], require: ${require} }]`;
    expect(parsePolicy(text).ok).toBe(false);
  });

  const narrow = `{ name: narrow, images: [ghcr.io/acme/app], require: { signature: { anyOf: [a] } } }`;
  const broad = `{ name: broad, images: ["**"], require: { reference: { pinned: true } } }`;

  it.each([
    [narrow, broad],
    [broad, narrow],
  ])("a lenient rule does not undo a strict one, in whatever order", (first, second) => {
    const policy = aPolicy(`${HEAD}rules: [${first}, ${second}]`);
    expect(codes(findings(policy, evidenceOf()))).toEqual(["signature/missing"]);
  });

  it("what no rule matches is denied unless the policy says otherwise", () => {
    const policy = aPolicy(`${HEAD}rules: [${narrow}]`);
    expect(
      plan(policy, { image: anImage("quay.io/other/app"), namespace: "shop" }, { copiesCount: false }).kind,
    ).toBe("unmatched");
    expect(policy.unmatched).toBe("deny");
  });
});
