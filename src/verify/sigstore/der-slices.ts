import { ASN1Obj, EXTENSION_OID_SCT, X509Certificate } from "@sigstore/core";

import { withKnownTimestamps } from "./known-timestamps.ts";

/** An object that knows its encoding; the library would put it together again, byte by byte. */
class Encoded extends ASN1Obj {
  readonly #der: Buffer;

  constructor({ tag, value, subs }: ASN1Obj, der: Buffer) {
    super(tag, value, subs);
    this.#der = der;
  }

  override toDER(): Buffer {
    return this.#der;
  }
}

/** The encodings of an object's parts, as they are in its own: a signature is over these bytes, however they read. */
export function derSlices({ value, subs }: ASN1Obj): Buffer[] {
  let from = 0;
  return subs.map((part) => {
    const to = part.value.byteOffset - value.byteOffset + part.value.length;
    const der = value.subarray(from, to);
    from = to;
    return der;
  });
}

/**
 * A copy of a certificate whose list of extensions may be changed: to check certificate timestamps, the library
 * takes their extension out and encodes what is left (RFC 6962, section 3.2). All else is shared, and encoded already.
 * Of the timestamps only those of known logs are there.
 */
export function withOwnExtensions(
  { root }: X509Certificate,
  isKnownLog: (logId: Buffer) => boolean,
): X509Certificate {
  const [tbs, ...rest] = root.subs;
  const copied =
    tbs &&
    inner(tbs, (part, der) => (isExtensions(part) ? opened(part, isKnownLog) : new Encoded(part, der)));
  return new X509Certificate(new ASN1Obj(root.tag, root.value, copied ? [copied, ...rest] : rest));
}

/** The extensions' tag [3] holds one list, and that the extensions. Source: RFC 5280, section 4.1. */
function isExtensions({ tag }: ASN1Obj): boolean {
  return tag.isContextSpecific(0x03);
}

function opened(extensions: ASN1Obj, isKnownLog: (logId: Buffer) => boolean): ASN1Obj {
  return inner(extensions, (list) =>
    inner(list, (part, der) =>
      part.subs[0]?.toOID() === EXTENSION_OID_SCT
        ? withKnownTimestamps(part, isKnownLog)
        : new Encoded(part, der),
    ),
  );
}

function inner(of: ASN1Obj, copy: (part: ASN1Obj, der: Buffer) => ASN1Obj): ASN1Obj {
  const encoded = derSlices(of);
  return new ASN1Obj(
    of.tag,
    of.value,
    of.subs.map((part, at) => copy(part, encoded[at]!)),
  );
}
