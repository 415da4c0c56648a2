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
  /** When the authorities in the caBundle end, where the gate issues them itself. */
  readonly authorityEnds?: () => readonly AuthorityEnd[];
  /** Whether the newest pair cannot be used, so that the one before stays; never where absent. */
  readonly isRefused?: () => boolean;
}

/** When an authority ends that the API server is told to trust. */
export interface AuthorityEnd {
  readonly authority: "current" | "previous";
  readonly end: Date;
}

/** What is wrong with a pair, or undefined: a bad pair must never replace a good one. */
export function pairProblem({ cert, key }: CertificatePair): string | undefined {
  try {
    return new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))
      ? undefined
      : "the key does not match the certificate";
  } catch (error) {
    return error instanceof Error ? error.message : "unreadable";
  }
}

/** When a certificate ends. */
export function endOfCertificate({ cert }: CertificatePair): Date {
  return new X509Certificate(cert).validToDate;
}
