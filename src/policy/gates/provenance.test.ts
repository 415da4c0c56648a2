import { describe, expect, it } from "vitest";

import {
  anAttestation,
  aRejection,
  aSigner,
  aStatement,
  codes,
  evidenceOf,
  findings,
  NOW,
  policyAsking,
  RELEASE,
  SECURITY,
} from "../../../test/support/policies.ts";
import type { BuildSource, CertificateClaims, Provenance } from "../../core/index.ts";

const APP = "https://github.com/acme/app";
const HOSTED = "https://github.com/actions/runner/github-hosted";

/** What a predicate says that names one source: acme/app, unless told otherwise. */
function built(source: Partial<BuildSource>): Partial<Provenance> {
  return { sources: [{ repository: APP, ...source }] };
}

/** Findings about one attestation that says and is certified to be this. */
function about(settings: string, said: Partial<Provenance>, claims: CertificateClaims = {}) {
  const policy = policyAsking(`{ provenance: { anyOf: [release], ${settings} } }`);
  return findings(
    policy,
    evidenceOf({ attestations: [anAttestation(said, { signer: aSigner({ claims }) })] }),
  );
}

describe("the provenance gate", () => {
  it("is missing where no attestation is provenance", () => {
    const policy = policyAsking("{ provenance: { anyOf: [release] } }");
    const other = aStatement("https://spdx.dev/Document");
    const found = findings(policy, evidenceOf({ attestations: [other] }));
    expect(codes(found)).toEqual(["provenance/missing"]);
    expect(found[0]?.message).toBe("it has no SLSA provenance by release");
    const broken = findings(policy, evidenceOf({ rejections: [aRejection({ claims: "attestation" })] }));
    expect(broken[0]?.message).toContain("skipped 1 attachment (invalid: the log entry is not signed)");
  });

  it.each(["v0.1", "v1.0", "v2"])("says that provenance %s is not read", (version) => {
    const predicateType = `https://slsa.dev/provenance/${version}`;
    const policy = policyAsking("{ provenance: { anyOf: [release] } }");
    const [finding] = findings(policy, evidenceOf({ attestations: [aStatement(predicateType)] }));
    expect(finding?.code).toBe("provenance/missing");
    expect(finding?.message).toContain(`its ${predicateType} is not read`);
  });

  it("asks for the signer first", () => {
    const policy = policyAsking("{ provenance: { anyOf: [release], builders: [x] } }");
    const stranger = aSigner({ identity: "https://github.com/mallory/app/x@y" });
    const found = findings(policy, evidenceOf({ attestations: [anAttestation({}, { signer: stranger })] }));
    expect(codes(found)).toEqual(["provenance/untrusted-builder"]);
    expect(found[0]?.message).toContain("signed by https://github.com/mallory/app/x@y");
  });

  it.each<[string, Partial<Provenance>, string | undefined]>([
    [`builders: ["${HOSTED}"]`, {}, undefined],
    [`builders: ["${HOSTED}"]`, { builderId: `${HOSTED}x` }, "provenance/untrusted-builder"],
    [`builders: [{ pattern: "^https://github\\\\.com/actions/runner/.*$" }]`, {}, undefined],
    ["buildTypes: [t]", { buildType: "t" }, undefined],
    ["buildTypes: [t]", { buildType: "u" }, "provenance/untrusted-builder"],
    ["buildTypes: [t]", {}, "provenance/untrusted-builder"],
    [`sourceRepositories: ["${APP}"]`, built({}), undefined],
    [`sourceRepositories: ["${APP}"]`, built({ repository: `${APP}-evil` }), "provenance/wrong-source"],
    [`sourceRepositories: ["${APP}"]`, {}, "provenance/wrong-source"],
    ["sourceRefs: [refs/heads/main]", built({ ref: "refs/heads/main" }), undefined],
    ["sourceRefs: [refs/heads/main]", built({ ref: "refs/heads/dev" }), "provenance/wrong-source"],
    ["workflows: [.github/workflows/r.yml]", { workflow: ".github/workflows/r.yml" }, undefined],
    [
      "workflows: [.github/workflows/r.yml]",
      { workflow: ".github/workflows/x.yml" },
      "provenance/wrong-source",
    ],
    ["triggers: [push, release]", { trigger: "release" }, undefined],
    ["triggers: [push]", { trigger: "pull_request" }, "provenance/wrong-source"],
    ["triggers: [push]", {}, "provenance/wrong-source"],
  ])("%s of %o: %s", (settings, said, code) => {
    expect(codes(about(settings, said))).toEqual(code === undefined ? [] : [code]);
  });

  it.each<[string, Partial<Provenance>, CertificateClaims, string]>([
    ["repository", built({}), { sourceRepositoryURI: "https://github.com/mallory/app" }, "wrong-source"],
    ["ref", built({ ref: "refs/heads/main" }), { sourceRepositoryRef: "refs/pull/1/merge" }, "wrong-source"],
    ["commit", built({ commit: "a".repeat(40) }), { sourceRepositoryDigest: "b".repeat(40) }, "wrong-source"],
    ["trigger", { trigger: "push" }, { buildTrigger: "pull_request_target" }, "wrong-source"],
    ["runner", { builderId: HOSTED }, { runnerEnvironment: "self-hosted" }, "untrusted-builder"],
    [
      "builder",
      { builderId: "https://github.com/slsa-framework/g/.github/workflows/b.yml@refs/tags/v2" },
      { buildSignerURI: "https://github.com/acme/app/.github/workflows/b.yml@refs/heads/main" },
      "untrusted-builder",
    ],
  ])(
    "believes the certificate and not the predicate where they differ in the %s",
    (_, said, claims, code) => {
      const [finding, ...more] = about("", said, claims);
      expect(more).toEqual([]);
      expect(finding?.code).toBe(`provenance/${code}`);
      expect(finding?.message).toContain("but its signer's certificate says");
    },
  );

  it.each<[string, string, Partial<Provenance>, CertificateClaims]>([
    ["repository", `sourceRepositories: ["${APP}"]`, {}, { sourceRepositoryURI: APP }],
    ["ref", "sourceRefs: [refs/heads/main]", {}, { sourceRepositoryRef: "refs/heads/main" }],
    [
      "workflow",
      "workflows: [.github/workflows/r.yml]",
      { workflow: "a job's name" },
      { sourceRepositoryURI: APP, buildConfigURI: `${APP}/.github/workflows/r.yml@refs/heads/main` },
    ],
    ["trigger", "triggers: [push]", {}, { buildTrigger: "push" }],
    ["builder", `builders: ["${HOSTED}"]`, {}, { runnerEnvironment: "github-hosted" }],
  ])("takes the %s from the certificate where it can", (_, settings, said, claims) => {
    expect(about(settings, said, claims)).toEqual([]);
  });

  it("does not take the predicate's path for a workflow that lies in another repository", () => {
    const found = about(
      "workflows: [.github/workflows/r.yml]",
      { workflow: ".github/workflows/r.yml" },
      {
        sourceRepositoryURI: APP,
        buildConfigURI: "https://github.com/evil/app/.github/workflows/r.yml@refs/heads/main",
      },
    );
    expect(codes(found)).toEqual(["provenance/wrong-source"]);
  });

  it("leaves builder ids without a counterpart in the certificate alone", () => {
    const builderId = "https://github.com/acme/app/actions/runs/7/attempts/1";
    expect(
      about("", { builderId }, { buildSignerURI: `${APP}/x@y`, runnerEnvironment: "github-hosted" }),
    ).toEqual([]);
    expect(
      about("", { builderId: "https://cloudbuild.test/worker@v1" }, { buildSignerURI: `${APP}/x@y` }),
    ).toEqual([]);
  });

  it.each([
    [0, true],
    [7 * 86_400_000, true],
    [7 * 86_400_000 + 1, false],
    [-1000, true],
  ])("an age of %i ms passes maxAge 7d: %s", (age, passes) => {
    const policy = policyAsking("{ provenance: { anyOf: [release], maxAge: 7d } }");
    const trustedTime = new Date(NOW.getTime() - age);
    const found = findings(policy, evidenceOf({ attestations: [anAttestation({}, { trustedTime })] }));
    expect(codes(found)).toEqual(passes ? [] : ["provenance/too-old"]);
  });

  it("believes the signer that a build is older than its attestation, never that it is younger", () => {
    const policy = policyAsking("{ provenance: { anyOf: [release], maxAge: 7d } }");
    const old = new Date(NOW.getTime() - 30 * 86_400_000);
    const asked = (said: Partial<Provenance>, trustedTime: Date) =>
      codes(findings(policy, evidenceOf({ attestations: [anAttestation(said, { trustedTime })] })));
    expect(asked({ finishedAt: old }, NOW)).toEqual(["provenance/too-old"]);
    expect(asked({ startedAt: old }, NOW)).toEqual(["provenance/too-old"]);
    expect(asked({ finishedAt: NOW }, old)).toEqual(["provenance/too-old"]);
  });

  it("is too old where the time that it states cannot be read, and only where an age is asked", () => {
    const said = { undated: "2026-11-24T10:00:00" };
    const [finding] = about("maxAge: 7d", said);
    expect(finding?.code).toBe("provenance/too-old");
    expect(finding?.message).toContain("the time of its build cannot be read (2026-11-24T10:00:00)");
    expect(about(`builders: ["${HOSTED}"]`, said)).toEqual([]);
  });

  it("is too old where nothing vouches for its time", () => {
    const policy = policyAsking("{ provenance: { anyOf: [release], maxAge: 7d } }");
    const { trustedTime: _, ...timeless } = anAttestation({ finishedAt: NOW });
    const found = findings(policy, evidenceOf({ attestations: [timeless] }));
    expect(codes(found)).toEqual(["provenance/too-old"]);
  });

  it.each<[string, readonly string[], string | undefined]>([
    ["allOf: [release, security]", [RELEASE, SECURITY], undefined],
    ["allOf: [release, security]", [RELEASE, RELEASE], "signed by only 1 of the 2 distinct signers"],
    ["threshold: { count: 2, of: [release, security, shared] }", [SECURITY], "signed by only 1 of the 2"],
    ["threshold: { count: 1, of: [release, security] }", [SECURITY], undefined],
  ])("counts distinct signers: %s by %j", (composition, identities, said) => {
    const attestations = identities.map((identity) => anAttestation({}, { signer: aSigner({ identity }) }));
    const [finding] = findings(
      policyAsking(`{ provenance: { ${composition} } }`),
      evidenceOf({ attestations }),
    );
    expect(finding?.message ?? "").toContain(said ?? "");
    expect(finding?.code).toBe(said === undefined ? undefined : "provenance/untrusted-builder");
  });

  it("passes one good attestation among others, and else tells of the nearest", () => {
    const policy = policyAsking(`{ provenance: { anyOf: [release], sourceRepositories: ["${APP}"] } }`);
    const stranger = anAttestation({}, { signer: aSigner({ identity: "s" }) });
    const elsewhere = anAttestation(built({ repository: "https://github.com/acme/other" }));
    const good = anAttestation(built({}));
    expect(findings(policy, evidenceOf({ attestations: [stranger, elsewhere, good] }))).toEqual([]);
    const [finding] = findings(policy, evidenceOf({ attestations: [stranger, elsewhere, stranger] }));
    expect(finding?.message).toContain("https://github.com/acme/other");
  });

  it.each([[[APP, "https://github.com/mallory/app"]], [["https://github.com/mallory/app", APP]]])(
    "refuses a build of which one source is another repository, wherever it is listed: %j",
    (repositories) => {
      const sources = repositories.map((repository) => ({ repository }));
      const [finding, ...more] = about(`sourceRepositories: ["${APP}"]`, { sources });
      expect(more).toEqual([]);
      expect(finding?.code).toBe("provenance/wrong-source");
      expect(finding?.message).toContain("source repository is https://github.com/mallory/app, but must be");
    },
  );

  it("refuses a build of which one source states no ref", () => {
    const sources = [{ repository: APP, ref: "refs/heads/main" }, { repository: APP }];
    expect(codes(about("sourceRefs: [refs/heads/main]", { sources }))).toEqual(["provenance/wrong-source"]);
  });

  it("passes a build of which every source is allowed", () => {
    const sources = [{ repository: APP }, { repository: "https://github.com/acme/lib" }];
    expect(
      about(`sourceRepositories: [{ pattern: "^https://github\\\\.com/acme/.*$" }]`, { sources }),
    ).toEqual([]);
  });

  it.each<[Partial<Provenance>, string]>([
    [{}, "not stated: its provenance names no build type"],
    [{ buildType: "https://ci.test/v1" }, "not stated by build type https://ci.test/v1, but must be"],
    [
      { buildType: "https://ci.test/v1", unstated: "an unknown build type" },
      "not stated by build type https://ci.test/v1 (an unknown build type), but must be",
    ],
  ])("says by which build type the source is not stated: %j", (said, expected) => {
    const [finding] = about(`sourceRepositories: ["${APP}"]`, said);
    expect(finding?.code).toBe("provenance/wrong-source");
    expect(finding?.message).toContain(expected);
  });

  it("says why provenance cannot be read", () => {
    const policy = policyAsking("{ provenance: { anyOf: [release] } }");
    const broken = aStatement("https://slsa.dev/provenance/v1", { unreadable: "it names no builder" });
    const found = findings(policy, evidenceOf({ attestations: [broken] }));
    expect(codes(found)).toEqual(["provenance/missing"]);
    expect(found[0]?.message).toContain("its provenance cannot be read: it names no builder");
  });
});
