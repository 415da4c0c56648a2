import "reflect-metadata";
import { webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

/** A serving certificate, its key, and the authority to put into `caBundle`; all PEM. */
export interface ServingCertificate {
  readonly key: string;
  readonly certificate: string;
  readonly authority: string;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 24 * 60 * 60 * 1000;
const IPV4 = /^\d+\.\d+\.\d+\.\d+$/;

function pem(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** A fresh authority and a serving certificate of it for these names and IPv4 addresses, valid for a day. */
export async function makeServingCertificate(names: readonly string[]): Promise<ServingCertificate> {
  x509.cryptoProvider.set(webcrypto);
  const window = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const signer = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const server = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    ...window,
    name: "CN=mc-gate e2e webhook authority",
    keys: signer,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  const certificate = await x509.X509CertificateGenerator.create({
    ...window,
    subject: "CN=mc-gate",
    issuer: authority.subject,
    publicKey: server.publicKey,
    signingKey: signer.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: IPV4.test(value) ? "ip" : "dns", value })),
      ),
    ],
  });
  return {
    key: pem("PRIVATE KEY", await webcrypto.subtle.exportKey("pkcs8", server.privateKey)),
    certificate: certificate.toString("pem"),
    authority: authority.toString("pem"),
  };
}
