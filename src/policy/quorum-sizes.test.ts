import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import { parsePolicy } from "./policy.ts";
import { shortLists } from "./quorum-sizes.ts";

const WORKFLOW = "https://github.com/acme/app/.github/workflows/release.yml";
const PEM = generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({
  format: "pem",
  type: "spki",
});

const keyless = (identity: unknown, issuer = "https://i.test") => ({
  keyless: { trustRoot: "main", issuer, identity },
});
const key = (from: object) => ({ key: { ...from, transparencyLogNotRequiredUnsafe: true } });

const AUTHORITIES = {
  main: keyless(`${WORKFLOW}@refs/heads/main`),
  tag: keyless(`${WORKFLOW.replace("acme", "ACME")}@refs/tags/v1`),
  elsewhere: keyless(`${WORKFLOW}@refs/heads/main`, "https://other.test"),
  review: keyless(`${WORKFLOW.replace("release", "review")}@refs/heads/main`),
  tags: keyless({ pattern: `^${WORKFLOW.replaceAll(".", "\\.")}@refs/tags/v.*$` }),
  anyone: keyless({ pattern: "^https://github\\.com/acme/.*$" }),
  "anyone-else": keyless({ pattern: "^https://github\\.com/acme/.*$" }),
  pem: key({ pem: PEM }),
  "same-pem": key({ pem: PEM }),
  secret: key({ secret: { name: "s", key: "k" } }),
  "same-secret": key({ secret: { name: "s", key: "k" } }),
  "other-secret": key({ secret: { name: "s", key: "l" } }),
};

function problems(require: object): string[] {
  const rule = { name: "app", images: ["ghcr.io/acme/app"], require };
  const trustRoots = { main: { source: "publicGood" } };
  const text = JSON.stringify({ trustRoots, authorities: AUTHORITIES, rules: [rule] }, undefined, 1);
  expect(parsePolicy(text)).toMatchObject({ ok: true });
  return shortLists(text).map(({ path, rule: name, message, line }) => {
    return `${path} [${name}] ${message} ${text.split("\n")[line - 1]!.trim()}`;
  });
}

describe("authorities that are asked for more distinct signers than they have", () => {
  it.each([
    ["one workflow at two refs", { allOf: ["main", "tag"] }],
    ["one key under two names", { allOf: ["pem", "same-pem"] }],
    ["one Secret under two names", { allOf: ["secret", "same-secret"] }],
    ["two signers for a threshold of three", { threshold: { count: 3, of: ["main", "tag", "review"] } }],
  ])("are told: %s", (_, signature) => {
    const [problem, ...more] = problems({ signature });
    expect(more).toEqual([]);
    expect(problem).toMatch(
      /^rules\.0\.require\.signature\.(allOf|threshold\.of) \[one-signer\] [23] distinct.* (?:"(?:allOf|of)": )?\["?/,
    );
  });

  it.each([
    ["another workflow", { allOf: ["main", "review"] }],
    ["another issuer", { allOf: ["main", "elsewhere"] }],
    ["a pattern, which may be anybody", { allOf: ["main", "tags"] }],
    ["the same pattern twice, which two workflows may match", { allOf: ["anyone", "anyone-else"] }],
    ["another key", { allOf: ["pem", "secret"] }],
    ["another key of the same Secret", { allOf: ["secret", "other-secret"] }],
    ["one of a workflow at two refs", { anyOf: ["main", "tag"] }],
    ["two of three", { threshold: { count: 2, of: ["main", "tag", "review"] } }],
  ])("are not those with enough: %s", (_, signature) => {
    expect(problems({ signature })).toEqual([]);
  });

  it("are found in every list of a gate, each by itself", () => {
    const check = { predicateType: "t", expression: "predicate.ok", message: "m" };
    const found = problems({
      vulnerability: { allOf: ["main", "review"], vex: { allOf: ["main", "tag"] } },
      cel: [
        { ...check, anyOf: ["main"] },
        { ...check, allOf: ["main", "tag"] },
      ],
    });
    expect(found.map((each) => each.split(" ")[0])).toEqual([
      "rules.0.require.vulnerability.vex.allOf",
      "rules.0.require.cel.1.allOf",
    ]);
  });
});

describe("shortLists", () => {
  it.each(["", "{", "rules: 3"])("says nothing of what is no policy: %j", (text) => {
    expect(shortLists(text)).toEqual([]);
  });
});
