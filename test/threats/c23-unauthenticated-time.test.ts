import { RFC3161Timestamp } from "@sigstore/core";
import { describe, expect, it } from "vitest";

import { verifyAttachments } from "../../src/verify/index.ts";
import { cosignSign, type FormedLayer, world } from "../support/signed-layers.ts";

const YEAR = 365 * 86_400; // seconds
const { sigstore, subject, now, release, key, material, attachmentsOf } = await world();

interface Entry {
  integratedTime?: string;
  inclusionPromise?: unknown;
}

function withEntry(layer: FormedLayer, change: (entry: Entry) => void): FormedLayer {
  const bundle = JSON.parse(layer.bytes.toString()) as { verificationMaterial: { tlogEntries: Entry[] } };
  for (const entry of bundle.verificationMaterial.tlogEntries) change(entry);
  return { ...layer, bytes: Buffer.from(JSON.stringify(bundle)) };
}

interface Stamp {
  readonly signedTimestamp: string;
}

interface Stamped {
  verificationMaterial: { timestampVerificationData: { rfc3161Timestamps: Stamp[] } };
}

function timesIn(layer: FormedLayer): number[] {
  const { verificationMaterial } = JSON.parse(layer.bytes.toString()) as Stamped;
  return verificationMaterial.timestampVerificationData.rfc3161Timestamps.map(({ signedTimestamp }) =>
    RFC3161Timestamp.parse(Buffer.from(signedTimestamp, "base64")).signingTime.getTime(),
  );
}

function withStamps(layer: FormedLayer, change: (stamps: Stamp[]) => Stamp[]): FormedLayer {
  const bundle = JSON.parse(layer.bytes.toString()) as Stamped;
  const { timestampVerificationData: data } = bundle.verificationMaterial;
  data.rfc3161Timestamps = change(data.rfc3161Timestamps);
  return { ...layer, bytes: Buffer.from(JSON.stringify(bundle)) };
}

function evidenceWith(trusted: typeof key, layer: FormedLayer) {
  return verifyAttachments(attachmentsOf([layer]), material(trusted), now);
}

function evidenceFor(layer: FormedLayer) {
  return verifyAttachments(attachmentsOf([layer]), material(), now);
}

describe("C23: times that nobody vouches for", () => {
  it("rejects a changed time of the log", async () => {
    const layer = await cosignSign.bundle(sigstore, release, subject);
    const shifted = withEntry(layer, (entry) => {
      entry.integratedTime = String(Number(entry.integratedTime) - 60);
    });
    expect(evidenceFor(shifted)).toMatchObject({ signatures: [], rejections: [{ reason: "invalid" }] });
  });

  it("rejects a time of the log without the log's promise", async () => {
    const layer = await cosignSign.bundle(sigstore, release, subject);
    const bare = withEntry(layer, (entry) => {
      delete entry.inclusionPromise;
    });
    expect(evidenceFor(bare)).toMatchObject({ signatures: [], rejections: [{ reason: "invalid" }] });
  });

  it.each([
    ["five years early", -5 * YEAR],
    ["five years late", 5 * YEAR],
  ])("dates no key's signature by a log entry without the log's promise, %s", async (_, seconds) => {
    const layer = await cosignSign.bundle(sigstore, key, subject);
    const promised = evidenceWith(key, layer).signatures;
    expect(promised).toMatchObject([{ logged: true, timeSource: "log" }]);
    const bare = withEntry(layer, (entry) => {
      delete entry.inclusionPromise;
      entry.integratedTime = String(Number(entry.integratedTime) + seconds);
    });
    const [signature, ...more] = evidenceWith(key, bare).signatures;
    expect(more).toEqual([]);
    expect([signature?.trustedTime, signature?.timeSource]).toEqual([undefined, undefined]);
  });

  it("rejects a certificate without any time at all", async () => {
    const layer = await cosignSign.bundle(sigstore, release, subject, { rekor: "v2", timestamps: 0 });
    expect(evidenceFor(layer)).toMatchObject({ signatures: [], rejections: [{ reason: "invalid" }] });
  });

  it("takes the log's time before that of a later timestamp, and a timestamp where the log promises none", async () => {
    const layer = await cosignSign.bundle(sigstore, release, subject, { timestamps: 1, secondsFromNow: 60 });
    expect(evidenceFor(layer).signatures).toMatchObject([{ timeSource: "log", logged: true }]);
    const v2 = await cosignSign.bundle(sigstore, release, subject, { rekor: "v2" });
    expect(evidenceFor(v2).signatures).toMatchObject([{ timeSource: "timestamp", logged: true }]);
  });

  it("takes the earliest of several timestamps, in whichever order they come", async () => {
    const layer = await cosignSign.bundle(sigstore, release, subject, { rekor: "v2", timestamps: 3 });
    const turned = withStamps(layer, (stamps) => stamps.toReversed());
    const times = timesIn(layer);
    expect(new Set(times).size).toBeGreaterThan(1);
    for (const each of [layer, turned])
      expect(evidenceFor(each).signatures).toMatchObject([{ trustedTime: new Date(Math.min(...times)) }]);
  });

  it("rejects a log whose key had ended, also where only a checkpoint vouches", async () => {
    const root = structuredClone(sigstore.trustedRoot) as { tlogs: { publicKey: { validFor: object } }[] };
    for (const { publicKey } of root.tlogs)
      publicKey.validFor = { start: "2020-01-01T00:00:00Z", end: "2021-01-01T00:00:00Z" };
    const ended = { ...sigstore.trustRoot("ended"), trustedRoot: JSON.stringify(root) };
    const trust = { generation: "ended", roots: [ended], keys: [] };
    for (const rekor of ["v1", "v2"] as const) {
      const layer = await cosignSign.bundle(sigstore, release, subject, { rekor });
      expect(verifyAttachments(attachmentsOf([layer]), trust, now).signatures).toEqual([]);
    }
  });
});
