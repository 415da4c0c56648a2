import "reflect-metadata";
import { webcrypto } from "node:crypto";

import * as x509 from "@peculiar/x509";

/** What a certificate says; a client's of the name `front-proxy-client` where nothing else is said. */
export interface CertificateWords {
  /** The subject, such as `CN=front-proxy-client`. */
  readonly subject?: string;
  readonly dnsNames?: readonly string[];
  /** Extended key usage. */
  readonly usage?: "client" | "server";
  readonly notAfter?: Date;
}

/** A certificate and its key, PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority of clients. */
export interface ClientAuthority {
  readonly pem: string;
  readonly issue: (words?: CertificateWords) => Promise<ClientCertificate>;
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;
const { clientAuth, serverAuth } = x509.ExtendedKeyUsage;

/** A fresh authority. */
export async function createClientAuthority(name = "front-proxy-ca"): Promise<ClientAuthority> {
  x509.cryptoProvider.set(webcrypto);
  const notBefore = new Date(Date.now() - DAY_MS);
  const notAfter = new Date(Date.now() + DAY_MS);
  const signer = await keyPair();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    notBefore,
    notAfter,
    name: `CN=${name}`,
    keys: signer,
    signingAlgorithm: ALGORITHM,
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    pem: `${authority.toString("pem")}\n`,
    issue: async ({ subject = "CN=front-proxy-client", dnsNames = [], usage = "client", ...words } = {}) => {
      const keys = await keyPair();
      const names = dnsNames.map((value) => ({ type: "dns" as const, value }));
      const leaf = await x509.X509CertificateGenerator.create({
        notBefore,
        notAfter: words.notAfter ?? notAfter,
        subject,
        issuer: authority.subject,
        publicKey: keys.publicKey,
        signingKey: signer.privateKey,
        signingAlgorithm: ALGORITHM,
        extensions: [
          new x509.ExtendedKeyUsageExtension([usage === "client" ? clientAuth : serverAuth]),
          ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
        ],
      });
      return { cert: leaf.toString("pem"), key: await pemOf(keys.privateKey) };
    },
  };
}

function keyPair(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function pemOf(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey("pkcs8", key)).toString("base64");
  return `-----BEGIN PRIVATE KEY-----\n${der}\n-----END PRIVATE KEY-----\n`;
}
