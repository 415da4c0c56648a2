import { ASN1Obj, crypto, X509Certificate } from "@sigstore/core";

import { createBoundedMap } from "../../core/index.ts";
import { derSlices, withOwnExtensions } from "./der-slices.ts";

type KeyObject = ReturnType<typeof crypto.createPublicKey>;

/**
 * Hash functions by signature algorithm: ECDSA (RFC 5758, section 3.2), RSA PKCS #1 v1.5 (RFC 4055, section 5), and
 * Ed25519, which has its own (RFC 8410, section 6). The library knows ECDSA, and takes SHA-256 for any other.
 */
const HASHES: Readonly<Record<string, string | null>> = {
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.3.101.112": null,
};

/** Certificates that an issuer remembers to have made: about 1.3 kB each. */
const MAX_ISSUED = 1024;

/**
 * A certificate that remembers what is costly to work out: the library re-encodes certificates about 1,500 times for
 * one verification, and checks the root's own signature every time. Same answers, a third of the time: what is
 * remembered is a key, an encoding, or that one certificate made another; times, purposes and names are checked every
 * time.
 */
export class CachingCertificate extends X509Certificate {
  readonly #der: Buffer<ArrayBuffer>;
  /** Certificates whose signature by this one was good, each as all of its bytes: another byte is another certificate. */
  readonly #issued = createBoundedMap<true>(MAX_ISSUED);
  #publicKey: Buffer | undefined;
  #keyObject: KeyObject | undefined;
  #extensions: ASN1Obj[] | undefined;
  /** Logs whose certificate timestamps a copy holds; all where absent. */
  #ctlogs: readonly { readonly logID: Buffer }[] | undefined;

  constructor(der: Buffer<ArrayBuffer>) {
    super(ASN1Obj.parseBuffer(der));
    this.#der = der;
  }

  /** The certificate of these DER bytes. */
  static fromDer(der: Uint8Array): CachingCertificate {
    return new CachingCertificate(Buffer.from(der));
  }

  /** The same certificate, of whose timestamps only those of these logs are checked. */
  withTimestampsOf(ctlogs: readonly { readonly logID: Buffer }[]): CachingCertificate {
    const same = new CachingCertificate(this.#der);
    same.#ctlogs = ctlogs;
    return same;
  }

  get der(): Buffer<ArrayBuffer> {
    return this.#der;
  }

  override get publicKey(): Buffer {
    return (this.#publicKey ??= super.publicKey);
  }

  override get extensions(): ASN1Obj[] {
    return (this.#extensions ??= super.extensions);
  }

  override equals(other: X509Certificate): boolean {
    return (
      this === other ||
      (other instanceof CachingCertificate ? this.#der.equals(other.#der) : super.equals(other))
    );
  }

  /** A copy from which the library may remove the certificate timestamps. */
  override clone(): X509Certificate {
    const logs = this.#ctlogs;
    return withOwnExtensions(
      this,
      (logId) => logs === undefined || logs.some(({ logID }) => logID.equals(logId)),
    );
  }

  /** Whether the issuer's key, or without one its own, made the signature. Says nothing of any time or purpose. */
  override verify(issuer?: X509Certificate): boolean {
    const by = issuer ?? this;
    return by instanceof CachingCertificate
      ? by.#made(this)
      : this.#isSignedBy(crypto.createPublicKey(by.publicKey));
  }

  #made(certificate: CachingCertificate): boolean {
    const bytes = certificate.#der.toString("latin1");
    if (this.#issued.get(bytes) === true) return true;
    const isMade = certificate.#isSignedBy((this.#keyObject ??= crypto.createPublicKey(this.publicKey)));
    if (isMade) this.#issued.set(bytes, true);
    return isMade;
  }

  /** Over the bytes as they came, not as the library would write them; by any algorithm but those that are broken. */
  #isSignedBy(key: KeyObject): boolean {
    const hash = HASHES[this.root.subs[1]?.subs[0]?.toOID() ?? ""];
    if (hash === undefined) return false;
    return crypto.verify(derSlices(this.root)[0]!, key, this.signatureValue, hash ?? undefined);
  }
}
