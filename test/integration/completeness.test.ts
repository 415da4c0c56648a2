import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Digest, digestOf } from "../../src/core/index.ts";
import {
  AttestedWorld,
  attestedWorld,
  policyFor,
  scan,
  SCAN,
  signatureOf,
} from "../support/attested-world.ts";
import { startOciRegistry } from "../support/oci-registry.ts";
import { startGate } from "../support/running-gate.ts";

const HOUR_MS = 3_600_000;

let world: AttestedWorld;
beforeAll(async () => {
  world = await attestedWorld();
});
afterAll(() => world.close());

describe("the newest attestation counts, however many there are", () => {
  it("64 clean scans and a newer one with a critical: refused", async () => {
    const digest = world.image();
    await world.attachScans(digest, 64);
    await world.attachScan(digest, 64, "bad");
    expect((await world.judged("scan", digest)).codes).toEqual(["vulnerability/blocked"]);
  });

  it("64 clean layers of .att and one with a critical after them: refused", async () => {
    const digest = world.image();
    await world.attachLayers(digest, 64);
    expect((await world.judged("scan", digest)).codes).toEqual(["vulnerability/blocked"]);
  });

  it("64 signatures by a former identity and the wanted one after them under .sig: admitted", async () => {
    const digest = world.image();
    await world.signLayers(digest, 64);
    expect((await world.judged("signature", digest)).decision).toBe("allow");
  });
});

describe("whoever may push and may not sign cannot crowd out what speaks against an image", () => {
  it("a PASSED summary, 63 junk referrers of 32 bytes, a FAILED summary: refused", async () => {
    const digest = world.image();
    await world.attachSummary(digest, "PASSED", 1);
    world.attachJunk(digest, 63, "junk");
    await world.attachSummary(digest, "FAILED", 2);
    expect((await world.judged("summary", digest)).codes).toEqual(["promotable/refused"]);
  });
});

/** Names a blob of another's as the one layer of a new tag, which is listed before every referrer. */
function nameBlob({ registry }: AttestedWorld, digest: Digest, bytes: Buffer, size: number): void {
  const layer = { mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json", digest: digestOf(bytes), size };
  const config = { mediaType: "application/vnd.oci.image.config.v1+json" };
  const manifest = { schemaVersion: 2, config, layers: [layer] };
  registry.pushManifest("acme/app", manifest, { tag: `${digest.replace(":", "-")}.att` });
}

describe.each([
  ["1 byte", 1],
  ["10 GB", 10 ** 10],
])("a manifest says of another's blob that it has %s", (_, size) => {
  it("a signature admits nevertheless", async () => {
    const digest = world.image();
    const bytes = await signatureOf(digest);
    world.attach(digest, bytes);
    nameBlob(world, digest, bytes, size);
    expect((await world.judged("signature", digest)).codes).toEqual([]);
  });

  it("a bad scan counts, and a clean one that was read before does not cover it", async () => {
    const { known, digest, anHourLater } = await knownClean();
    const bytes = await scan(digest, 600, "bad");
    known.attach(digest, bytes, SCAN, 600);
    nameBlob(known, digest, bytes, size);
    anHourLater();
    expect((await known.judged("scan", digest)).codes).toEqual(["vulnerability/blocked"]);
    await known.close();
  });
});

/** An image with a clean scan that the gate has read. */
async function knownClean() {
  const registry = await startOciRegistry();
  let ahead = HOUR_MS;
  const now = (): Date => new Date(Date.now() + ahead);
  // On a busy machine the registry is slow, and older evidence is used instead of what is slow to come.
  const limits = { patienceMs: HOUR_MS };
  const gate = await startGate({ registries: [registry], policy: policyFor(registry), now, limits });
  const known = new AttestedWorld(registry, gate);
  const digest = known.image();
  await known.attachScan(digest, 1, "clean");
  expect((await known.judged("scan", digest)).decision).toBe("allow");
  return { known, digest, anHourLater: () => void (ahead += HOUR_MS) };
}

describe("a clean scan that was read before", () => {
  it("does not cover one that is listed and not there", async () => {
    const { known, digest, anHourLater } = await knownClean();
    nameBlob(known, digest, Buffer.from("not pushed"), 10);
    anHourLater();
    expect((await known.judged("scan", digest)).codes).toEqual(["registry/incomplete"]);
    await known.close();
  });

  it.each(["manifests", "blobs"])("counts on where its own %s cannot be read again", async (kind) => {
    const { known, digest, anHourLater } = await knownClean();
    known.registry.fault(`/${kind}/sha256:`, { kind: "status", status: 500 });
    anHourLater();
    expect((await known.judged("scan", digest)).codes).toEqual([]);
    await known.close();
  });
});
