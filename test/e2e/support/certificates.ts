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

/** An authority that certificates come from. */
export interface TestAuthority {
  /** PEM. */
  readonly certificate: string;
  /** A serving certificate with a new key for these names and IPv4 addresses, valid for a day. */
  readonly issue: (names: readonly string[]) => Promise<Omit<ServingCertificate, "authority">>;
  /** Another certificate for the same name and key, as cert-manager renews one with `rotationPolicy: Never`. */
  readonly renew: () => Promise<TestAuthority>;
}

const NAME = "CN=mc-gate e2e webhook authority";

/** An authority with a new key. */
export async function makeAuthority(): Promise<TestAuthority> {
  x509.cryptoProvider.set(webcrypto);
  return authorityOf(await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]));
}

async function authorityOf(keys: webcrypto.CryptoKeyPair): Promise<TestAuthority> {
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: NAME,
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, 0, true)],
  });
  return {
    certificate: certificate.toString("pem"),
    issue: (names) => issueServing(keys.privateKey, names),
    renew: () => authorityOf(keys),
  };
}

function validity(): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
}

async function issueServing(
  signingKey: webcrypto.CryptoKey,
  names: readonly string[],
): Promise<Omit<ServingCertificate, "authority">> {
  const server = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(),
    subject: "CN=mc-gate",
    issuer: NAME,
    publicKey: server.publicKey,
    signingKey,
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
  };
}

/** A serving certificate of an authority of its own for these names and IPv4 addresses, valid for a day. */
export async function makeServingCertificate(names: readonly string[]): Promise<ServingCertificate> {
  const authority = await makeAuthority();
  return { ...(await authority.issue(names)), authority: authority.certificate };
}
