import { describe, expect, it } from "vitest";

import { verifyAttachments } from "../../src/verify/index.ts";
import { cosignSign, type FormedLayer, world } from "../support/signed-layers.ts";

const { sigstore, subject, other, now, release, material, attachmentsOf } = await world();

interface Bundle {
  verificationMaterial: { tlogEntries: unknown[] };
}

function changed(layer: FormedLayer, change: (bundle: Bundle) => void): FormedLayer {
  const bundle = JSON.parse(layer.bytes.toString()) as Bundle;
  change(bundle);
  return { ...layer, bytes: Buffer.from(JSON.stringify(bundle)) };
}

function rejectionOf(layer: FormedLayer) {
  const evidence = verifyAttachments(attachmentsOf([layer]), material(), now);
  expect(evidence.signatures).toEqual([]);
  return evidence.rejections[0];
}

describe("C21: a log entry that is not bound to artifact, signature and key", () => {
  it("rejects a signature with the entry of another one by the same signer", async () => {
    const layer = await cosignSign.bundle(sigstore, release, subject);
    const foreign = JSON.parse(
      (await cosignSign.bundle(sigstore, release, other)).bytes.toString(),
    ) as Bundle;
    const swapped = changed(layer, (bundle) => {
      bundle.verificationMaterial.tlogEntries = foreign.verificationMaterial.tlogEntries;
    });
    expect(rejectionOf(swapped)).toMatchObject({ reason: "invalid" });
  });

  it.each(["v1", "v2"] as const)(
    "rejects an entry (Rekor %s) that names another certificate than the signer's",
    async (rekor) => {
      const entrySigner = await sigstore.identity({
        san: "https://github.com/mallory/x/.github/workflows/y.yml@refs/heads/main",
      });
      const layer = await cosignSign.bundle(sigstore, release, subject, { rekor, entrySigner });
      expect(rejectionOf(layer)).toMatchObject({
        reason: "invalid",
        message: expect.stringContaining("another key"),
      });
    },
  );

  it("rejects a legacy layer with another artifact's Rekor annotation", async () => {
    const layer = await cosignSign.legacy(sigstore, release, subject);
    const foreign = await cosignSign.legacy(sigstore, release, other);
    const annotation = "dev.sigstore.cosign/bundle";
    const annotations = { ...layer.annotations, [annotation]: foreign.annotations[annotation]! };
    expect(rejectionOf({ ...layer, annotations })).toMatchObject({ reason: "invalid" });
  });

  it("rejects a keyless signature without any entry", async () => {
    const layer = await cosignSign.bundle(sigstore, release, subject, { rekor: "none" });
    expect(rejectionOf(layer)).toMatchObject({ reason: "invalid" });
  });
});
