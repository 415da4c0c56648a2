import "reflect-metadata";
import { webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

import type { CertificatePair } from "./certificate-pair.ts";
import { CA_LIFE_MS, type CertificateSet, LEAF_LIFE_MS } from "./certificate-set.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
/** Clocks of a cluster differ: a certificate is valid a little before it was made. */
const SKEW_MS = 5 * 60_000;

/** A new authority. Its name holds the time, so that two authorities in one bundle are distinguished. */
async function issueAuthority(now: Date): Promise<CertificatePair> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=mc-gate ${now.toISOString()}`,
    ...window(now, CA_LIFE_MS),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { cert: `${certificate.toString("pem")}\n`, key: await pemOf(keys.privateKey) };
}

/** A new serving certificate for DNS names. */
export async function issueLeaf(
  ca: CertificatePair,
  names: readonly string[],
  now: Date,
): Promise<CertificatePair> {
  const authority = new x509.X509Certificate(ca.cert);
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: "CN=mc-gate",
    issuer: authority.subject,
    ...window(now, LEAF_LIFE_MS),
    publicKey: keys.publicKey,
    signingKey: await privateKeyOf(ca.key),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns", value }))),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
      await x509.AuthorityKeyIdentifierExtension.create(authority),
    ],
  });
  return { cert: `${certificate.toString("pem")}\n`, key: await pemOf(keys.privateKey) };
}

/** A set with a new authority and leaf; the authority before stays in the bundle. */
export async function issueEverything(
  current: CertificateSet | undefined,
  names: readonly string[],
  now: Date,
): Promise<CertificateSet> {
  const ca = await issueAuthority(now);
  const leaf = await issueLeaf(ca, names, now);
  return { ca, leaf, ...(current !== undefined && { previousCa: current.ca.cert }) };
}

function window(now: Date, lifeMs: number): { notBefore: Date; notAfter: Date } {
  return { notBefore: new Date(now.getTime() - SKEW_MS), notAfter: new Date(now.getTime() + lifeMs) };
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = await webcrypto.subtle.exportKey("pkcs8", key);
  return `${x509.PemConverter.encode(der, "PRIVATE KEY")}\n`;
}

function privateKeyOf(pem: string): Promise<webcrypto.CryptoKey> {
  const der = x509.PemConverter.decodeFirst(pem);
  return webcrypto.subtle.importKey("pkcs8", der, ALGORITHM, false, ["sign"]);
}
