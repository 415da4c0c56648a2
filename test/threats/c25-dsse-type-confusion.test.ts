import { describe, expect, it } from "vitest";

import { verifyAttachments } from "../../src/verify/index.ts";
import { cosignSign, type FormedLayer, world } from "../support/signed-layers.ts";

const { sigstore, subject, now, release, key, material, attachmentsOf } = await world();

interface Envelope {
  payloadType: string;
  payload: string;
  signatures: { sig: string }[];
}

async function changed(change: (envelope: Envelope) => void): Promise<FormedLayer> {
  const layer = await cosignSign.bundle(sigstore, release, subject);
  const bundle = JSON.parse(layer.bytes.toString()) as { dsseEnvelope: Envelope };
  change(bundle.dsseEnvelope);
  return { ...layer, bytes: Buffer.from(JSON.stringify(bundle)) };
}

function signaturesOf(layer: FormedLayer) {
  return verifyAttachments(attachmentsOf([layer]), material(key), now).signatures;
}

describe("C25: one signature read as if it were over something else", () => {
  it.each(["application/json", "", "application/vnd.in-toto+json ", "APPLICATION/VND.IN-TOTO+JSON"])(
    "rejects the payload under the type %j",
    async (payloadType) => {
      expect(signaturesOf(await changed((envelope) => (envelope.payloadType = payloadType)))).toEqual([]);
    },
  );

  it.each(["application/json", "text/plain", "application/vnd.in-toto+json; charset=utf-8"])(
    "rejects a statement that was truly signed as %s, which is no statement then",
    async (payloadType) => {
      const layer = await cosignSign.bundle(sigstore, release, subject, { payloadType });
      const evidence = verifyAttachments(attachmentsOf([layer]), material(key), now);
      expect(evidence).toMatchObject({ signatures: [], attestations: [], rejections: [{}] });
    },
  );

  it("rejects bytes moved between type and payload", async () => {
    const layer = await changed((envelope) => {
      envelope.payload = Buffer.from(` ${Buffer.from(envelope.payload, "base64").toString()}`).toString(
        "base64",
      );
    });
    expect(signaturesOf(layer)).toEqual([]);
  });

  it("rejects an envelope with two signatures, one of them good, and one with none", async () => {
    expect(signaturesOf(await changed((envelope) => envelope.signatures.push({ sig: "AA==" })))).toEqual([]);
    expect(signaturesOf(await changed((envelope) => (envelope.signatures = [])))).toEqual([]);
  });

  it("does not take a simple-signing payload's signature for a statement's, nor the other way round", async () => {
    const legacy = await cosignSign.legacy(sigstore, release, subject);
    const asAttestation = {
      ...legacy,
      form: "cosign-att",
      mediaType: "application/vnd.dsse.envelope.v1+json",
    } as const;
    const bundle = await cosignSign.bundle(sigstore, release, subject);
    const asSimpleSigning = { ...bundle, form: "cosign-sig", annotations: legacy.annotations } as const;
    expect(signaturesOf(asAttestation)).toEqual([]);
    expect(signaturesOf(asSimpleSigning)).toEqual([]);
  });
});
