import "reflect-metadata";
import { type KeyObject, webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

import { GITHUB_ISSUER, RELEASE_WORKFLOW } from "./sigstore-claims.ts";

const ISSUER_OID = "1.3.6.1.4.1.57264.1.1";
const DAY = 86_400_000;
const NAME = "O=acme.test, CN=company root";

/** How a certificate authority signs, as Web Crypto names it. */
export const CA_ALGORITHMS = {
  "ECDSA P-256 SHA-256": { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" },
  "ECDSA P-384 SHA-384": { name: "ECDSA", namedCurve: "P-384", hash: "SHA-384" },
  "ECDSA P-521 SHA-512": { name: "ECDSA", namedCurve: "P-521", hash: "SHA-512" },
  "RSA SHA-256": rsa("SHA-256"),
  "RSA SHA-384": rsa("SHA-384"),
  "RSA SHA-512": rsa("SHA-512"),
  "RSA SHA-1": rsa("SHA-1"),
  Ed25519: { name: "Ed25519", hash: "SHA-512" },
} as const;

/** A certificate authority of a company's own, which issues certificates for code signing without a certificate log. */
export interface CompanyCA {
  /** DER. */
  readonly rootCertificate: Buffer;
  /** DER of a certificate for a key, whose identity is the release workflow's. */
  readonly issue: (publicKey: KeyObject) => Promise<Buffer>;
}

/** A new authority with a root that issues certificates itself. */
export async function createCompanyCA(algorithm: keyof typeof CA_ALGORITHMS): Promise<CompanyCA> {
  x509.cryptoProvider.set(webcrypto);
  const signingAlgorithm = CA_ALGORITHMS[algorithm];
  const generated = await webcrypto.subtle.generateKey(signingAlgorithm, true, ["sign", "verify"]);
  const keys = generated as webcrypto.CryptoKeyPair;
  const window = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY) };
  const common = { ...window, signingAlgorithm };
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    ...common,
    name: NAME,
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
    ],
  });
  return {
    rootCertificate: Buffer.from(root.rawData),
    issue: async (key) => {
      const publicKey = new x509.PublicKey(key.export({ format: "der", type: "spki" }));
      const issued = { ...common, issuer: NAME, signingKey: keys.privateKey, extensions: leafExtensions() };
      const made = await x509.X509CertificateGenerator.create({ ...issued, publicKey });
      return Buffer.from(made.rawData);
    },
  };
}

function leafExtensions(): x509.Extension[] {
  return [
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.codeSigning]),
    new x509.SubjectAlternativeNameExtension([{ type: "url", value: RELEASE_WORKFLOW }], true),
    new x509.Extension(ISSUER_OID, false, Buffer.from(GITHUB_ISSUER)),
  ];
}

function rsa(hash: string) {
  return { name: "RSASSA-PKCS1-v1_5", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash };
}
