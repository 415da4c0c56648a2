import { describe, expect, it } from "vitest";

import {
  deadFinding,
  deadIdentity,
  deadIssuer,
  deadRef,
  deadSource,
  deadWorkflow,
  hasFullRefs,
} from "./exact-texts.ts";

const GITHUB = "https://token.actions.githubusercontent.com";
const GITLAB = "https://gitlab.com";
const SHA = "a".repeat(40);

describe("an identity that may be a certificate's", () => {
  it.each<[string, string]>([
    ["https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main", GITHUB],
    ["https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.0.0", GITHUB],
    ["https://github.com/acme/app/.github/workflows/release.yml@refs/pull/7/merge", GITHUB],
    ["https://github.com/acme/app/.github/workflows/release@v2.yml@refs/heads/main", GITHUB],
    ["https://github.com/acme/app/.github/workflows/release.yml@refs/tags/@acme/app@1.0.0", GITHUB],
    ["https://gitlab.com/acme/app//ci/release@v2.yml@refs/heads/main", GITLAB],
    ["https://gitlab.com/acme/app//@ci/release.yml@refs/heads/main", GITLAB],
    [`https://github.com/acme/shared/.github/workflows/release.yml@${SHA}`, GITHUB],
    ["https://github.com/acme/app/dynamic/github-code-scanning/codeql@refs/heads/main", GITHUB],
    [
      "https://acme.ghe.com/acme/app/.github/workflows/release.yml@refs/heads/main",
      "https://token.actions.acme.ghe.com",
    ],
    ["https://github.com/acme/app/.github/workflows/r.yml@refs/heads/main", `${GITHUB}/acme`],
    ["https://gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main", GITLAB],
    ["https://gitlab.com/acme/group/sub/app//ci/release.yml@refs/tags/v1", GITLAB],
    ["https://git.acme.example/acme/app//.gitlab-ci.yml@refs/heads/main", "https://git.acme.example"],
    ["https://buildkite.com/acme/release", "https://agent.buildkite.com"],
    [
      "https://circleci.com/api/v2/projects/6c8e/pipeline-definitions/77ae",
      "https://oidc.circleci.com/org/6c8e",
    ],
    ["https://g.codefresh.io/acme/app:6c8e/release:77ae", "https://oidc.codefresh.io"],
    ["spiffe://acme.example/ns/build/sa/release", "https://spiffe.acme.example"],
    [
      "https://kubernetes.io/namespaces/tekton-chains/serviceaccounts/tekton-chains-controller",
      "https://oidc.eks.eu-west-1.amazonaws.com/id/6C8E",
    ],
    ["sam@acme.example", "https://accounts.google.com"],
    ["^sam@acme.example", "https://oidc.acme.example"],
    ["release$", "https://oidc.acme.example"],
    ["sam+release@acme.example", "https://github.com/login/oauth"],
    ["release!acme.example", "https://oidc.acme.example"],
    ["https://ci.acme.example/run?pipeline=release&stage=2", "https://ci.acme.example/"],
  ])("%s of %s", (identity, issuer) => {
    expect(deadIdentity(identity, issuer)).toBeUndefined();
  });
});

describe("an identity that can never be one", () => {
  const wildcard = "it is compared exactly, but contains a wildcard; write a pattern: instead";
  const pattern = "it is compared exactly, but looks like a pattern; write it after pattern:";
  const github =
    "GitHub's identities have the form https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main, with the ref";
  const gitlab =
    "GitLab's identities have the form https://gitlab.com/acme/app//.gitlab-ci.yml@refs/heads/main, with two slashes before the path";

  it.each<[string, string | undefined, string]>([
    ["https://github.com/acme/*", GITHUB, wildcard],
    ["https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v?", GITHUB, wildcard],
    ["*@acme.example", undefined, wildcard],
    ["^https://buildkite.com/acme/.*$", "https://agent.buildkite.com", pattern],
    [String.raw`^https://buildkite\.com/acme/release$`, undefined, pattern],
    [" sam@acme.example", undefined, "it begins or ends with a space"],
    ["https://github.com/acme/app/.github/workflows/release.yml", GITHUB, github],
    ["https://github.com/acme/app/.github/workflows/release.yml@main", GITHUB, github],
    ["https://github.com/acme/app/.github/workflows/release.yml@v1", GITHUB, github],
    ["https://github.com/acme/app/.github/workflows/release@v2.yml", GITHUB, github],
    ["https://github.com/acme/app/.github/workflows/release@v2.yml@v1", GITHUB, github],
    ["https://github.com/acme/app", GITHUB, github],
    ["github.com/acme/app/.github/workflows/release.yml@refs/heads/main", GITHUB, github],
    ["repo:acme/app:ref:refs/heads/main", GITHUB, github],
    ["https://gitlab.com/acme/app/.gitlab-ci.yml@refs/heads/main", GITLAB, gitlab],
    ["https://gitlab.com/acme/app//.gitlab-ci.yml", GITLAB, gitlab],
    ["https://gitlab.com/acme/app//.gitlab-ci.yml@main", GITLAB, gitlab],
    ["https://gitlab.com/acme/app//ci/release@v2.yml", GITLAB, gitlab],
    ["https://gitlab.com/acme/app///.gitlab-ci.yml@refs/heads/main", GITLAB, gitlab],
    ["project_path:acme/app:ref_type:branch:ref:main", GITLAB, gitlab],
  ])("%s of %s", (identity, issuer, why) => {
    expect(deadIdentity(identity, issuer)).toBe(why);
  });
});

describe("an issuer", () => {
  it.each([
    GITHUB,
    `${GITHUB}/acme`,
    GITLAB,
    "https://accounts.google.com",
    "https://acme.eu.auth0.com/",
    "https://sts.windows.net/6c8e/",
    "https://git.acme.example",
    "https://oidc.circleci.com/org/6c8e",
    "http://oidc.acme.example:8080",
    "acme",
  ])("that may be one: %s", (issuer) => {
    expect(deadIssuer(issuer)).toBeUndefined();
  });

  it.each([
    [`${GITHUB}/`, `this issuer calls itself ${GITHUB}`],
    ["token.actions.githubusercontent.com", `this issuer calls itself ${GITHUB}`],
    ["http://token.actions.githubusercontent.com", `this issuer calls itself ${GITHUB}`],
    ["https://GitLab.com", `this issuer calls itself ${GITLAB}`],
    ["https://accounts.google.com/", "this issuer calls itself https://accounts.google.com"],
    ["https://github.com/login/oauth/", "this issuer calls itself https://github.com/login/oauth"],
    ["https://oauth2.sigstore.dev/auth/", "this issuer calls itself https://oauth2.sigstore.dev/auth"],
    ["https://*.acme.example", "it is compared exactly, but contains a wildcard; name each issuer"],
    [`^${GITHUB}$`, "it is compared exactly, but looks like a pattern; name each issuer"],
    [`${GITHUB} `, "it begins or ends with a space"],
  ])("that can never be one: %s", (issuer, why) => {
    expect(deadIssuer(issuer)).toBe(why);
  });
});

describe("the address of a source", () => {
  it.each([
    "https://github.com/acme/app",
    "https://gitlab.com/acme/group/app",
    "https://git.acme.example/acme/app.git",
    "https://git.acme.example/acme/app/",
    "ssh://git@git.acme.example/acme/app",
    "git://git.acme.example/acme/app",
  ])("that may be one: %s", (source) => {
    expect(deadSource(source)).toBeUndefined();
  });

  it.each([
    ["acme/app", "it is not an address; write it in full, such as https://github.com/acme/app"],
    ["github.com/acme/app", "it is not an address; write it in full, such as https://github.com/acme/app"],
    [
      "git@github.com:acme/app",
      "it is not an address; write it in full, such as https://github.com/acme/app",
    ],
    ["git+https://github.com/acme/app", "it is stated without git+, such as https://github.com/acme/app"],
    [
      "https://github.com/acme/app.git",
      "it is stated without .git and without a slash at its end, such as https://github.com/acme/app",
    ],
    [
      "https://github.com/acme/app/",
      "it is stated without .git and without a slash at its end, such as https://github.com/acme/app",
    ],
    [
      "https://github.com/acme/app@refs/heads/main",
      "it is stated without a ref, such as https://github.com/acme/app",
    ],
    [
      "https://github.com/acme/*",
      "it is compared exactly, but contains a wildcard; write a pattern: instead",
    ],
    [
      "^https://git.acme.example/acme/[a-z]+$",
      "it is compared exactly, but looks like a pattern; write it after pattern:",
    ],
    ["https://github.com/acme/app ", "it begins or ends with a space"],
  ])("that can never be one: %s", (source, why) => {
    expect(deadSource(source)).toBe(why);
  });

  it("of an owner has its own form", () => {
    expect(deadSource("https://github.com/acme", "owner")).toBeUndefined();
    expect(deadSource("acme", "owner")).toBe(
      "it is not an address; write it in full, such as https://github.com/acme",
    );
  });
});

describe("a ref, a workflow", () => {
  const ref = "refs are stated in full, such as refs/heads/main or refs/tags/v1.0.0";
  const path = "write the path in the repository, such as .github/workflows/release.yml";

  it.each([
    ["refs/heads/main", undefined],
    ["refs/tags/v1.0.0", undefined],
    ["main", ref],
    ["v1.0.0", ref],
    ["refs/", ref],
    ["refs/heads/main ", ref],
    ["^refs/heads/.+$", "it is compared exactly, but looks like a pattern; write it after pattern:"],
    ["refs/tags/*", "it is compared exactly, but contains a wildcard; write a pattern: instead"],
  ])("%s: %s", (text, why) => {
    expect(deadRef(text)).toBe(why);
  });

  it.each([
    [".github/workflows/release.yml", undefined],
    [".gitlab-ci.yml", undefined],
    ["ci/release.yml", undefined],
    ["Jenkinsfile", undefined],
    [".github/workflows/release@v2.yml", undefined],
    [".github/workflows/release.yml@v1", `it is not a path without a ref; ${path}`],
    [".github/workflows/release.yml@refs/heads/fix.yml", `it is not a path without a ref; ${path}`],
    ["release.yml", `${path}, or a pattern: where it lies at the top of the repository`],
    ["/.github/workflows/release.yml", `it is not a path without a ref; ${path}`],
    ["./.github/workflows/release.yml", `it is not a path without a ref; ${path}`],
    [".github/workflows/release.yml@refs/heads/main", `it is not a path without a ref; ${path}`],
    ["https://github.com/acme/app/.github/workflows/release.yml", `it is not a path without a ref; ${path}`],
    ["^ci/.+$", "it is compared exactly, but looks like a pattern; write it after pattern:"],
    [".github/workflows/*.yml", "it is compared exactly, but contains a wildcard; write a pattern: instead"],
  ])("%s: %s", (text, why) => {
    expect(deadWorkflow(text)).toBe(why);
  });

  it.each([
    [GITHUB, true],
    [GITLAB, true],
    ["https://agent.buildkite.com", false],
  ])("%s states refs in full: %s", (issuer, is) => {
    expect(hasFullRefs(issuer)).toBe(is);
  });
});

describe("a vulnerability's id", () => {
  const cve = "such an id is written like CVE-2026-1111";
  const ghsa = "such an id is written like GHSA-ab12-cd34-ef56";
  const one = "it is one id, without spaces and wildcards, such as CVE-2026-1111";

  it.each([
    ["CVE-2026-1111", undefined],
    ["CVE-2026-1234567", undefined],
    ["GHSA-ab12-cd34-ef56", undefined],
    ["ELSA-2026-1234", undefined],
    ["RHSA-2026:1234", undefined],
    ["GO-2026-0001", undefined],
    ["RUSTSEC-2026-0001", undefined],
    ["PYSEC-2026-1", undefined],
    ["DSA-5000-1", undefined],
    ["TEMP-0000000-ABCDEF", undefined],
    ["SNYK-JS-LODASH-1234", undefined],
    ["openssl-cve", undefined],
    ["cve-2026-1111", cve],
    ["Cve-2026-1111", cve],
    ["CVE_2026_1111", undefined],
    ["CVE-2026-111x", cve],
    ["CVE", cve],
    ["ghsa-ab12-cd34-ef56", ghsa],
    ["GHSA-AB12-CD34-EF56", ghsa],
    ["CVE-2026-*", one],
    ["CVE 2026 1111", one],
    ["CVE-2026-1111 ", one],
    ["CVE-2026-1111\u00A0", one],
    ["CVE-2026-111?", one],
  ])("%s: %s", (text, why) => {
    expect(deadFinding(text)).toBe(why);
  });
});
