import { describe, expect, it } from "vitest";

import {
  anAttestation,
  aSignature,
  aSigner,
  aStatement,
  codes,
  evidenceOf,
  hoursAgo,
  objections,
  policyAsking,
} from "../../test/support/policies.ts";
import { COSIGN_SIGN, type Evidence, type Gap, PREDICATE_TYPES, type Vulnerability } from "../core/index.ts";

const LIMIT: Gap = { code: "limits/exceeded", message: "a limit (a.setting)", count: 3 };
const SCAN = PREDICATE_TYPES.cosignVuln;
const CHECK = `{ cel: [{ predicateType: "https://acme.test/x", anyOf: [release], expression: predicate.ok, message: it is ok }] }`;

function scan(...vulnerabilities: readonly Vulnerability[]) {
  return aStatement(SCAN, { scan: { scanner: "trivy", finishedAt: hoursAgo(1), vulnerabilities } });
}

function summary(result: "PASSED" | "FAILED") {
  const said = {
    kind: "vsa",
    verifier: "v",
    result,
    levels: ["SLSA_BUILD_LEVEL_3"],
    verifiedAt: hoursAgo(1),
    policies: [],
    resources: ["ghcr.io/acme/app"],
  } as const;
  return aStatement(PREDICATE_TYPES.summaryV1, { summary: said });
}

function sbom() {
  return aStatement(PREDICATE_TYPES.spdx, { sbom: { format: "spdx", specVersion: "2.3", components: 1 } });
}

function check(ok: boolean) {
  return aStatement("https://acme.test/x", { predicateText: JSON.stringify({ ok }) });
}

const CRITICAL: Vulnerability = { id: "CVE-2026-1111", severity: "critical", fix: "none" };
const SIGNATURE = "{ signature: { anyOf: [release] } }";
const PROVENANCE = "{ provenance: { anyOf: [release] } }";
const SBOM = "{ sbom: { anyOf: [release] } }";
const VULNERABILITY = "{ vulnerability: { anyOf: [release] } }";
const PROMOTABLE = "{ promotable: { anyOf: [release], verifiers: [v] } }";

type Found = Pick<Evidence, "signatures"> | Pick<Evidence, "attestations">;

function judged(require: string, found: Found | object, ...gaps: readonly Gap[]) {
  return objections(policyAsking(require), evidenceOf({ ...found, gaps }));
}

describe("where something was not read", () => {
  it("advises what the first of its gaps does", () => {
    const advice = { fix: "Run `docker login`.", brief: "Log in." };
    const gap: Gap = { code: "registry/forbidden", message: "HTTP 401", advice, count: 1 };
    expect(judged(SIGNATURE, {}, gap)).toMatchObject([{ kind: "fault", code: gap.code, advice }]);
    expect(judged(SIGNATURE, {}, LIMIT)[0]).not.toHaveProperty("advice");
  });

  it.each([
    ["a signature", SIGNATURE, { signatures: [aSignature()] }],
    ["provenance", PROVENANCE, { attestations: [anAttestation()] }],
    ["an SBOM", SBOM, { attestations: [sbom()] }],
  ])("%s that is there admits: nothing can turn it", (_, require, found) => {
    expect(judged(require, found, LIMIT)).toEqual([]);
  });

  it.each([
    ["a clean scan", VULNERABILITY, { attestations: [scan()] }],
    ["a PASSED summary", PROMOTABLE, { attestations: [summary("PASSED")] }],
    ["an expression that holds", CHECK, { attestations: [check(true)] }],
  ])("%s does not admit: a newer one may say otherwise", (_, require, found) => {
    expect(judged(require, found)).toEqual([]);
    expect(judged(require, found, LIMIT)).toMatchObject([
      {
        kind: "fault",
        code: "limits/exceeded",
        rule: "app",
        message: /a limit \(a\.setting\) \(3 of them\)/,
      },
    ]);
  });

  it.each([
    ["a signature", SIGNATURE, {}, "signature/missing"],
    [
      "the wanted signature",
      SIGNATURE,
      { signatures: [aSignature({ signer: aSigner({ identity: "x" }) })] },
      "signature/untrusted-identity",
    ],
    ["provenance", PROVENANCE, {}, "provenance/missing"],
    ["an SBOM", SBOM, {}, "sbom/missing"],
    ["a scan", VULNERABILITY, {}, "vulnerability/scan-missing"],
    ["a summary", PROMOTABLE, {}, "promotable/unknown"],
    ["an attestation for an expression", CHECK, {}, "cel/missing"],
  ])("that %s is missing is not known: it may be what was not read", (_, require, found, code) => {
    expect(codes(judged(require, found))).toEqual([code]);
    expect(codes(judged(require, found, LIMIT))).toEqual(["limits/exceeded"]);
  });

  it.each([
    ["a critical", VULNERABILITY, { attestations: [scan(CRITICAL)] }, "vulnerability/blocked"],
    ["a FAILED summary", PROMOTABLE, { attestations: [summary("FAILED")] }, "promotable/refused"],
    ["an expression that fails", CHECK, { attestations: [check(false)] }, "cel/refused"],
  ])(
    "%s that was read is still told, beside the fault that no waiver sets aside",
    (_, require, found, code) => {
      expect(codes(judged(require, found, LIMIT))).toEqual([code, "limits/exceeded"]);
    },
  );

  it.each([
    ["of another type leaves a scan as it is", PREDICATE_TYPES.spdx, []],
    ["that presents itself as a signature leaves a scan as it is", COSIGN_SIGN, []],
    ["of the same type does not", SCAN, ["limits/exceeded"]],
    ["of a version of the same family does not", PREDICATE_TYPES.vulnsV02, ["limits/exceeded"]],
    ["of no stated type does not", undefined, ["limits/exceeded"]],
  ])("and what is %s", (_, predicateType, expected) => {
    const gap = { ...LIMIT, ...(predicateType !== undefined && { predicateType }) };
    expect(codes(judged(VULNERABILITY, { attestations: [scan()] }, gap))).toEqual(expected);
  });

  it("a VEX document counts only where the rule asks for one", () => {
    const gap = { ...LIMIT, predicateType: `${PREDICATE_TYPES.openVex}/v0.2.0` };
    const withVex = "{ vulnerability: { anyOf: [release], vex: { anyOf: [release] } } }";
    expect(judged(VULNERABILITY, { attestations: [scan()] }, gap)).toEqual([]);
    expect(codes(judged(withVex, { attestations: [scan()] }, gap))).toEqual(["limits/exceeded"]);
  });

  it("each cause is named, faults of different codes apart", () => {
    const gaps: Gap[] = [
      LIMIT,
      { ...LIMIT, message: "another" },
      { code: "registry/unavailable", message: "down", count: 1 },
    ];
    const found = judged(PROMOTABLE, { attestations: [summary("PASSED")] }, ...gaps);
    expect(found.map(({ code, message }) => [code, message])).toEqual([
      [
        "limits/exceeded",
        "whether it passes promotable is not known: a limit (a.setting) (3 of them); another (3 of them)",
      ],
      ["registry/unavailable", "whether it passes promotable is not known: down"],
    ]);
  });

  it("nothing of it concerns a rule that asks for no evidence", () => {
    expect(judged("{ reference: { pinned: true } }", {}, LIMIT)).toEqual([]);
  });
});
