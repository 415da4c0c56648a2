import { describe, expect, it } from "vitest";

import {
  aSignature,
  aSigner,
  aStatement,
  codes,
  DIGEST,
  evidenceOf,
  objections,
  hoursAgo,
  policyAsking,
  SECURITY,
} from "../../test/support/policies.ts";
import { digestOf, type Evidence, type Objection, type Vulnerability } from "../core/index.ts";
import { parseRevocations, type Revocations } from "../revocations/index.ts";
import { contentsFindings, judgeUnrevoked } from "./revoked.ts";

const SCANNER = aSigner({ identity: SECURITY });
const SCAN = "https://cosign.sigstore.dev/attestation/vuln/v1";
const BAD: Vulnerability = { id: "CVE-2026-1111", severity: "critical", fix: "none" };

function revoked(identity: string, from: Date): Revocations {
  const entry = {
    id: "R-1",
    issuer: SCANNER.issuer,
    identity,
    from: from.toISOString(),
    reason: "Its token was read by somebody else.",
    created: hoursAgo(1).toISOString(),
  };
  const parsed = parseRevocations(JSON.stringify({ revocations: [entry] }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function scan(hours: number, ...vulnerabilities: readonly Vulnerability[]) {
  const at = hoursAgo(hours);
  return aStatement(SCAN, {
    signer: SCANNER,
    trustedTime: at,
    scan: { scanner: "trivy", finishedAt: at, vulnerabilities },
  });
}

function summary(hours: number, result: "PASSED" | "FAILED") {
  const at = hoursAgo(hours);
  const said = {
    kind: "vsa",
    verifier: "https://acme.example/v",
    result,
    levels: ["SLSA_BUILD_LEVEL_3"],
    verifiedAt: at,
    policies: [],
    resources: ["ghcr.io/acme/app"],
  } as const;
  const type = "https://slsa.dev/verification_summary/v1";
  return aStatement(type, { signer: SCANNER, trustedTime: at, summary: said });
}

function standing(evidence: Evidence, revocations: Revocations, require: string): readonly Objection[] {
  const policy = policyAsking(require);
  return judgeUnrevoked(evidence, revocations, (each) => objections(policy, each)).objections;
}

const VULNERABILITY = "{ vulnerability: { anyOf: [security] } }";

describe("what a revocation leaves", () => {
  it("is a finding about the signer, and what is missing without it", () => {
    const evidence = evidenceOf({ signatures: [aSignature()] });
    const found = standing(
      evidence,
      revoked(aSigner().identity, hoursAgo(5)),
      "{ signature: { anyOf: [release] } }",
    );
    expect(codes(found)).toEqual(["revocation/signer", "signature/missing"]);
    expect(found[0]).toMatchObject({
      message: expect.stringContaining("revocation R-1 voids what"),
      rule: "app",
    });
  });

  it("is as before where what is void was not needed", () => {
    const evidence = evidenceOf({ signatures: [aSignature(), aSignature({ signer: SCANNER })] });
    expect(
      standing(evidence, revoked(SECURITY, hoursAgo(5)), "{ signature: { anyOf: [release, security] } }"),
    ).toEqual([]);
  });

  it("never lets an image in: a revoked scanner's bad word does not make an older clean one the newest", () => {
    const evidence = evidenceOf({ attestations: [scan(30), scan(5, BAD)] });
    expect(codes(standing(evidence, revoked(SECURITY, hoursAgo(1)), VULNERABILITY))).toEqual([
      "vulnerability/blocked",
    ]);
    expect(standing(evidence, revoked(SECURITY, hoursAgo(10)), VULNERABILITY)).toMatchObject([
      { code: "vulnerability/blocked", ids: [BAD.id], digest: DIGEST },
    ]);
  });

  it("holds for a verification summary that says FAILED", () => {
    const evidence = evidenceOf({ attestations: [summary(30, "PASSED"), summary(5, "FAILED")] });
    const require = "{ promotable: { anyOf: [security], verifiers: [https://acme.example/v] } }";
    expect(codes(standing(evidence, revoked(SECURITY, hoursAgo(10)), require))).toContain(
      "promotable/refused",
    );
  });
});

describe("what speaks against an index by what it lists", () => {
  const parts = Array.from({ length: 5 }, (_, at) => digestOf(`part ${at}`));
  const subject = { image: `ghcr.io/acme/app@${DIGEST}`, place: "c" };

  function against(document: object) {
    const parsed = parseRevocations(JSON.stringify({ revocations: [], ...document }));
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return contentsFindings(
      subject,
      { image: DIGEST, contents: { digests: [DIGEST], parts, absent: [], checkpoint: undefined } },
      parsed.value,
    );
  }

  it("is one finding for each list, which names three and says how many more", () => {
    const created = hoursAgo(1).toISOString();
    const found = against({
      revocations: [{ id: "R-1", digest: parts[4], reason: "It ships credentials.", created }],
      nonPromotable: parts.map((digest) => ({ digest, reason: "no history" })),
    });
    expect(found.map(({ code, digest }) => [code, digest])).toEqual([
      ["promotable/refused", DIGEST],
      ["revocation/digest", DIGEST],
    ]);
    const [listed, voided] = found.map(({ message }) => message);
    expect(listed).toContain(`${parts[2]}, which this index lists is on the list`);
    expect(listed).not.toContain(parts[3]);
    expect(listed).toMatch(/; and 2 more$/);
    expect(voided).toBe(`revocation R-1 voids ${parts[4]}, which this index lists: It ships credentials.`);
  });

  it("names each of them, and how many more, where the reasons are long", () => {
    const [found] = against({
      nonPromotable: parts.map((digest) => ({ digest, reason: "no history ".repeat(23).trim() })),
    });
    for (const part of parts.slice(0, 3)) expect(found?.message).toContain(part);
    expect(found?.message).toMatch(/; and 2 more$/);
    expect(found?.message.length).toBeLessThan(650);
  });
});
