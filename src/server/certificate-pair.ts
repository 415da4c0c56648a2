import { createPrivateKey, X509Certificate } from "node:crypto";

/** A serving certificate with its key, as PEM. */
export interface CertificatePair {
  /** The leaf first, then its intermediates. */
  readonly cert: string;
  readonly key: string;
}

/** Where the serving certificate comes from, and when it changes. */
export interface CertificateSource {
  readonly current: () => CertificatePair;
  readonly onChange: (use: (pair: CertificatePair) => void) => void;
  readonly close: () => void;
}

/** What is wrong with a pair, or undefined: a bad pair must never replace a good one. */
export function pairProblem({ cert, key }: CertificatePair): string | undefined {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
      ? undefined
      : "the key does not belong to the certificate";
  } catch (error) {
    return error instanceof Error ? error.message : "unreadable";
  }
}

/** When a certificate ends. */
export function endOfCertificate({ cert }: CertificatePair): Date {
  return new X509Certificate(cert).validToDate;
}
