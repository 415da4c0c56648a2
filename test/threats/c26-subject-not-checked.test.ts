import { describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import { verifyAttachments } from "../../src/verify/index.ts";
import { cosignSign, provenance, world } from "../support/signed-layers.ts";

const { sigstore, subject, other, now, release, material, attachmentsOf } = await world();

describe("C26: any statement of the right signer, about another image", () => {
  it.each([
    ["a bundle", cosignSign.bundle],
    ["a legacy signature", cosignSign.legacy],
    ["provenance in a bundle", provenance.bundle],
    ["legacy provenance", provenance.legacy],
  ] as const)("%s", async (_, sign) => {
    const evidence = verifyAttachments(
      attachmentsOf([await sign(sigstore, release, other)]),
      material(),
      now,
    );
    expect(evidence).toMatchObject({
      signatures: [],
      attestations: [],
      rejections: [{ reason: "wrong-subject" }],
    });
  });

  it("does not take another algorithm's digest for this one", async () => {
    const sha512 = digestOf("an image", "sha512");
    const layer = await cosignSign.bundle(sigstore, release, subject);
    const found = { ...attachmentsOf([layer]), subject: sha512 };
    expect(verifyAttachments(found, material(), now).signatures).toEqual([]);
    const right = { ...attachmentsOf([await cosignSign.bundle(sigstore, release, sha512)]), subject: sha512 };
    expect(verifyAttachments(right, material(), now).signatures).toHaveLength(1);
  });
});
