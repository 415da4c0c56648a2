import type { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

import type { CallerRefusal } from "../core/index.ts";
import type { AuthorityBundle, ClientAuthorities } from "./client-authorities.ts";

/** Intermediates between a client's certificate and its authority, at most. */
const MAX_CHAIN = 8;

/** Who may call. */
export interface ClientCertificateOptions {
  readonly authorities: ClientAuthorities;
  /** Common names, or DNS names among the subject alternative names; a certificate needs one of them. */
  readonly allowedNames: readonly string[];
  readonly now: () => Date;
}

/** What is known of a connection. */
interface Checked {
  readonly certificate: X509Certificate;
  readonly bundle: AuthorityBundle;
  readonly isTrusted: boolean;
  readonly isNamed: boolean;
}

/**
 * Checks the client's certificate of a connection, and gives why it does not count; undefined where it does. The handshake
 * has checked chain and purpose. What may have changed since is checked at each request, because connections are kept for
 * hours: the authorities, and the time. The names of a certificate never change, and reading them takes a tenth of a review.
 */
export function checkClientCertificate({
  authorities,
  allowedNames,
  now,
}: ClientCertificateOptions): (socket: Socket) => CallerRefusal | undefined {
  const known = new WeakMap<Socket, Checked>();
  const checked = (socket: TLSSocket): Checked | undefined => {
    const bundle = authorities.current();
    const before = known.get(socket);
    if (before?.bundle === bundle) return before;
    const certificate = before?.certificate ?? socket.getPeerX509Certificate();
    if (certificate === undefined) return undefined;
    const isNamed = before?.isNamed ?? allowedNames.some((name) => carriesName(certificate, name));
    const isTrusted = socket.authorized && isIssuedBy(certificate, bundle);
    const next = { certificate, bundle, isTrusted, isNamed };
    known.set(socket, next);
    return next;
  };
  return (socket) => {
    const found = socket instanceof TLSSocket ? checked(socket) : undefined;
    if (found === undefined) return "no-certificate";
    const { certificate, isTrusted, isNamed } = found;
    if (!isTrusted) return "untrusted-certificate";
    if (!isValidAt(certificate, now())) return "expired-certificate";
    return isNamed ? undefined : "wrong-name";
  };
}

function isIssuedBy(leaf: X509Certificate, { certificates }: AuthorityBundle): boolean {
  let at: X509Certificate | undefined = leaf;
  for (let depth = 0; at !== undefined && depth <= MAX_CHAIN; depth += 1) {
    const current: X509Certificate = at;
    if (certificates.some((ca) => current.checkIssued(ca) && current.verify(ca.publicKey))) return true;
    at = current.issuerCertificate;
  }
  return false;
}

function isValidAt({ validFromDate, validToDate }: X509Certificate, now: Date): boolean {
  return validFromDate <= now && now <= validToDate;
}

/** The one common name of the subject, or a DNS name; wildcards name no one. */
function carriesName(certificate: X509Certificate, name: string): boolean {
  const commonName: unknown = certificate.toLegacyObject().subject?.CN; // a list where there are several
  if (commonName === name) return true;
  return certificate.checkHost(name, { subject: "never", wildcards: false }) !== undefined;
}
