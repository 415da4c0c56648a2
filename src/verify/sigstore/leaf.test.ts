import "reflect-metadata";
import { webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";
import { describe, expect, it } from "vitest";

import { CachingCertificate } from "./caching-certificate.ts";
import { checkLeaf } from "./leaf.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const UNKNOWN = "1.3.6.1.4.1.99999.1";
const { codeSigning, serverAuth } = x509.ExtendedKeyUsage;

x509.cryptoProvider.set(webcrypto);
const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);

const name: x509.JsonGeneralName = { type: "url", value: "https://github.com/acme/app" };
const names = (...all: x509.JsonGeneralName[]) => new x509.SubjectAlternativeNameExtension(all, true);
const purposes = (...all: x509.ExtendedKeyUsage[]) => new x509.ExtendedKeyUsageExtension(all, true);
const unknown = (isCritical: boolean) =>
  new x509.Extension(UNKNOWN, isCritical, new Uint8Array([0x05, 0x00]));

async function leafWith(...extensions: x509.Extension[]): Promise<CachingCertificate> {
  const window = { notBefore: new Date(0), notAfter: new Date(86_400_000) };
  const made = await x509.X509CertificateGenerator.createSelfSigned({
    ...window,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true), ...extensions],
  });
  return CachingCertificate.fromDer(new Uint8Array(made.rawData));
}

describe("checkLeaf", () => {
  it.each<[string, x509.Extension[]]>([
    ["for code signing, with one name", [purposes(codeSigning), names(name)]],
    ["with an e-mail address", [purposes(codeSigning), names({ type: "email", value: "a@acme.test" })]],
    ["that is for other things, too", [purposes(serverAuth, codeSigning), names(name)]],
    ["with an unknown extension that is not critical", [purposes(codeSigning), names(name), unknown(false)]],
  ])("takes a certificate %s", async (_, extensions) => {
    expect(checkLeaf(await leafWith(...extensions))).toBeUndefined();
  });

  it.each<[string, x509.Extension[], RegExp]>([
    ["for nothing in particular", [names(name)], /code signing/],
    ["for something else", [purposes(serverAuth), names(name)], /code signing/],
    [
      "of a CA",
      [new x509.BasicConstraintsExtension(true, undefined, true), purposes(codeSigning), names(name)],
      /a CA's/,
    ],
    [
      "with a critical extension that nobody knows",
      [purposes(codeSigning), names(name), unknown(true)],
      new RegExp(UNKNOWN),
    ],
    ["without a name", [purposes(codeSigning)], /0 names/],
    ["with its names twice", [purposes(codeSigning), names(name), names(name)], /2.5.29.17 twice/],
    [
      "with an unknown extension twice",
      [purposes(codeSigning), names(name), unknown(false), unknown(false)],
      /twice/,
    ],
    ["with two names", [purposes(codeSigning), names(name, { ...name, value: "https://x.test" })], /2 names/],
  ])("rejects a certificate %s", async (_, extensions, why) => {
    const leaf = await leafWith(...extensions);
    expect(() => checkLeaf(leaf)).toThrow(why);
  });
});
