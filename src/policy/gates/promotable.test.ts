import { describe, expect, it } from "vitest";

import {
  aPolicy,
  aSigner,
  aStatement,
  codes,
  DIGEST,
  evidenceOf,
  findings,
  findingsAbout,
  hoursAgo,
  policyAsking,
  SECURITY,
  without,
} from "../../../test/support/policies.ts";
import {
  type Attestation,
  digestOf,
  type Finding,
  PREDICATE_TYPES,
  type Verified,
  type VerificationSummary,
} from "../../core/index.ts";

const TYPE = PREDICATE_TYPES.summaryV1;
const VERIFIER = "https://acme.test/promoter";
const ANY = 'anyOf: [release], verifiers: ["https://acme.test/promoter"]';
const security = aSigner({ identity: SECURITY });
const mallory = aSigner({ identity: "https://github.com/mallory/app/x@y" });

function aSummary(
  words: Partial<VerificationSummary> = {},
  differing: Partial<Attestation> = {},
): Attestation {
  const summary = {
    kind: "vsa",
    verifier: VERIFIER,
    result: "PASSED",
    levels: ["SLSA_BUILD_LEVEL_3"],
    policies: [],
    resources: ["pkg:oci/app?repository_url=ghcr.io/acme/app"],
    ...words,
  } as const;
  return aStatement(TYPE, { summary, ...differing });
}

function about(settings: string, ...attestations: readonly Attestation[]): Finding[] {
  return findingsAbout(`{ promotable: { ${settings} } }`, attestations);
}

function said(settings: string, differing: Partial<VerificationSummary>): string | undefined {
  return about(`${ANY}, ${settings}`, aSummary(differing))[0]?.message;
}

const passed = aSummary();
const failed = aSummary({ result: "FAILED" });
const olderFailure = aSummary({ result: "FAILED" }, { trustedTime: hoursAgo(2) });

const newerPass = aSummary({}, { trustedTime: hoursAgo(0) });

/** One that has a first copy of some hours ago. */
function copied(attestation: Attestation, hours: number): Attestation {
  return { ...attestation, copies: { since: hoursAgo(hours) } };
}

function adviceOn(...all: Attestation[]): string | undefined {
  return about(ANY, ...all)[0]?.advice?.brief;
}

describe("the promotable gate", () => {
  it.each<[string, readonly Attestation[], string, string]>([
    ["there is no summary", [], "unknown", "no verification summary by release"],
    [
      "it is of another type",
      [aSummary({}, { predicateType: `${TYPE}.1` })],
      "unknown",
      "no verification summary by release",
    ],
    [
      "it is of an older type",
      [aSummary({}, { predicateType: "https://slsa.dev/verification_summary/v0.2" })],
      "unknown",
      "no verification summary",
    ],
    [
      "somebody else signed it",
      [aSummary({}, { signer: mallory })],
      "untrusted-signer",
      "signed by https://github.com/mallory",
    ],
    [
      "it is by another verifier",
      [aSummary({ verifier: `${VERIFIER}x` })],
      "untrusted-signer",
      "none of its verification summaries is by https://acme.test/promoter",
    ],
    [
      "it cannot be read",
      [aStatement(TYPE, { unreadable: "no verifier" })],
      "unknown",
      "cannot be read: no verifier",
    ],
    ["it holds nothing", [aStatement(TYPE)], "unknown", "cannot be read: it holds none"],
    ["it failed", [failed], "refused", "its verification by https://acme.test/promoter FAILED"],
    [
      "a pass and a failure have no time",
      [without(passed, "trustedTime"), failed],
      "refused",
      "FAILED; another one says PASSED, but nothing vouches for which is newer",
    ],
  ])("refuses where %s", (_, attestations, code, words) => {
    const [finding, ...more] = about(ANY, ...attestations);
    expect(more).toEqual([]);
    expect(finding?.code).toBe(`promotable/${code}`);
    expect(finding?.message).toContain(words);
    expect(finding?.message).toMatch(/^[\x20-\x7e]{20,600}$/);
  });

  it("advises a log or a timestamp where repeating it would change nothing", () => {
    expect(adviceOn(without(passed, "trustedTime"), failed)).toBe("Attest it with a log or a timestamp.");
    expect(adviceOn(failed)).toBeUndefined();
    expect(adviceOn(passed, failed)).toBeUndefined();
  });

  it.each<[string, Partial<VerificationSummary>, string | undefined]>([
    ["", {}, undefined],
    ["", { levels: ["SLSA_BUILD_LEVEL_1"] }, undefined],
    ["", { levels: ["SLSA_BUILD_LEVEL_0", "MC_LEGACY_LINKED"] }, "level"],
    ["", { levels: ["SLSA_BUILD_LEVEL_UNEVALUATED"] }, "level"],
    ["levels: [MC_LEGACY_LINKED]", { levels: ["SLSA_BUILD_LEVEL_0", "MC_LEGACY_LINKED"] }, undefined],
    ["levels: [SLSA_BUILD_LEVEL_0]", { levels: ["SLSA_BUILD_LEVEL_0", "MC_LEGACY_LINKED"] }, undefined],
    ["levels: [SLSA_BUILD_LEVEL_0]", {}, undefined],
    ["levels: [SLSA_BUILD_LEVEL_3]", {}, undefined],
    ["levels: [SLSA_BUILD_LEVEL_2]", {}, undefined],
    ["levels: [SLSA_BUILD_LEVEL_4]", {}, "level"],
    ["levels: [SLSA_BUILD_LEVEL_2]", { levels: ["SLSA_BUILD_LEVEL_10"] }, undefined],
    ["levels: [SLSA_BUILD_LEVEL_3]", { levels: ["SLSA_SOURCE_LEVEL_3"] }, "level"],
    ["levels: [SLSA_BUILD_LEVEL_3]", { levels: [] }, "level"],
    ["levels: [SLSA_BUILD_LEVEL_3, ACME_REVIEWED]", {}, "level"],
    [
      "levels: [SLSA_BUILD_LEVEL_3, ACME_REVIEWED]",
      { levels: ["ACME_REVIEWED", "SLSA_BUILD_LEVEL_3"] },
      undefined,
    ],
    ["levels: [ACME_REVIEWED_2]", { levels: ["ACME_REVIEWED_3"] }, "level"],
    ["", { resources: ["ghcr.io/acme/app"] }, undefined],
    ["", { resources: ["oci://ghcr.io/acme/app:v1"] }, undefined],
    ["", { resources: [`ghcr.io/acme/app@${DIGEST}`] }, undefined],
    ["", { resources: ["ghcr.io/acme/other", "ghcr.io/acme/app"] }, undefined],
    ["", { resources: [] }, "wrong-resource"],
    ["", { resources: ["pkg:oci/app"] }, "wrong-resource"],
    ["", { resources: ["ghcr.io/acme/app2"] }, "wrong-resource"],
    ["", { resources: ["https://ghcr.io/acme/app"] }, "wrong-resource"],
    ["", { resources: [`ghcr.io/acme/app@${digestOf("another")}`] }, "wrong-resource"],
    ["resourceUris: [pkg:oci/app]", { resources: ["pkg:oci/app"] }, undefined],
    ["resourceUris: [pkg:oci/app]", { resources: ["pkg:oci/app2"] }, "wrong-resource"],
    ["resourceUris: [pkg:oci/app]", { resources: ["ghcr.io/acme/app"] }, "wrong-resource"],
    ["resourceUris: [pkg:oci/app]", { resources: [] }, "wrong-resource"],
    ['resourceUris: [{ pattern: "^pkg:oci/[a-z]+$" }]', { resources: ["pkg:oci/app"] }, undefined],
    ["maxAge: 1h", {}, undefined],
    ["maxAge: 59m", {}, "too-old"],
    ["maxAge: 1h", { verifiedAt: hoursAgo(2) }, "too-old"],
    ["maxAge: 59m", { verifiedAt: hoursAgo(0) }, "too-old"],
  ])("%s of %o leads to %s", (settings, differing, code) => {
    const found = about(settings === "" ? ANY : `${ANY}, ${settings}`, aSummary(differing));
    expect(codes(found)).toEqual(code === undefined ? [] : [`promotable/${code}`]);
  });

  const uri = "https://acme.test/policy";
  const [strict, weak] = [digestOf("strict"), digestOf("weak")];
  it.each<[string, VerificationSummary["policies"], boolean]>([
    [`[{ uri: "${uri}" }]`, [{ uri }], true],
    [`[{ uri: "${uri}" }]`, [{ uri: `${uri}/2` }], false],
    [`[{ uri: "${uri}" }]`, [{ digest: strict }], false],
    [`[{ uri: { pattern: "^https://acme[.]test/.+$" } }]`, [{ uri }], true],
    [`[{ digests: ["${strict}"] }]`, [{ digest: strict }], true],
    [`[{ digests: ["${strict}"] }]`, [{ uri, digest: weak }], false],
    [`[{ digests: ["${strict}"] }]`, [{ uri }], false],
    [`[{ digests: ["${strict}"] }]`, [], false],
    [`[{ uri: "${uri}", digests: ["${strict}"] }]`, [{ uri, digest: strict }], true],
    [`[{ uri: "${uri}", digests: ["${strict}"] }]`, [{ uri, digest: weak }], false],
    [`[{ uri: "${uri}", digests: ["${strict}"] }]`, [{ uri: `${uri}/2`, digest: strict }], false],
    [`[{ uri: "${uri}", digests: ["${strict}"] }]`, [{ uri }, { digest: strict }], false],
    [`[{ digests: ["${weak}"] }, { digests: ["${strict}"] }]`, [{ digest: strict }], true],
    ["inForce", [{ digest: strict }], false],
    ["inForce", [{ uri }], false],
    ["inForce", [], false],
  ])("with policies %s, one that was verified against %j passes: %s", (policies, named, passes) => {
    const found = about(`${ANY}, policies: ${policies}`, aSummary({ policies: named }));
    expect(codes(found)).toEqual(passes ? [] : ["promotable/wrong-policy"]);
  });

  it("takes the digest of the whole policy for the one in force", () => {
    const policy = policyAsking(`{ promotable: { ${ANY}, policies: inForce } }`);
    const attestation = aSummary({ policies: [{ digest: policy.revision }] });
    expect(findings(policy, evidenceOf({ attestations: [attestation as Verified<Attestation>] }))).toEqual(
      [],
    );
  });

  it.each<[string, object, string | undefined, boolean]>([
    ["the rules of the image's own namespace", {}, "prod", true],
    ["lax rules of another namespace", {}, "lax", false],
    ["rules of no namespace", {}, undefined, false],
    ["another namespace, which the rule names", { judgedFor: ["build"] }, "build", true],
    ["its own namespace, where the rule names another", { judgedFor: ["build"] }, "prod", false],
    ["no namespace, where the rule names one", { judgedFor: ["build"] }, undefined, false],
    ["lax rules, where any policy is allowed", { policies: undefined }, "lax", false],
    ["lax rules, where the policy's address is allowed", { policies: [{ uri: "urn:p" }] }, "lax", false],
    ["its own rules, where the policy's address is allowed", { policies: [{ uri: "urn:p" }] }, "prod", true],
  ])("counts a summary of a policy with namespaces that was judged by %s: %s", (_, settings, ns, passes) => {
    const promotable = { anyOf: ["a"], verifiers: [VERIFIER], policies: "inForce", ...settings };
    const key = { keyless: { trustRoot: "main", issuer: security.issuer, identity: SECURITY } };
    const policy = aPolicy(
      JSON.stringify({
        trustRoots: { main: { source: "publicGood" } },
        authorities: { a: key },
        rules: [{ name: "r", images: ["**"], namespaces: ["prod"], require: { promotable } }],
      }),
    );
    const address = ns === undefined ? "urn:p" : `urn:p#namespace=${ns}`;
    const own = aSummary({ policies: [{ uri: address, digest: policy.revision }] }, { signer: security });
    const found = findings(policy, evidenceOf({ attestations: [own as Verified<Attestation>] }), {
      namespace: "prod",
    });
    expect(codes(found)).toEqual(passes ? [] : ["promotable/wrong-policy"]);
  });

  it("counts a policy of someone else without namespaces", () => {
    const foreign = aSummary({ policies: [{ uri: "urn:p", digest: digestOf("foreign") }] });
    expect(codes(about(`${ANY}, policies: [{ uri: "urn:p" }]`, foreign))).toEqual([]);
  });

  it.each([
    ["policies: []"],
    ["judgedFor: []"],
    ['judgedFor: ["*"]'],
    ["policies: [{}]"],
    ["policies: [{ digests: [] }]"],
    ["policies: any"],
  ])("does not accept %s", (settings) => {
    expect(() => policyAsking(`{ promotable: { ${ANY}, ${settings} } }`)).toThrow(/line/);
  });

  const svr = { predicateType: PREDICATE_TYPES.resultV02 };
  it.each<[string, Attestation, string | undefined]>([
    ["names the repository and the level", aSummary({ kind: "svr" }, svr), undefined],
    ["names no repository", aSummary({ kind: "svr", resources: [] }, svr), "wrong-resource"],
    ["lists nothing that passed", aSummary({ kind: "svr", levels: [] }, svr), "level"],
  ])("of a simple verification result that %s finds %s", (_, result, code) => {
    expect(codes(about(ANY, result))).toEqual(code === undefined ? [] : [`promotable/${code}`]);
  });

  it("says what a summary is about, names and was verified against, and what it should", () => {
    expect(said("maxAge: 1d", { resources: [] })).toContain(
      "is about nothing, but must be about ghcr.io/acme/app",
    );
    expect(said("resourceUris: [pkg:oci/app]", { resources: ["pkg:oci/b"] })).toContain(
      "is about pkg:oci/b, but must be about pkg:oci/app",
    );
    const level = "levels: [SLSA_BUILD_LEVEL_4]";
    expect(said(level, { levels: [] })).toContain("names no level, but must name SLSA_BUILD_LEVEL_4");
    expect(said(level, {})).toContain("names SLSA_BUILD_LEVEL_3, but must name SLSA_BUILD_LEVEL_4");
    const policies = `policies: [{ uri: "${uri}", digests: ["${strict}"] }]`;
    expect(said(policies, { policies: [{ uri, digest: weak }] })).toContain(
      `against ${uri} (${weak}), but must be against ${uri} ${strict}`,
    );
    expect(said(policies, {})).toContain("against no policy that its summary names");
  });

  it("has an age only where something vouches for its time, and needs none otherwise", () => {
    const timeless = without(aSummary({ verifiedAt: hoursAgo(0) }), "trustedTime");
    expect(about(ANY, timeless)).toEqual([]);
    expect(about(`${ANY}, maxAge: 1d`, timeless)[0]?.message).toContain("is unverified");
  });

  it("is as old as its first copy, and of unknown age where a copy has no time", () => {
    expect(about(`${ANY}, maxAge: 1d`, copied(passed, 23))).toEqual([]);
    expect(about(`${ANY}, maxAge: 1d`, copied(passed, 25))[0]?.message).toContain(
      "it was verified 1d 1h ago",
    );
    expect(about(`${ANY}, maxAge: 1d`, { ...passed, copies: {} })[0]?.message).toContain(
      "the time of a copy of its verification",
    );
  });

  it.each<[string, readonly Attestation[], string | undefined]>([
    ["a newer pass", [failed, aSummary({}, { trustedTime: hoursAgo(0) })], undefined],
    ["an older pass", [aSummary({}, { trustedTime: hoursAgo(2) }), failed], "refused"],
    ["an older pass, stamped again since", [copied(newerPass, 2), failed], "refused"],
    [
      "an older pass, stamped again since, where the failure names an early time",
      [copied(newerPass, 2), aSummary({ result: "FAILED", verifiedAt: hoursAgo(4) })],
      "refused",
    ],
    ["a pass stamped since, of which a copy is undated", [{ ...newerPass, copies: {} }, failed], "refused"],
    ["a newer pass, of which there is an older copy", [olderFailure, copied(newerPass, 1)], undefined],
    ["a pass in between two copies of a failure", [copied(failed, 3), copied(newerPass, 2)], "refused"],
    ["a pass of the same instant", [passed, failed], "refused"],
    ["a pass that nothing dates", [without(passed, "trustedTime"), failed], "refused"],
    ["a pass, where nothing dates the failure", [passed, without(failed, "trustedTime")], "refused"],
    [
      "a newer pass by another signer",
      [failed, aSummary({}, { signer: security, trustedTime: hoursAgo(0) })],
      "refused",
    ],
    [
      "a newer pass by another verifier",
      [failed, aSummary({ verifier: "https://acme.test/other" }, { trustedTime: hoursAgo(0) })],
      "refused",
    ],
    [
      "a pass signed before, whatever either says of its time",
      [
        aSummary({ verifiedAt: hoursAgo(3) }, { trustedTime: hoursAgo(2) }),
        aSummary({ result: "FAILED", verifiedAt: hoursAgo(4) }),
      ],
      "refused",
    ],
    [
      "a newer summary that cannot be read",
      [aSummary({}, { trustedTime: hoursAgo(2) }), aStatement(TYPE)],
      "unknown",
    ],
    ["a newer one that cannot be read, after a failure", [olderFailure, aStatement(TYPE)], "refused"],
    [
      "an older one that cannot be read",
      [aStatement(TYPE), aSummary({}, { trustedTime: hoursAgo(0) })],
      "unknown",
    ],
    [
      "a newer pass about another resource",
      [failed, aSummary({ resources: ["ghcr.io/acme/copy"] }, { trustedTime: hoursAgo(0) })],
      "refused",
    ],
    [
      "a newer pass of another resource, and an older one of its own",
      [passed, aSummary({ resources: ["ghcr.io/acme/copy"] }, { trustedTime: hoursAgo(0) })],
      undefined,
    ],
    [
      "a newer result that lists only what has passed",
      [failed, aSummary({ kind: "svr" }, { ...svr, trustedTime: hoursAgo(0) })],
      "refused",
    ],
    [
      "a newer result that lists only what has passed, after one that cannot be read",
      [aStatement(TYPE), aSummary({ kind: "svr" }, { ...svr, trustedTime: hoursAgo(0) })],
      "unknown",
    ],
    [
      "a newer failure, after a result that lists what has passed",
      [aSummary({ kind: "svr" }, { ...svr, trustedTime: hoursAgo(2) }), failed],
      "refused",
    ],
    ["a failure by somebody else", [passed, aSummary({ result: "FAILED" }, { signer: mallory })], undefined],
    [
      "a failure by a verifier that nobody asked",
      [passed, aSummary({ result: "FAILED", verifier: "https://other.test" })],
      undefined,
    ],
  ])("of several summaries beside %s", (_, attestations, code) => {
    const settings = `anyOf: [release, security], verifiers: [{ pattern: "^https://acme\\\\.test/[a-z]+$" }]`;
    for (const order of [attestations, attestations.toReversed()]) {
      expect(codes(about(settings, ...order))).toEqual(code === undefined ? [] : [`promotable/${code}`]);
    }
  });

  it("a summary that cannot be read counts until it is gone, whatever came before it and after it", () => {
    const all = [aSummary({}, { trustedTime: hoursAgo(5) }), aStatement(TYPE), newerPass];
    for (const order of [all, all.toReversed()])
      expect(codes(about(ANY, ...order))).toEqual(["promotable/unknown"]);
    expect(about(ANY, passed, newerPass)).toEqual([]);
  });

  it("a summary that cannot be read is named by its attachment, and another one is not what is advised", () => {
    const broken = aStatement(TYPE, { unreadable: "no verifier" });
    const [finding] = about(ANY, broken, newerPass);
    expect(finding?.message).toContain(`summary of it (${broken.attachment.slice(0, 19)}) cannot be read`);
    expect(finding?.advice?.fix).toContain("another summary alone does not help");
  });

  it.each<[string, readonly Attestation[], boolean]>([
    ["allOf: [release, security]", [passed, aSummary({}, { signer: security })], true],
    ["allOf: [release, security]", [passed, aSummary({ verifier: "https://acme.test/b" })], false],
    ["allOf: [release, security]", [passed, aSummary({ result: "FAILED" }, { signer: security })], false],
    ["allOf: [release, security]", [passed, aSummary({ levels: [] }, { signer: security })], false],
    ["threshold: { count: 1, of: [release, security] }", [passed], true],
    ["threshold: { count: 2, of: [release, security, shared] }", [passed], false],
  ])("counts distinct signers: %s (%#)", (composition, attestations, passes) => {
    const settings = `${composition}, levels: [SLSA_BUILD_LEVEL_1], verifiers: [{ pattern: "^https://acme\\\\.test/.+$" }]`;
    expect(about(settings, ...attestations).length === 0).toBe(passes);
  });

  it("fewer signers than required: the message says how many of how many", () => {
    const settings = ANY.replace("anyOf: [release]", "allOf: [release, security]");
    expect(about(settings, passed)[0]?.message).toContain(
      "signed by only 1 of the 2 distinct signers of release or",
    );
  });
});
