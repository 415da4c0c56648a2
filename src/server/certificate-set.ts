import { X509Certificate } from "node:crypto";

import type { AuthorityEnd, CertificatePair } from "./certificate-pair.ts";

const DAY = 86_400_000;
/** A leaf lives a quarter of a year, a CA three years. */
export const LEAF_LIFE_MS = 90 * DAY;
/** See LEAF_LIFE_MS. */
export const CA_LIFE_MS = 3 * 365 * DAY;
const RENEW_AT = 1 / 3;
/** An authority that was replaced stays in the bundle until every replica has its successor's leaf. */
const OVERLAP_MS = 7 * DAY;

/** An authority and the leaf that it issued; the authority before it, while its leaf may still be in use. */
export interface CertificateSet {
  readonly ca: CertificatePair;
  readonly previousCa?: string;
  readonly leaf: CertificatePair;
}

/** What a set needs before it can serve on. */
export type Renewal = "nothing" | "drop-previous" | "leaf" | "everything";

/** Decides what is to be renewed: pure, so that a clock of a test decides it alike. */
export function renewalOf(set: CertificateSet | undefined, names: readonly string[], now: Date): Renewal {
  const parsed = set === undefined ? undefined : parse(set);
  if (parsed === undefined) return "everything";
  const { ca, leaf } = parsed;
  if (!leaf.verify(ca.publicKey) || isNear(ca, now)) return "everything";
  if (isNear(leaf, now) || names.some((name) => leaf.checkHost(name) === undefined)) return "leaf";
  const settled = now.getTime() - ca.validFromDate.getTime() > OVERLAP_MS;
  return set?.previousCa !== undefined && settled ? "drop-previous" : "nothing";
}

/** PEM of every authority that vouches for a certificate in use. */
export function caBundleOf({ ca, previousCa }: CertificateSet): string {
  return (
    [ca.cert, ...(previousCa === undefined ? [] : [previousCa])].map((pem) => pem.trimEnd()).join("\n") + "\n"
  );
}

/** When the authorities of the bundle end. Throws where one cannot be read. */
export function authorityEndsOf({ ca, previousCa }: CertificateSet): AuthorityEnd[] {
  const previous =
    previousCa === undefined ? [] : [{ authority: "previous" as const, end: endOf(previousCa) }];
  return [{ authority: "current", end: endOf(ca.cert) }, ...previous];
}

function endOf(cert: string): Date {
  return new X509Certificate(cert).validToDate;
}

/** Whether less than a third of a certificate's life is left, or it is not valid yet. */
function isNear({ validFromDate, validToDate }: X509Certificate, now: Date): boolean {
  const life = validToDate.getTime() - validFromDate.getTime();
  return now < validFromDate || validToDate.getTime() - now.getTime() < life * RENEW_AT;
}

function parse({ ca, leaf }: CertificateSet): { ca: X509Certificate; leaf: X509Certificate } | undefined {
  try {
    return { ca: new X509Certificate(ca.cert), leaf: new X509Certificate(leaf.cert) };
  } catch {
    return undefined;
  }
}
