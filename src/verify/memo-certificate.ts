import { ASN1Obj, crypto, X509Certificate } from "@sigstore/core";

type KeyObject = ReturnType<typeof crypto.createPublicKey>;

/**
 * A certificate that remembers what is costly to work out: the library re-encodes certificates about 1,500 times for
 * one verification, and checks the root's own signature every time. Same answers, a third of the time.
 */
export class MemoCertificate extends X509Certificate {
  readonly #der: Buffer<ArrayBuffer>;
  readonly #verified = new Map<X509Certificate, boolean>();
  #tbs: Buffer | undefined;
  #publicKey: Buffer | undefined;
  #keyObject: KeyObject | undefined;
  #extensions: ASN1Obj[] | undefined;

  constructor(der: Buffer<ArrayBuffer>) {
    super(ASN1Obj.parseBuffer(der));
    this.#der = der;
  }

  /** The certificate of these DER bytes. */
  static fromDer(der: Uint8Array): MemoCertificate {
    return new MemoCertificate(Buffer.from(der));
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
      (other instanceof MemoCertificate ? this.#der.equals(other.#der) : super.equals(other))
    );
  }

  /** A copy that shares nothing: the library changes the copy it takes to check a certificate timestamp. */
  override clone(): X509Certificate {
    return X509Certificate.parse(Buffer.from(this.#der));
  }

  override verify(issuer?: X509Certificate): boolean {
    const by = issuer ?? this;
    const known = this.#verified.get(by);
    if (known !== undefined) return known;
    const key = by instanceof MemoCertificate ? by.#key() : crypto.createPublicKey(by.publicKey);
    const valid = crypto.verify(this.#signedBytes(), key, this.signatureValue, this.signatureAlgorithm);
    if (by instanceof MemoCertificate) this.#verified.set(by, valid);
    return valid;
  }

  #key(): KeyObject {
    return (this.#keyObject ??= crypto.createPublicKey(this.publicKey));
  }

  #signedBytes(): Buffer {
    return (this.#tbs ??= this.tbsCertificate.toDER());
  }
}
