import { ASN1Obj, EXTENSION_OID_SCT, X509Certificate, X509SCTExtension } from "@sigstore/core";
import { describe, expect, it } from "vitest";

import { createSigstore } from "../../../test/support/sigstore.ts";
import { withKnownTimestamps } from "./known-timestamps.ts";

const { certificate } = await (await createSigstore()).identity();
const extension = X509Certificate.parse(Buffer.from(certificate!)).extensions.find(
  ({ subs }) => subs[0]!.toOID() === EXTENSION_OID_SCT,
)!;
const [octets] = extension.subs.slice(-1) as [ASN1Obj];
const [list] = octets.subs as [ASN1Obj];
const sct = list.value.subarray(4);
const other = Buffer.from(sct);
other.fill(7, 1, 33);

/** The extension with another list. */
function holding(encoded: Buffer): ASN1Obj {
  const value = new ASN1Obj(octets.tag, octets.value, [new ASN1Obj(list.tag, encoded, [])]);
  return new ASN1Obj(extension.tag, extension.value, [...extension.subs.slice(0, -1), value]);
}

function prefixed(bytes: Buffer, length = bytes.length): Buffer {
  return Buffer.concat([Buffer.from([length >> 8, length & 0xff]), bytes]);
}

function logsOf(asn1: ASN1Obj): string[] {
  return new X509SCTExtension(asn1).signedCertificateTimestamps.map(({ logID }) => logID.toString("hex"));
}

const ids = { ours: sct.subarray(1, 33).toString("hex"), other: "07".repeat(32) };

describe("timestamps of known certificate logs", () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ["one of two known", [ids.ours], [ids.ours]],
    ["both known", [ids.ours, ids.other], [ids.ours, ids.other]],
    ["none known", [], []],
  ])("with %s are those that stay", (_, known, expected) => {
    const both = holding(prefixed(Buffer.concat([prefixed(sct), prefixed(other)])));
    const kept = withKnownTimestamps(both, (logId) => known.includes(logId.toString("hex")));
    expect(logsOf(kept)).toEqual(expected);
    expect(kept.subs[0]!.toOID()).toBe(EXTENSION_OID_SCT);
  });

  it.each<[string, Buffer]>([
    ["an empty value", Buffer.alloc(0)],
    ["a list that is longer than it says", Buffer.concat([prefixed(prefixed(sct)), Buffer.of(0)])],
    ["a list that is shorter than it says", prefixed(prefixed(sct), 4096)],
    ["an item longer than the list", prefixed(prefixed(sct, sct.length + 1))],
    ["half of an item's length", prefixed(Buffer.of(0))],
    ["an item too short for a log's id", prefixed(prefixed(sct.subarray(0, 32)))],
  ])("stay as they are in %s, for the library to judge", (_, encoded) => {
    const odd = holding(encoded);
    expect(withKnownTimestamps(odd, () => false)).toBe(odd);
  });
});
