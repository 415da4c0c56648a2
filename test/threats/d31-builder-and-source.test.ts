import { describe, expect, it } from "vitest";

import type { CertificateClaims, Provenance } from "../../src/core/index.ts";
import { extractOf } from "../../src/verify/predicates/index.ts";
import {
  anAttestation,
  aPolicy,
  aSignature,
  aSigner,
  aStatement,
  codes,
  DIGEST,
  evidenceOf,
  findings,
  policyAsking,
} from "../support/policies.ts";
import { PRODUCERS, tektonRun, tektonRunV02 } from "../support/provenances/index.ts";

const APP = "https://github.com/acme/app";
const SHARED = "https://github.com/acme/shared/.github/workflows/release.yml@refs/tags/v1";
const ISSUER = "https://token.actions.githubusercontent.com";

/** One reusable workflow, used by the whole company: its identity is the same for every caller. */
function policyFor(claims: string): string {
  return `
trustRoots: { main: { source: publicGood } }
authorities:
  shared: { keyless: { trustRoot: main, issuer: "${ISSUER}", identity: "${SHARED}", claims: ${claims} } }
rules:
  - name: app
    images: [ghcr.io/acme/app]
    require:
      signature: { anyOf: [shared] }
      provenance: { anyOf: [shared], sourceRepositories: ["${APP}"], sourceRefs: [refs/heads/main] }
`;
}

const OURS: CertificateClaims = {
  sourceRepositoryURI: APP,
  sourceRepositoryRef: "refs/heads/main",
  buildSignerURI: SHARED,
};
const SAID: Partial<Provenance> = {
  builderId: SHARED,
  sources: [{ repository: APP, ref: "refs/heads/main" }],
};

function verdict(policy: string, claims: CertificateClaims, said: Partial<Provenance> = SAID): string[] {
  const signer = aSigner({ identity: SHARED, claims });
  const evidence = evidenceOf({
    signatures: [aSignature({ signer })],
    attestations: [anAttestation(said, { signer })],
  });
  return codes(findings(aPolicy(policy), evidence));
}

describe("D31 provenance is held to the certificate of who signed it", () => {
  const pinned = policyFor(`{ sourceRepositoryURI: "${APP}" }`);
  const unpinned = policyFor("{}");

  it("passes a release of the right repository through the shared workflow", () => {
    expect(verdict(pinned, OURS)).toEqual([]);
    expect(verdict(unpinned, OURS)).toEqual([]);
  });

  it.each<[string, CertificateClaims]>([
    ["a fork", { ...OURS, sourceRepositoryURI: "https://github.com/mallory/app" }],
    ["another repository of the company", { ...OURS, sourceRepositoryURI: "https://github.com/acme/other" }],
    ["a name that begins alike", { ...OURS, sourceRepositoryURI: `${APP}-evil` }],
  ])("refuses %s through the same workflow, whatever its predicate says", (_, claims) => {
    const honest = { ...SAID, sources: [{ repository: claims.sourceRepositoryURI! }] };
    expect(verdict(pinned, claims)).toEqual(["signature/untrusted-identity", "provenance/untrusted-builder"]);
    expect(verdict(unpinned, claims)).toEqual(["provenance/wrong-source"]);
    expect(verdict(unpinned, claims, honest)).toEqual(["provenance/wrong-source"]);
    expect(verdict(unpinned, claims, { builderId: SHARED })).toEqual(["provenance/wrong-source"]);
  });

  it("refuses a pull request of the right repository", () => {
    const claims = { ...OURS, sourceRepositoryRef: "refs/pull/7/merge" };
    expect(verdict(pinned, claims)).toEqual(["provenance/wrong-source"]);
    expect(
      verdict(pinned, claims, { ...SAID, sources: [{ repository: APP, ref: "refs/pull/7/merge" }] }),
    ).toEqual(["provenance/wrong-source"]);
  });

  it("refuses a build that another event started than its provenance says", () => {
    const asking = policyFor("{}").replace("sourceRefs:", "triggers: [push], sourceRefs:");
    const pushed = { ...SAID, trigger: "push" };
    expect(verdict(asking, { ...OURS, buildTrigger: "push" }, pushed)).toEqual([]);
    expect(verdict(asking, { ...OURS, buildTrigger: "pull_request_target" }, pushed)).toEqual([
      "provenance/wrong-source",
    ]);
    expect(verdict(asking, { ...OURS, buildTrigger: "pull_request_target" }, SAID)).toEqual([
      "provenance/wrong-source",
    ]);
    expect(verdict(asking, OURS, SAID)).toEqual(["provenance/wrong-source"]);
  });

  it("refuses a builder that names itself another", () => {
    const builderId =
      "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/b.yml@refs/tags/v2";
    expect(verdict(pinned, OURS, { ...SAID, builderId })).toEqual(["provenance/untrusted-builder"]);
  });
});

describe("D31 the source is what was built, not who defines the build", () => {
  const policy = policyAsking(`{ provenance: { anyOf: [release], sourceRepositories: ["${APP}"] } }`);
  const mallory = { repository: "https://github.com/mallory/app" };

  function verdictOf(predicateType: string, predicate: Record<string, unknown>): string[] {
    const extract = extractOf({ predicateType, predicate, subject: DIGEST });
    const attestations = [aStatement(predicateType, extract)];
    return codes(findings(policy, evidenceOf({ attestations })));
  }

  it.each([
    ["v1", "https://slsa.dev/provenance/v1", tektonRun],
    ["v0.2", "https://slsa.dev/provenance/v0.2", tektonRunV02],
  ] as const)(
    "Tekton Chains %s: refuses another repository that is built by our pipeline",
    (_, type, run) => {
      expect(verdictOf(type, run({ pipeline: APP, input: mallory }))).toEqual(["provenance/wrong-source"]);
      expect(verdictOf(type, run({ pipeline: APP, task: APP, input: mallory }))).toEqual([
        "provenance/wrong-source",
      ]);
      expect(verdictOf(type, run({ pipeline: APP, input: null }))).toEqual(["provenance/wrong-source"]);
      expect(verdictOf(type, run({ pipeline: "https://github.com/tektoncd/catalog" }))).toEqual([]);
    },
  );

  it.each(PRODUCERS)("$name: passes our repository, and refuses another", ({ predicateType, of }) => {
    expect(verdictOf(predicateType, of())).toEqual([]);
    expect(verdictOf(predicateType, of(mallory))).toEqual(["provenance/wrong-source"]);
  });
});
