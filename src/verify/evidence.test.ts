import { describe, expect, it } from "vitest";

import { cosignVuln, trivyReport } from "../../test/support/predicates.ts";
import {
  attestation,
  cosignSign,
  foreignStatement,
  provenance,
  world,
} from "../../test/support/signed-layers.ts";
import { keyPair } from "../../test/support/sigstore.ts";
import { PREDICATE_TYPES, type Rejection } from "../core/index.ts";
import { evidenceFrom, verifyAttachments } from "./evidence.ts";

const { sigstore, subject, other, now, material, attachmentsOf, release } = await world();

describe("forms of signatures and attestations", () => {
  const signers = [
    ["keyless", release],
    ["key", keyPair()],
  ] as const;

  it.each(signers)("%s: a bundle's sign statement is a signature", async (_, who) => {
    const found = attachmentsOf([await cosignSign.bundle(sigstore, who, subject)]);
    const evidence = verifyAttachments(found, material(who), now);
    expect(evidence.rejections).toEqual([]);
    expect(evidence.signatures).toMatchObject([{ form: "bundle", logged: true, timeSource: "log" }]);
    expect(evidence.attestations).toEqual([]);
  });

  it.each(signers)("%s: a legacy .sig layer is a signature", async (_, who) => {
    const found = attachmentsOf([await cosignSign.legacy(sigstore, who, subject)]);
    const evidence = verifyAttachments(found, material(who), now);
    expect(evidence.rejections).toEqual([]);
    expect(evidence.signatures).toMatchObject([
      { form: "cosign-sig", logged: true, dockerReference: "ghcr.io/acme/app" },
    ]);
  });

  it.each(signers)(
    "%s: provenance is an attestation, in a bundle and in a legacy .att layer",
    async (_, who) => {
      const found = attachmentsOf([
        await provenance.bundle(sigstore, who, subject),
        await provenance.legacy(sigstore, who, subject),
      ]);
      const evidence = verifyAttachments(found, material(who), now);
      expect(evidence.rejections).toEqual([]);
      expect(evidence.signatures).toEqual([]);
      expect(evidence.attestations).toHaveLength(2);
      expect(evidence.attestations[0]!.provenance).toMatchObject({
        sources: [
          { repository: "https://github.com/acme/app", ref: "refs/heads/main", commit: "a".repeat(40) },
        ],
        workflow: ".github/workflows/release.yml",
      });
    },
  );

  it.each(signers)("%s: what is about another digest is reported and proves nothing", async (_, who) => {
    const found = attachmentsOf([
      await cosignSign.bundle(sigstore, who, other),
      await cosignSign.legacy(sigstore, who, other),
      await provenance.legacy(sigstore, who, other),
    ]);
    const evidence = verifyAttachments(found, material(who), now);
    expect([...evidence.signatures, ...evidence.attestations]).toEqual([]);
    expect(evidence.rejections.map(({ reason }) => reason)).toEqual([
      "wrong-subject",
      "wrong-subject",
      "wrong-subject",
    ]);
  });

  it("a foreign or broken attachment never hides a good one", async () => {
    const good = await cosignSign.legacy(sigstore, release, subject);
    const foreign = await foreignStatement(subject);
    const broken = { ...good, bytes: Buffer.from("{") };
    const evidence = verifyAttachments(attachmentsOf([foreign, broken, good]), material(release), now);
    expect(evidence.signatures).toHaveLength(1);
    expect(evidence.rejections.map(({ reason }) => reason)).toEqual(["untrusted", "malformed"]);
  });

  it("scans that list the same vulnerability share it", async () => {
    const scan = attestation(PREDICATE_TYPES.cosignVuln, cosignVuln(trivyReport([{ id: "CVE-2026-1111" }])));
    const layers = [
      await scan.bundle(sigstore, release, subject),
      await scan.bundle(sigstore, release, subject),
    ];
    const { attestations } = verifyAttachments(attachmentsOf(layers), material(release), now);
    const found = attestations.flatMap(({ scan: said }) => said?.vulnerabilities ?? []);
    expect(found).toHaveLength(2);
    expect(new Set(found).size).toBe(1);
  });
});

it("a signed scan past a limit is no scan but a gap that names the limit", async () => {
  const vulnerabilities = Array.from({ length: 50_001 }, (_, at) => ({ id: `CVE-2026-${at}` }));
  const scan = attestation(PREDICATE_TYPES.cosignVuln, cosignVuln(trivyReport(vulnerabilities)));
  const found = attachmentsOf([await scan.bundle(sigstore, release, subject)]);
  const { attestations, gaps, rejections } = verifyAttachments(found, material(release), now);
  expect(attestations).toEqual([]);
  expect(rejections).toMatchObject([{ claims: "attestation", reason: "too-large" }]);
  expect(gaps).toMatchObject([
    {
      code: "limits/exceeded",
      predicateType: PREDICATE_TYPES.cosignVuln,
      message: expect.stringContaining("its predicate is past a limit: 50001"),
      about: [found.found[0]!.digest],
    },
  ]);
});

describe("an attachment that is not evidence", () => {
  it.each<[Rejection["reason"], string[]]>([
    ["too-large", ["limits/exceeded"]],
    ["unfinished", ["internal/unexpected"]],
    ["invalid", []],
    ["untrusted", []],
  ])("as %s leaves the gaps %j", (reason, codes) => {
    const found = attachmentsOf([]);
    const rejection = {
      form: "bundle",
      attachment: subject,
      claims: "unknown",
      reason,
      message: "m",
    } as const;
    const { gaps, rejections } = evidenceFrom(found, [{ kind: "rejection", rejection }], "g", now);
    expect([gaps.map(({ code }) => code), rejections]).toEqual([codes, [rejection]]);
  });
});
