import { describe, expect, it } from "vitest";

import { PREDICATE_TYPES } from "../../src/core/index.ts";
import { verifyAttachments } from "../../src/verify/index.ts";
import { anImage, codes, findings, policyAsking } from "../support/policies.ts";
import {
  cosignVuln as cosignVulnPredicate,
  openVex,
  spdx23,
  summary,
  trivyReport,
} from "../support/predicates.ts";
import { attestation, cosignSign, provenance, world } from "../support/signed-layers.ts";
import type { Identity } from "../support/sigstore.ts";

const { sigstore, subject, release, now, attachmentsOf } = await world();
const policy = policyAsking("{ signature: { anyOf: [release] }, provenance: { anyOf: [release] } }");
const trust = { generation: "1", roots: [sigstore.trustRoot("main")], keys: [] };
const image = anImage(`ghcr.io/acme/app@${subject}`);
const stranger = await sigstore.identity({
  san: "https://github.com/mallory/x/.github/workflows/x.yml@refs/heads/x",
});

type Layers = Parameters<typeof attachmentsOf>[0];

function verdict(...layers: Layers): string[] {
  return codes(findings(policy, verifyAttachments(attachmentsOf(layers), trust, now), { image, now }));
}

describe("D32 that an image is signed says nothing; by whom and what does", () => {
  it("refuses valid signatures and provenance by somebody else", async () => {
    const signed = await cosignSign.bundle(sigstore, stranger, subject);
    const legacy = await cosignSign.legacy(sigstore, stranger, subject);
    const attested = await provenance.bundle(sigstore, stranger, subject);
    expect(verdict(signed, legacy, attested)).toEqual([
      "signature/untrusted-identity",
      "provenance/untrusted-builder",
    ]);
  });

  it("refuses any number of attestations by the right signer in place of a signature", async () => {
    const attested = await provenance.bundle(sigstore, release, subject);
    const other = await attestation("https://example.test/anything", {}).bundle(sigstore, release, subject);
    expect(verdict(attested, other)).toEqual(["signature/missing"]);
  });

  it("passes the right signer's, with all of the others beside them", async () => {
    const good = await cosignSign.bundle(sigstore, release, subject);
    const attested = await provenance.bundle(sigstore, release, subject);
    const foreign = await cosignSign.bundle(sigstore, stranger, subject);
    expect(verdict(foreign, good, attested)).toEqual([]);
  });
});

const { spdx, cosignVuln, openVex: vex, summaryV1 } = PREDICATE_TYPES;
const REVIEW = "https://acme.test/review/v1";
const clean = cosignVulnOf([]);
const vulnerable = cosignVulnOf([{ id: "CVE-2026-0001" }]);

function cosignVulnOf(found: Parameters<typeof trivyReport>[0]): unknown {
  return cosignVulnPredicate(trivyReport(found), { finished: now.toISOString() });
}

/** The codes of a gate about what the right signer and a stranger say. */
async function about(
  require: string,
  said: { readonly release?: readonly Said[]; readonly stranger?: readonly Said[] },
): Promise<string[]> {
  const signed = async (who: Identity, each: readonly Said[] = []) =>
    Promise.all(each.map(([type, predicate]) => attestation(type, predicate).bundle(sigstore, who, subject)));
  const layers = [...(await signed(release, said.release)), ...(await signed(stranger, said.stranger))];
  const keep = { predicateTexts: [REVIEW] };
  const evidence = verifyAttachments(attachmentsOf(layers), trust, now, keep);
  return codes(findings(policyAsking(require), evidence, { image, now }));
}

type Said = readonly [predicateType: string, predicate: unknown];

describe("D32 that an image has an attestation says nothing; by whom and what does", () => {
  const scanned = "{ vulnerability: { anyOf: [release] } }";
  const withVex = "{ vulnerability: { anyOf: [release], vex: { anyOf: [release] } } }";
  const promoted = '{ promotable: { anyOf: [release], verifiers: ["https://acme.test/promoter"] } }';
  const reviewed = `{ cel: [{ predicateType: "${REVIEW}", anyOf: [release], expression: predicate.ok, message: m }] }`;
  const failed = summary({ verificationResult: "FAILED", timeVerified: now.toISOString() });
  const notAffected = openVex(subject, [{ name: "CVE-2026-0001" }], now.toISOString());

  it.each<[string, string, Parameters<typeof about>[1], string | undefined]>([
    [
      "an SBOM by a stranger",
      "{ sbom: { anyOf: [release] } }",
      { stranger: [[spdx, spdx23()]] },
      "sbom/untrusted-signer",
    ],
    [
      "an SBOM of nothing",
      "{ sbom: { anyOf: [release] } }",
      { release: [[spdx, spdx23(0)]] },
      "sbom/incomplete",
    ],
    [
      "an SBOM that is none",
      "{ sbom: { anyOf: [release] } }",
      { release: [[spdx, {}]] },
      "sbom/wrong-format",
    ],
    [
      "a stranger's SBOM beside the right one",
      "{ sbom: { anyOf: [release] } }",
      { release: [[spdx, spdx23()]], stranger: [[spdx, {}]] },
      undefined,
    ],
    [
      "a clean scan by a stranger",
      scanned,
      { stranger: [[cosignVuln, clean]] },
      "vulnerability/scan-missing",
    ],
    ["a scan that is none", scanned, { release: [[cosignVuln, {}]] }, "vulnerability/scan-unreadable"],
    [
      "a clean scan by a stranger beside a bad one",
      scanned,
      { release: [[cosignVuln, vulnerable]], stranger: [[cosignVuln, clean]] },
      "vulnerability/blocked",
    ],
    [
      "a VEX document by a stranger",
      withVex,
      { release: [[cosignVuln, vulnerable]], stranger: [[vex, notAffected]] },
      "vulnerability/blocked",
    ],
    [
      "the right one",
      withVex,
      {
        release: [
          [cosignVuln, vulnerable],
          [vex, notAffected],
        ],
      },
      undefined,
    ],
    [
      "a summary by a stranger",
      promoted,
      { stranger: [[summaryV1, summary()]] },
      "promotable/untrusted-signer",
    ],
    ["a summary that failed", promoted, { release: [[summaryV1, failed]] }, "promotable/refused"],
    ["a summary that passed", promoted, { release: [[summaryV1, summary()]] }, undefined],
    ["a review by a stranger", reviewed, { stranger: [[REVIEW, { ok: true }]] }, "cel/missing"],
    ["a review that says no", reviewed, { release: [[REVIEW, { ok: false }]] }, "cel/refused"],
    ["a review that says yes", reviewed, { release: [[REVIEW, { ok: true }]] }, undefined],
  ])("%s", async (_, require, said, code) => {
    expect(await about(require, said)).toEqual(code === undefined ? [] : [code]);
  });
});
