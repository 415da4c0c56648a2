import { describe, expect, it } from "vitest";

import {
  aSigner,
  aStatement,
  findingsAbout,
  hoursAgo,
  SECURITY,
  without,
} from "../../../test/support/policies.ts";
import {
  type Attestation,
  PREDICATE_TYPES,
  type VexStatement,
  type Vulnerability,
} from "../../core/index.ts";

const CVE = "CVE-2026-0001";
const security = aSigner({ identity: SECURITY });
const mallory = aSigner({ identity: "https://github.com/mallory/app/x@y" });

function says(differing: Partial<VexStatement> = {}, proof: Partial<Attestation> = {}): Attestation {
  const statement = {
    vulnerabilities: [CVE],
    status: "not_affected",
    justification: "vulnerable_code_not_present",
    ...differing,
  } as const;
  return aStatement(`${PREDICATE_TYPES.openVex}/v0.2.0`, {
    vex: { statements: [statement] },
    signer: security,
    ...proof,
  });
}

const FOUND: Vulnerability = { id: CVE, severity: "critical", fix: "none", package: "openssl" };

/** The ids that block beside these VEX documents, where `vex` says whose count. */
function blocked(
  documents: readonly Attestation[],
  {
    found = [FOUND],
    vex = "anyOf: [security]",
  }: { readonly found?: readonly Vulnerability[]; readonly vex?: string } = {},
): readonly string[] {
  const scan = aStatement(PREDICATE_TYPES.cosignVuln, { scan: { scanner: "trivy", vulnerabilities: found } });
  const asked = `{ vulnerability: { anyOf: [release]${vex === "" ? "" : `, vex: { ${vex} }`} } }`;
  return findingsAbout(asked, [scan, ...documents]).flatMap(({ ids = [] }) => ids);
}

describe("a VEX statement", () => {
  it.each<[string, Attestation, boolean]>([
    ["not affected, with a reason", says(), true],
    ["not affected, without one", says({ justification: undefined as never }), false],
    ["fixed", says({ status: "fixed" }), true],
    ["fixed, without a reason", says({ status: "fixed", justification: undefined as never }), true],
    ["affected", says({ status: "affected" }), false],
    ["under investigation", says({ status: "under_investigation" }), false],
    ["about another vulnerability", says({ vulnerabilities: ["CVE-2026-0002"] }), false],
    ["about one that begins alike", says({ vulnerabilities: ["CVE-2026-00010"] }), false],
    ["about several", says({ vulnerabilities: ["GHSA-aaaa-bbbb-cccc", CVE] }), true],
    ["about it in other letters", says({ vulnerabilities: ["cve-2026-0001"] }), true],
    ["about its package", says({ packages: ["zlib", "openssl"] }), true],
    ["about another package", says({ packages: ["zlib"] }), false],
    ["about no package that can be read", says({ packages: [] }), false],
    ["by somebody else", says({}, { signer: mallory }), false],
    ["by who may sign the scan only", says({}, { signer: aSigner() }), false],
    ["in a document of another type", says({}, { predicateType: "https://openvex.dev/nsx" }), false],
    ["in one without a version", says({}, { predicateType: PREDICATE_TYPES.openVex }), true],
    ["that nothing dates", without(says(), "trustedTime"), true],
  ])("%s: lowers it: %s", (_, document, lowers) => {
    expect(blocked([document])).toEqual(lowers ? [] : [CVE]);
  });

  it("counts only where the rule names its signers", () => {
    expect(blocked([says()], { vex: "" })).toEqual([CVE]);
  });

  it("reaches a vulnerability by its aliases, and one by one", () => {
    const ghsa = { ...FOUND, id: "GHSA-aaaa-bbbb-cccc", aliases: [CVE] };
    expect(blocked([says()], { found: [ghsa] })).toEqual([]);
    const other = { ...FOUND, id: "CVE-2026-0002" };
    expect(blocked([says()], { found: [FOUND, other] })).toEqual(["CVE-2026-0002"]);
    const elsewhere = { ...FOUND, package: "zlib" };
    expect(blocked([says({ packages: ["openssl"] })], { found: [FOUND, elsewhere] })).toEqual([CVE]);
    expect(blocked([says({ packages: ["openssl"] })], { found: [without(FOUND, "package")] })).toEqual([CVE]);
  });
});

const lowering = (hours: number, stated?: number): Attestation =>
  says(stated === undefined ? {} : { statedAt: hoursAgo(stated) }, { trustedTime: hoursAgo(hours) });
const raising = (hours: number, stated?: number, differing: Partial<VexStatement> = {}): Attestation =>
  says(
    { status: "affected", ...(stated !== undefined && { statedAt: hoursAgo(stated) }), ...differing },
    { trustedTime: hoursAgo(hours) },
  );

describe("a VEX statement that is taken back or contradicted", () => {
  it.each<[string, readonly Attestation[], boolean]>([
    ["affirmed later", [raising(2), lowering(1)], true],
    ["taken back later", [lowering(2), raising(1)], false],
    ["taken back at the same instant", [lowering(1), raising(1)], false],
    ["taken back later, under an old date", [lowering(2, 2), raising(1, 3)], false],
    ["affirmed later, under an old date", [raising(2, 2), lowering(1, 3)], false],
    ["affirmed under a new date, but signed before", [raising(1, 1), lowering(2, 0)], false],
    ["taken back by what nothing dates", [lowering(1), without(raising(1), "trustedTime")], false],
    ["affirmed by what nothing dates", [raising(1), without(lowering(1), "trustedTime")], false],
    [
      "taken back in other letters",
      [lowering(2), raising(1, 1, { vulnerabilities: ["cve-2026-0001"] })],
      false,
    ],
    ["taken back for its package", [lowering(2), raising(1, 1, { packages: ["openssl"] })], false],
    ["taken back for another package", [lowering(2), raising(1, 1, { packages: ["zlib"] })], true],
    ["taken back for packages that cannot be read", [lowering(2), raising(1, 1, { packages: [] })], false],
    ["followed by a document that cannot be read", [lowering(2), without(raising(1), "vex")], false],
    ["preceded by one", [without(raising(2), "vex"), lowering(1)], true],
    ["contradicted by somebody whom nobody asked", [lowering(2), { ...raising(1), signer: mallory }], true],
  ])("%s: lowers it: %s", (_, documents, lowers) => {
    expect(blocked(documents)).toEqual(lowers ? [] : [CVE]);
    expect(blocked(documents.toReversed())).toEqual(lowers ? [] : [CVE]);
  });

  it("may be about a finding without a package", () => {
    const found = [without(FOUND, "package")];
    expect(blocked([lowering(2), raising(1, 1, { packages: ["openssl"] })], { found })).toEqual([CVE]);
  });
});

function byRelease(document: Attestation): Attestation {
  return { ...document, signer: aSigner() };
}

describe("VEX statements of several signers", () => {
  it.each<[string, readonly Attestation[], boolean]>([
    ["anyOf: [release, security]", [says(), byRelease(says())], true],
    ["anyOf: [release, security]", [byRelease(raising(5)), lowering(1)], false],
    ["anyOf: [release, security]", [byRelease(lowering(5)), raising(1)], false],
    ["allOf: [release, security]", [says()], false],
    ["allOf: [release, security]", [says(), says()], false],
    ["allOf: [release, security]", [says(), byRelease(says())], true],
    ["allOf: [release, security]", [says(), byRelease(says({ vulnerabilities: ["CVE-2026-0002"] }))], false],
    ["threshold: { least: 2, of: [release, security, shared] }", [says(), byRelease(says())], true],
  ])("%s: lower it: %s (%#)", (vex, documents, lowers) => {
    expect(blocked(documents, { vex })).toEqual(lowers ? [] : [CVE]);
  });
});
