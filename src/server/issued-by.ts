import { X509Certificate } from "node:crypto";

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;
/** Certificates that are read from either text: the API server's own limit of the object leaves room for more. */
const MAX_CERTIFICATES = 32;

/**
 * Whether a client that trusts these authorities alone (PEM) takes this certificate, which may be followed by its
 * intermediates: one of the authorities issued it, or is it. What cannot be read is trusted by no one. Names and times are
 * not checked. Source: RFC 5280, section 6.1.
 */
export function isIssuedBy(certificate: string, authorities: string): boolean {
  try {
    const [leaf, ...intermediates] = certificatesIn(certificate);
    return leaf !== undefined && leadsTo(certificatesIn(authorities), leaf, intermediates);
  } catch {
    return false;
  }
}

function leadsTo(
  roots: readonly X509Certificate[],
  from: X509Certificate,
  intermediates: readonly X509Certificate[],
): boolean {
  if (roots.some((root) => root.fingerprint256 === from.fingerprint256 || isIssuer(root, from))) return true;
  return intermediates.some(
    (each, at) => isIssuer(each, from) && leadsTo(roots, each, intermediates.toSpliced(at, 1)),
  );
}

function isIssuer(issuer: X509Certificate, of: X509Certificate): boolean {
  return of.checkIssued(issuer) && of.verify(issuer.publicKey);
}

function certificatesIn(pem: string): X509Certificate[] {
  return (pem.match(PEM) ?? []).slice(0, MAX_CERTIFICATES).map((each) => new X509Certificate(each));
}
