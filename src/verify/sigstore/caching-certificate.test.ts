import { EXTENSION_OID_SCT, X509Certificate } from "@sigstore/core";
import { afterEach, describe, expect, it, vi } from "vitest";

import { cosignSign, type FormedLayer, world } from "../../../test/support/signed-layers.ts";
import { createSigstore } from "../../../test/support/sigstore.ts";
import { verifyAttachment } from "../verify-attachment.ts";
import { CachingCertificate } from "./caching-certificate.ts";
import { derSlices } from "./der-slices.ts";
import { prepare } from "./material.ts";

const { sigstore, subject, release, material, attachmentsOf } = await world();
const der = release.certificate!;
const SIGNATURE_BYTES = 96; // of two numbers of P-384, without what stands around them
const root = CachingCertificate.fromDer(sigstore.rootCertificate);

/** What a certificate log signs: the certificate without the log's own extension. */
function withoutTimestamps(certificate: X509Certificate): Buffer {
  const copy = certificate.clone();
  const at = copy.extensions.findIndex(({ subs }) => subs[0]!.toOID() === EXTENSION_OID_SCT);
  expect(at).toBeGreaterThanOrEqual(0);
  copy.extensions.splice(at, 1);
  return copy.tbsCertificate.toDER();
}

function verdict(layer: FormedLayer, by = prepare(material())): string {
  const [attachment] = attachmentsOf([layer]).found;
  const outcome = verifyAttachment(attachment!, { subject, predicateTexts: [] }, by);
  return outcome.kind === "rejection" ? outcome.rejection.reason : outcome.kind;
}

describe("a certificate that remembers", () => {
  it("has the parts that the library would encode", () => {
    const plain = X509Certificate.parse(Buffer.from(der));
    expect(derSlices(plain.root)).toEqual(plain.root.subs.map((part) => part.toDER()));
    expect(withoutTimestamps(CachingCertificate.fromDer(der))).toEqual(withoutTimestamps(plain));
  });

  it("keeps its own extensions when its copy loses one", () => {
    const leaf = CachingCertificate.fromDer(der);
    const before = leaf.tbsCertificate.toDER();
    withoutTimestamps(leaf);
    expect(leaf.tbsCertificate.toDER()).toEqual(before);
    expect(leaf.extSCT).toBeDefined();
  });

  it("is remembered by the issuer that made it, and by no other one", async () => {
    const leaf = CachingCertificate.fromDer(der);
    expect(leaf.verify(root)).toBe(true);
    const foreign = CachingCertificate.fromDer((await createSigstore()).rootCertificate);
    expect(leaf.verify(foreign)).toBe(false);
    expect(leaf.verify()).toBe(false);
  });
});

describe("trust material that has seen a good certificate", () => {
  afterEach(() => vi.useRealTimers());

  it("still asks whether each signature was made in the certificate's time", async () => {
    const seen = prepare(material());
    expect(verdict(await cosignSign.bundle(sigstore, release, subject), seen)).toBe("signature");
    vi.setSystemTime(Date.now() + 24 * 3_600_000);
    expect(verdict(await cosignSign.bundle(sigstore, release, subject), seen)).toBe("invalid");
  });

  it("refuses the certificate with any other byte", async () => {
    const seen = prepare(material());
    const good = await cosignSign.bundle(sigstore, release, subject);
    expect(verdict(good, seen)).toBe("signature");
    const text = good.bytes.toString();
    const signed = derSlices(X509Certificate.parse(Buffer.from(der)).root)[0]!.length;
    for (let at = 0; at < der.length; at += 5) {
      if (at > signed && at < der.length - SIGNATURE_BYTES) continue; // names the algorithm a second time
      const bad = Buffer.from(der);
      bad[at]! ^= 1;
      const bytes = Buffer.from(text.replace(der.toString("base64"), bad.toString("base64")));
      expect(bytes).not.toEqual(good.bytes);
      expect(verdict({ ...good, bytes }, seen), `byte ${at}`).toMatch(
        /invalid|malformed|untrusted|unsupported/,
      );
    }
  });

  it("still refuses a changed signature, payload or log entry by the same certificate", async () => {
    const seen = prepare(material());
    const good = await cosignSign.bundle(sigstore, release, subject);
    expect(verdict(good, seen)).toBe("signature");
    const text = good.bytes.toString();
    for (const field of ["sig", "canonicalizedBody", "signedEntryTimestamp"]) {
      const changed = text.replace(
        new RegExp(`("${field}":"[^"]{40})(.)`),
        (_, head: string, char: string) => head + (char === "A" ? "B" : "A"),
      );
      expect(changed).not.toBe(text);
      expect(verdict({ ...good, bytes: Buffer.from(changed) }, seen)).toMatch(/invalid|malformed/);
    }
  });

  it("still checks the certificate's timestamps with the log's key", async () => {
    const layer = await cosignSign.bundle(sigstore, release, subject);
    const other = (await createSigstore()).trustedRoot as typeof changed;
    const changed = structuredClone(sigstore.trustedRoot) as { ctlogs: { publicKey: object }[] };
    changed.ctlogs[0]!.publicKey = other.ctlogs[0]!.publicKey; // under the id of the log that it knows
    const trust = { ...sigstore.trustRoot("test"), trustedRoot: JSON.stringify(changed) };
    expect(verdict(layer, prepare({ generation: "other", roots: [trust], keys: [] }))).toBe("invalid");
    expect(verdict(layer)).toBe("signature");
  });
});
