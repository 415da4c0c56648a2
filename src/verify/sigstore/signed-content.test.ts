import { createHash } from "node:crypto";

import { dsse } from "@sigstore/core";
import { describe, expect, it } from "vitest";

import { attachmentsOf, cosignSign, world } from "../../../test/support/signed-layers.ts";
import { dsseBodies, messageBodies } from "../../../test/support/sigstore-bodies.ts";
import type { EntryBody } from "../../../test/support/sigstore-entries.ts";
import { verifyAttachments } from "../evidence.ts";
import { readBundle } from "../formats/index.ts";
import { verifyBundle } from "../verify-bundle.ts";
import { signedContent } from "./signed-content.ts";

const { sigstore, subject, key, now, material } = await world();
const HASHES = ["sha256", "sha384", "sha512"] as const;
const bytes = Buffer.from("a file");
const statement = { _type: "https://in-toto.io/Statement/v1", subject: [], predicateType: "x" };
const payload = Buffer.from(JSON.stringify(statement));
const pae = dsse.preAuthEncoding("application/vnd.in-toto+json", payload);

function hashOf(hash: string, of: Buffer): Buffer {
  return createHash(hash).update(of).digest();
}

describe.each(HASHES)("by %s, the digest", (hash) => {
  it("of an envelope's payload and that of its encoding are two things", async () => {
    const content = signedContent(readBundle(await sigstore.bundle(key, statement)), undefined);
    expect([hashOf(hash, payload), hashOf(hash, pae)].map((digest) => content.compareDigest(digest))).toEqual(
      [true, false],
    );
    expect(
      [hashOf(hash, payload), hashOf(hash, pae)].map((digest) => content.compareSignedDigest(digest)),
    ).toEqual([false, true]);
  });

  it("of a file is that of its bytes", async () => {
    const content = signedContent(readBundle(await sigstore.messageBundle(key, bytes)), bytes);
    const digests = [hashOf(hash, bytes), hashOf(hash, payload), Buffer.alloc(0), hashOf("sha1", bytes)];
    expect(digests.map((digest) => content.compareDigest(digest))).toEqual([true, false, false, false]);
    expect(digests.map((digest) => content.compareSignedDigest(digest))).toEqual([true, false, false, false]);
  });
});

describe("a log entry of the same signature over other bytes", () => {
  it.each(["v1", "v2"] as const)("is refused of an envelope (Rekor %s)", async (rekor) => {
    const { bytes: text } = await cosignSign.bundle(sigstore, key, subject);
    const { dsseEnvelope } = JSON.parse(text.toString("utf8"));
    const bodies = dsseBodies(dsseEnvelope, Buffer.from("other"), Buffer.from("other"), key);
    const layer = await bundleWith(dsseEnvelope, bodies[rekor], rekor);
    const { rejections } = verifyAttachments(attachmentsOf(subject, [layer]), material(key), now);
    expect(rejections).toMatchObject([{ reason: "invalid", message: expect.stringMatching(/mismatch$/) }]);
  });

  it.each(["v1", "v2"] as const)("is refused of a file (Rekor %s)", async (rekor) => {
    const signed = await sigstore.messageBundle(key, bytes, { rekor });
    const { signature } = signed["messageSignature"] as { readonly signature: string };
    const entryBody = messageBodies(Buffer.from("other"), Buffer.from(signature, "base64"), key)[rekor];
    const { verificationMaterial } = await sigstore.messageBundle(key, bytes, { rekor, entryBody });
    const bundle = JSON.stringify({ ...signed, verificationMaterial });
    const check = { bundle, artifact: { bytes }, signer: "key", trust: material(key) } as const;
    expect(verifyBundle(check)).toBe("digest mismatch");
  });
});

/** A bundle of an envelope that is signed already, with a log entry of that body. */
async function bundleWith(dsseEnvelope: unknown, entryBody: EntryBody, rekor: "v1" | "v2") {
  const { verificationMaterial } = await sigstore.bundle(key, statement, { rekor, entryBody, timestamps: 0 });
  const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
  const text = JSON.stringify({ mediaType, verificationMaterial, dsseEnvelope });
  return { form: "bundle", mediaType, bytes: Buffer.from(text), annotations: {} } as const;
}
