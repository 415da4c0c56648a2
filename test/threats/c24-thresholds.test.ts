import { describe, expect, it } from "vitest";

import { verifyAttachments } from "../../src/verify/index.ts";
import { cosignSign, type FormedLayer, world } from "../support/signed-layers.ts";

const { sigstore, subject, now, release, material, attachmentsOf } = await world();

function withEntries(layer: FormedLayer, change: (entries: unknown[]) => unknown[]): FormedLayer {
  const bundle = JSON.parse(layer.bytes.toString()) as { verificationMaterial: { tlogEntries: unknown[] } };
  bundle.verificationMaterial.tlogEntries = change(bundle.verificationMaterial.tlogEntries);
  return { ...layer, bytes: Buffer.from(JSON.stringify(bundle)) };
}

/** The first entry, as if from a log that no trust root names. */
function foreign(entries: unknown[]): object {
  const [entry] = entries as { logId: object }[];
  return { ...entry!, logId: { keyId: Buffer.alloc(32, 7).toString("base64") } };
}

describe("C24: thresholds that one log can meet alone", () => {
  it("does not count one entry twice", async () => {
    const layer = withEntries(await cosignSign.bundle(sigstore, release, subject), (entries) => [
      ...entries,
      ...entries,
    ]);
    const evidence = verifyAttachments(attachmentsOf([layer]), material(), now);
    expect(evidence).toMatchObject({ signatures: [], rejections: [{ reason: "invalid" }] });
  });

  it("counts no entry of a log that the trust root does not know, and lets none hide a known one", async () => {
    const good = await cosignSign.bundle(sigstore, release, subject);
    const beside = withEntries(good, (entries) => [...entries, foreign(entries)]);
    const alone = withEntries(good, (entries) => [foreign(entries)]);
    expect(verifyAttachments(attachmentsOf([beside]), material(), now).signatures).toHaveLength(1);
    expect(verifyAttachments(attachmentsOf([alone]), material(), now).signatures).toEqual([]);
  });

  it("belongs to the trust root: what GitHub's instance may lack, the public one may not", async () => {
    const layer = await cosignSign.bundle(sigstore, release, subject, { rekor: "none", timestamps: 1 });
    const withThresholds = (tlogThreshold: 0 | 1) => {
      const roots = [sigstore.trustRoot("root", { tlogThreshold })];
      return verifyAttachments(
        attachmentsOf([layer]),
        { generation: `g${tlogThreshold}`, roots, keys: [] },
        now,
      );
    };
    expect(withThresholds(1).signatures).toEqual([]);
    expect(withThresholds(0).signatures).toMatchObject([{ logged: false, timeSource: "timestamp" }]);
  });
});
