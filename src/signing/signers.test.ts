import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { describe, expect, it, onTestFinished } from "vitest";

import { createKeylessSigner, createKeySigner } from "./signers.ts";

const { privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });

async function answering(status: number): Promise<string> {
  const server = createServer((_, response) => response.writeHead(status).end());
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("a signer", () => {
  it("leaves keyid empty, since cosign 3 finds no signature otherwise, and names its key next to it", async () => {
    const signer = createKeySigner(privateKey, {});
    const signed = await signer.sign({ a: 1 });
    const bundle = JSON.parse(signed.ok ? signed.bundle.toString() : "{}") as Record<string, unknown>;
    expect(bundle).toMatchObject({
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      dsseEnvelope: { payloadType: "application/vnd.in-toto+json", signatures: [{}] },
    });
    expect(JSON.stringify(bundle)).not.toMatch(/"keyid":"[^"]/);
    const hint = Buffer.from(signer.key!.fingerprint.slice(7), "hex").toString("base64");
    expect(bundle).toMatchObject({ verificationMaterial: { publicKey: { hint } } });
  });

  it("whose log refuses says which step failed and how", async () => {
    const signed = await createKeySigner(privateKey, { rekorUrl: await answering(400) }).sign({});
    expect(signed).toEqual({ ok: false, why: "the transparency log made no entry: HTTP 400" });
  });

  it("never repeats the token that it was given", async () => {
    const signed = await createKeylessSigner({ token: "secret-token" }).sign({});
    expect(signed).toEqual({ ok: false, why: "the identity token is not one" });
  });

  it.each(["http://rekor.example.com", "ftp://127.0.0.1", "rekor.example.com"])(
    "does not send anything to %s",
    (rekorUrl) => {
      expect(() => createKeySigner(privateKey, { rekorUrl })).toThrow(/not an https/);
    },
  );
});
