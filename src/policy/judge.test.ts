import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  anAttestation,
  anImage,
  aPolicy,
  aSignature,
  aSigner,
  aStatement,
  codes,
  DIGEST,
  evidenceOf,
  findings,
  policyAsking,
  SECURITY,
} from "../../test/support/policies.ts";
import { PREDICATE_TYPES } from "../core/index.ts";
import { unpinned } from "./gates/index.ts";
import { judge, type Plan, plan, unmatched } from "./judge.ts";

const AUTHORITY = `trustRoots: { main: { source: publicGood } }
authorities: { a: { keyless: { trustRoot: main, issuer: i, identity: s } } }
`;
const policy = aPolicy(`${AUTHORITY}
rules:
  - { name: all, images: ["ghcr.io/**"], require: { signature: { anyOf: [a] } } }
  - { name: acme, images: ["ghcr.io/acme/*", quay.io/acme/app], require: { provenance: { anyOf: [a] } } }
  - { name: prod, images: ["ghcr.io/**"], namespaces: ["prod-*"], require: { provenance: { anyOf: [a], maxAge: 1h } } }
  - { name: base, images: [docker.io/library/alpine], require: { reference: { pinned: true } } }
`);

function rulesFor(image: string, namespace = "shop"): string[] | string {
  const asked = plan(policy, { image: anImage(image), namespace }, { copiesCount: false });
  return asked.kind === "unmatched" ? "unmatched" : asked.rules.map(({ name }) => name);
}

describe("plan", () => {
  it.each([
    ["ghcr.io/acme/app", "shop", ["all", "acme"]],
    ["ghcr.io/acme/app", "prod-eu", ["all", "acme", "prod"]],
    ["ghcr.io/acme/team/app", "shop", ["all"]],
    ["quay.io/acme/app", "shop", ["acme"]],
    ["quay.io/acme/other", "shop", "unmatched"],
    ["alpine:3", "shop", ["base"]],
  ])("%s in %s is held to %s", (image, namespace, rules) => {
    expect(rulesFor(image, namespace)).toEqual(rules);
  });

  it("asks for no evidence where only the reference is asked", () => {
    const asked = plan(policy, { image: anImage("alpine"), namespace: "shop" }, { copiesCount: false });
    expect(asked).toMatchObject({ needsEvidence: false, predicateTexts: [], wants: "[[],[],true]" });
  });

  it("wants what its gates read, and whatever gives no hint", () => {
    const asked = plan(
      policy,
      { image: anImage("ghcr.io/other/app"), namespace: "shop" },
      { copiesCount: false },
    );
    const wants = (hint?: string): boolean => asked.kind === "rules" && asked.wantsPredicate(hint);
    expect(wants("https://sigstore.dev/cosign/sign/v1")).toBe(true);
    expect(wants(undefined)).toBe(true);
    expect(wants("https://slsa.dev/provenance/v1")).toBe(false);
    expect(wants("https://spdx.dev/Document")).toBe(false);
    const both = plan(
      policy,
      { image: anImage("ghcr.io/acme/app"), namespace: "shop" },
      { copiesCount: false },
    );
    expect(both.kind === "rules" && both.wantsPredicate("https://slsa.dev/provenance/v0.2")).toBe(true);
  });
});

function asks(require: string): Plan {
  return plan(policyAsking(require), { image: anImage(), namespace: "shop" }, { copiesCount: false });
}

describe("a part of the evidence", () => {
  const CHECK = `cel: [{ predicateType: "https://acme.test/x", anyOf: [release], expression: predicate.ok, message: m }]`;

  it.each([
    ["{ signature: { anyOf: [release] } }", true],
    [
      "{ signature: { anyOf: [release] }, provenance: { anyOf: [release] }, sbom: { anyOf: [release] } }",
      true,
    ],
    ["{ signature: { anyOf: [release] }, vulnerability: { anyOf: [release] } }", false],
    ["{ provenance: { anyOf: [release], maxAge: 1d } }", false],
    ["{ sbom: { anyOf: [release], maxAge: 1d } }", false],
    ["{ promotable: { anyOf: [release], verifiers: [v] } }", false],
    [`{ signature: { anyOf: [release] }, ${CHECK} }`, false],
  ])("may do for %s: %s", (require, acceptsPartial) => {
    expect(asks(require)).toMatchObject({ acceptsPartial });
  });

  it("never does where an older copy of a statement may void it", () => {
    const by = policyAsking("{ signature: { anyOf: [release] } }");
    const query = { image: anImage(), namespace: "shop" };
    const [usual, whole] = [false, true].map((copiesCount) => plan(by, query, { copiesCount }));
    expect(usual).toMatchObject({ acceptsPartial: true, needsAllEvidence: false });
    expect(whole).toMatchObject({ acceptsPartial: false, needsAllEvidence: true });
    expect(whole).not.toMatchObject({ wants: (usual as { wants: string }).wants });
  });

  it.each([
    [false, []],
    [true, ["limits/exceeded"]],
  ])("that has gaps, where an older copy may void it (%s): %j", (copiesCount, expected) => {
    const by = policyAsking("{ signature: { anyOf: [release] } }");
    const gaps = [{ code: "limits/exceeded", message: "70 of 71", count: 70 }] as const;
    const found = judge({
      policy: by,
      rules: by.rules,
      subject: { image: "x", place: "test" },
      image: anImage(),
      namespace: "shop",
      evidence: { ...evidenceOf({ signatures: [aSignature()] }), gaps },
      keys: [],
      now: new Date("2026-11-24T12:00:00Z"),
      copiesCount,
    });
    expect(found.map((each) => each.code)).toEqual(expected);
  });

  it("that passes still passes with whatever else there is", () => {
    const signers = [
      aSigner(),
      aSigner({ identity: SECURITY }),
      aSigner({ identity: "https://evil.test/x" }),
    ];
    const signatures = signers.map((signer) => aSignature({ signer }));
    const attestations = signers.flatMap((signer) => [
      anAttestation({ sources: [{ repository: "https://github.com/acme/app" }] }, { signer }),
      anAttestation({ sources: [{ repository: "https://github.com/evil/app" }] }, { signer }),
      aStatement("https://spdx.dev/Document", { signer, unreadable: "it holds none" }),
      aStatement("https://spdx.dev/Document", {
        signer,
        sbom: { format: "spdx", specVersion: "2.3", components: 1 },
      }),
    ]);
    const policies = [
      "{ signature: { anyOf: [release, security] } }",
      "{ signature: { allOf: [release, security] } }",
      '{ provenance: { anyOf: [release], sourceRepositories: ["https://github.com/acme/app"] } }',
      "{ sbom: { allOf: [release, security], minComponents: 1 } }",
    ].map(policyAsking);
    fc.assert(
      fc.property(
        fc.subarray(signatures),
        fc.subarray(attestations),
        fc.constantFrom(...policies),
        (some, said, by) => {
          fc.pre(findings(by, evidenceOf({ signatures: some, attestations: said })).length === 0);
          expect(findings(by, evidenceOf({ signatures, attestations: said }))).toEqual([]);
          expect(findings(by, evidenceOf({ signatures, attestations }))).toEqual([]);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe("plan for the predicates that have a version, and for those whose text is read", () => {
  const CEL = `cel: [{ predicateType: "https://spdx.dev/Document/v2.3", anyOf: [release], expression: "predicate.ok", message: m }]`;

  it.each([
    ["{ sbom: { anyOf: [release] } }", "https://spdx.dev/Document/v2.3", true],
    ["{ sbom: { anyOf: [release] } }", "https://cyclonedx.org/bom/v1.6", true],
    ["{ sbom: { anyOf: [release] } }", "https://openvex.dev/ns/v0.2.0", false],
    ["{ vulnerability: { anyOf: [release] } }", "https://openvex.dev/ns/v0.2.0", false],
    [
      "{ vulnerability: { anyOf: [release], vex: { anyOf: [release] } } }",
      "https://openvex.dev/ns/v0.2.0",
      true,
    ],
    [`{ ${CEL} }`, "https://spdx.dev/Document/v2.3", true],
    [`{ ${CEL} }`, "https://spdx.dev/Document", false],
  ])("%s and %s: %s", (require, hint, isWanted) => {
    const asked = asks(require);
    expect(asked.kind === "rules" && asked.wantsPredicate(hint)).toBe(isWanted);
  });

  it("keeps texts for expressions only, and does not share evidence without them", () => {
    const [withText, without] = [asks(`{ ${CEL} }`), asks("{ sbom: { anyOf: [release] } }")];
    expect(withText).toMatchObject({ predicateTexts: ["https://spdx.dev/Document/v2.3"] });
    expect(without).toMatchObject({ predicateTexts: [] });
    const scanned = "vulnerability: { anyOf: [release] }";
    const type = "https://in-toto.io/attestation/vulns/v0.1";
    const both = asks(`{ ${scanned}, ${CEL.replace("https://spdx.dev/Document/v2.3", type)} }`);
    expect(both).not.toMatchObject({ wants: (asks(`{ ${scanned} }`) as { wants: string }).wants });
  });
});

describe("judge", () => {
  it("says which vulnerability each finding is about, so that each is waived on its own", () => {
    const scan = {
      scanner: "trivy",
      vulnerabilities: ["CVE-2026-0001", "CVE-2026-0002"].map(
        (id) => ({ id, severity: "high", fix: "none" }) as const,
      ),
    };
    const { provenance: _, ...bare } = anAttestation({}, { predicateType: PREDICATE_TYPES.cosignVuln, scan });
    const asking = policyAsking("{ vulnerability: { anyOf: [release] } }");
    const found = findings(asking, evidenceOf({ attestations: [bare] }));
    expect(found.map(({ code, ids }) => [code, ids])).toEqual([
      ["vulnerability/blocked", ["CVE-2026-0001"]],
      ["vulnerability/blocked", ["CVE-2026-0002"]],
    ]);
  });

  it("reports every rule and gate that is not met, with digest and rule", () => {
    const found = findings(policy, evidenceOf(), { namespace: "prod-eu" });
    expect(found.map(({ rule, code }) => `${rule}: ${code}`)).toEqual([
      "all: signature/missing",
      "acme: provenance/missing",
      "prod: provenance/missing",
    ]);
    expect(new Set(found.map(({ digest }) => digest))).toEqual(new Set([DIGEST]));
  });

  it("does not take an attestation for a signature, nor a signature for provenance", () => {
    const signer = { kind: "keyless", identity: "s", issuer: "i", claims: {}, trustRoot: "main" } as const;
    const attested = evidenceOf({ attestations: [anAttestation({}, { signer })] });
    const signed = evidenceOf({ signatures: [aSignature({ signer })] });
    expect(codes(findings(policy, attested))).toEqual(["signature/missing"]);
    expect(codes(findings(policy, signed))).toEqual(["provenance/missing"]);
    const both = evidenceOf({
      signatures: [aSignature({ signer })],
      attestations: [anAttestation({}, { signer })],
    });
    expect(findings(policy, both)).toEqual([]);
  });
});

describe("unmatched and unpinned", () => {
  const subject = { image: "x", place: 'container "web"' };

  it("is a finding where the policy denies what it does not cover, and none where it allows", () => {
    const image = anImage("quay.io/other/app:1");
    const allowing = aPolicy(
      `unmatched: allow\nrules: [{ name: r, images: ["a.b/*"], require: { reference: { pinned: true } } }]`,
    );
    expect(unmatched(policy, subject, image)).toMatchObject([
      { code: "policy/unmatched", message: "no rule of the policy covers quay.io/other/app" },
    ]);
    expect(unmatched(policy, subject, anImage(`quay.io/other/app@${DIGEST}`))).toMatchObject([
      { digest: DIGEST },
    ]);
    expect(unmatched(allowing, subject, image)).toEqual([]);
  });

  it("asks for a digest, and says what stands there instead", () => {
    expect(unpinned(subject, anImage("a.b/c:1"))).toMatchObject([
      { code: "reference/unpinned", message: "it is named by the tag 1, which can move" },
    ]);
    expect(unpinned(subject, anImage("a.b/c"))).toMatchObject([
      { message: "a.b/c is named without a digest" },
    ]);
    expect(unpinned(subject, anImage())).toEqual([]);
    const asked = findings(policy, evidenceOf(), { image: anImage("alpine:3") });
    expect(codes(asked)).toEqual(["reference/unpinned"]);
  });
});
