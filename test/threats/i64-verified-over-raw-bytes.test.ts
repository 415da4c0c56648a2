import { describe, expect, it } from "vitest";

import { verifyAttachments } from "../../src/verify/index.ts";
import { cosignSign, type FormedLayer, world } from "../support/signed-layers.ts";

const { sigstore, subject, other, now, release, material, attachmentsOf } = await world();
const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";

function evidenceFor(layer: FormedLayer) {
  return verifyAttachments(attachmentsOf([layer]), material(), now);
}

/** A bundle over a statement whose text is given. */
async function signedText(text: string): Promise<FormedLayer> {
  const bytes = Buffer.from(JSON.stringify(await sigstore.bundle(release, text)));
  return { form: "bundle", mediaType: BUNDLE, bytes, annotations: {} };
}

const ABOUT = (digest: string): string => `[{"name":"app","digest":{"sha256":"${digest.slice(7)}"}}]`;
const TYPES = `"_type":"https://in-toto.io/Statement/v1","predicateType":"https://sigstore.dev/cosign/sign/v1"`;

describe("I64: verified over other bytes than those that are read", () => {
  it("rejects a statement that was written anew with other spaces", async () => {
    const layer = await cosignSign.bundle(sigstore, release, subject);
    const bundle = JSON.parse(layer.bytes.toString()) as { dsseEnvelope: { payload: string } };
    const payload = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, "base64").toString());
    bundle.dsseEnvelope.payload = Buffer.from(JSON.stringify(payload, undefined, 1)).toString("base64");
    const again = { ...layer, bytes: Buffer.from(JSON.stringify(bundle)) };
    expect(evidenceFor(again)).toMatchObject({ signatures: [], rejections: [{ reason: "invalid" }] });
  });

  it("rejects a simple-signing payload that was written anew with other spaces", async () => {
    const layer = await cosignSign.legacy(sigstore, release, subject);
    const again = Buffer.from(JSON.stringify(JSON.parse(layer.bytes.toString()), undefined, 1));
    expect(evidenceFor({ ...layer, bytes: again })).toMatchObject({
      signatures: [],
      rejections: [{ reason: "invalid" }],
    });
  });

  it("takes the statement that has each key once, whatever its spaces", async () => {
    const text = `{ ${TYPES} , "subject":${ABOUT(subject)}, "predicate":{} }`;
    expect(evidenceFor(await signedText(text)).signatures).toHaveLength(1);
  });

  it.each([
    ["the subject twice, ours last", `{${TYPES},"subject":${ABOUT(other)},"subject":${ABOUT(subject)}}`],
    ["the subject twice, ours first", `{${TYPES},"subject":${ABOUT(subject)},"subject":${ABOUT(other)}}`],
    [
      "the subject twice, once with an escape",
      `{${TYPES},"subject":${ABOUT(other)},"\\u0073ubject":${ABOUT(subject)}}`,
    ],
    [
      "two digests under one name",
      `{${TYPES},"subject":${ABOUT(subject).replace("}}", `,"sha256":"${other.slice(7)}"}}`)}}`,
    ],
    ["a predicate's key twice", `{${TYPES},"subject":${ABOUT(subject)},"predicate":{"a":1,"a":2}}`],
  ])("rejects a signed statement with %s", async (_, text) => {
    const { signatures, attestations, rejections } = evidenceFor(await signedText(text));
    expect([signatures, attestations]).toEqual([[], []]);
    expect(rejections).toMatchObject([{ reason: "malformed", message: "the statement has a key twice" }]);
  });
});
