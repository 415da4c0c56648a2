import { ASN1Obj } from "@sigstore/core";

const LENGTH_BYTES = 2;
/** The version's one byte comes before the log's id. */
const LOG_ID = { start: 1, end: 33 };

/**
 * A certificate's extension of signed certificate timestamps without those of logs that are not known. The library refuses
 * a certificate for one that it cannot check; as with log entries and stamps, one of a foreign log can neither count nor
 * spoil what counts. An extension that cannot be read stays as it is, for the library to judge. Source: RFC 6962,
 * sections 3.2 and 3.3.
 */
export function withKnownTimestamps(extension: ASN1Obj, isKnown: (logId: Buffer) => boolean): ASN1Obj {
  const octets = extension.subs.at(-1);
  const list = octets?.subs[0];
  const all = list && timestampsIn(list.value);
  if (octets === undefined || list === undefined || all === undefined) return extension;
  const known = all.filter((each) => isKnown(each.subarray(LOG_ID.start, LOG_ID.end)));
  const kept = withLength(Buffer.concat(known.map(withLength)));
  const value = new ASN1Obj(octets.tag, octets.value, [new ASN1Obj(list.tag, kept, [])]);
  return new ASN1Obj(extension.tag, extension.value, [...extension.subs.slice(0, -1), value]);
}

/** The items of a list whose length, and each item's, comes before it; undefined where the lengths do not fit. */
function timestampsIn(encoded: Buffer): Buffer[] | undefined {
  const items: Buffer[] = [];
  if (encoded.length < LENGTH_BYTES || encoded.readUInt16BE(0) !== encoded.length - LENGTH_BYTES)
    return undefined;
  for (let at = LENGTH_BYTES; at < encoded.length;) {
    if (at + LENGTH_BYTES > encoded.length) return undefined;
    const from = at + LENGTH_BYTES;
    at = from + encoded.readUInt16BE(at);
    if (at > encoded.length || at - from < LOG_ID.end) return undefined;
    items.push(encoded.subarray(from, at));
  }
  return items;
}

function withLength(bytes: Buffer): Buffer {
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
