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
    vex: { statements: [statement], setAside: [] },
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
    [
      "affirmed by an older copy, stamped since",
      [raising(2), { ...lowering(1), copies: { since: hoursAgo(3) } }],
      false,
    ],
    [
      "taken back again, word for word",
      [lowering(2), { ...raising(1), copies: { since: hoursAgo(3) } }],
      false,
    ],
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
    ["threshold: { count: 2, of: [release, security, shared] }", [says(), byRelease(says())], true],
  ])("%s: lower it: %s (%#)", (vex, documents, lowers) => {
    expect(blocked(documents, { vex })).toEqual(lowers ? [] : [CVE]);
  });
});

/** What the refusal says of the one vulnerability beside these documents. */
function refusal(documents: readonly Attestation[], vex = "anyOf: [security]"): string | undefined {
  const scan = aStatement(PREDICATE_TYPES.cosignVuln, {
    scan: { scanner: "trivy", vulnerabilities: [FOUND] },
  });
  const asked = `{ vulnerability: { anyOf: [release], vex: { ${vex} } } }`;
  return findingsAbout(asked, [scan, ...documents])[0]?.message;
}

/** A document without statements that count. */
function setsAside(product: string, why: string): Attestation {
  return aStatement(PREDICATE_TYPES.openVex, {
    vex: { statements: [], setAside: [{ vulnerabilities: [CVE], product, why }] },
    signer: security,
  });
}

describe("a VEX statement about a repository without a digest", () => {
  it.each<[string, string, boolean]>([
    ["the image's", "ghcr.io/acme/app", true],
    ["another", "ghcr.io/acme/other", false],
    ["the same at another registry", "docker.io/acme/app", false],
    ["one that begins alike", "ghcr.io/acme/app-evil", false],
  ])("counts for %s repository: %s → %s", (_, repository, lowers) => {
    expect(blocked([says({ repository })])).toEqual(lowers ? [] : [CVE]);
  });

  it("does not count where it gives no reason, or somebody else signed it", () => {
    const repository = "ghcr.io/acme/app";
    expect(blocked([says({ repository, justification: undefined as never })])).toEqual([CVE]);
    expect(blocked([says({ repository }, { signer: mallory })])).toEqual([CVE]);
  });
});

describe("a refusal beside a VEX statement that does not count", () => {
  const product = "pkg:npm/express@4.0.0";

  it.each<[string, readonly Attestation[], string]>([
    [
      "about another repository",
      [says({ repository: "ghcr.io/acme/other" })],
      "its OpenVEX statement is about ghcr.io/acme/other, which is another repository",
    ],
    [
      "about another product",
      [setsAside(product, "which is not an image")],
      `its OpenVEX statement is about ${product}, which is not an image`,
    ],
    [
      "by somebody else",
      [says({}, { signer: mallory })],
      "its OpenVEX statement is signed by https://github.com/mallory/app/x@y",
    ],
    [
      "about another package",
      [says({ packages: ["zlib"] })],
      "its OpenVEX statement is about other packages: zlib",
    ],
    [
      "without a reason",
      [says({ justification: undefined as never })],
      "says not_affected without a justification",
    ],
    ["that is taken back", [lowering(2), raising(1)], "a newer or equally new one does not clear it"],
    [
      "beside one that nothing dates",
      [lowering(1), without(raising(2), "trustedTime")],
      "one without a trusted time does not clear it, and no later one replaces it",
    ],
    [
      "that cannot be read",
      [
        aStatement(PREDICATE_TYPES.openVex, {
          signer: security,
          unreadable: "a statement has no known status",
        }),
      ],
      "an OpenVEX document cannot be read: a statement has no known status",
    ],
  ])("says so where it is %s", (_, documents, expected) => {
    expect(refusal(documents)).toContain(expected);
  });

  it("fewer signers than required: the message says how many of how many", () => {
    expect(refusal([says()], "allOf: [release, security]")).toContain(
      "its OpenVEX statement is signed by only 1 of the 2",
    );
  });

  it("says nothing of VEX where none is about the vulnerability", () => {
    for (const documents of [
      [],
      [says({ vulnerabilities: ["CVE-2026-0002"] })],
      [says({ status: "affected" })],
    ])
      expect(refusal(documents)).not.toContain("OpenVEX");
  });
});
