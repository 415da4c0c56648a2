import { describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import {
  closeAfterEach,
  EVERYTHING,
  openPair,
  REPO,
  SIGNING,
  soon,
  texts,
  unreadCodeOf,
  BUNDLE,
} from "../support/oci-client.ts";
import { aPod, aReview } from "../support/review.ts";
import { signedWorld } from "../support/signed-world.ts";

closeAfterEach();

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";

function twice(key: string, text: string): string {
  return text.replace(/^\{/, `{${key},`);
}

describe("I62: an index, or a digest, that two readers understand in two ways", () => {
  it("a document that is index and manifest at once is neither", async () => {
    const { registry, client, image, subject } = await openPair();
    const layer = { mediaType: BUNDLE, digest: registry.pushBlob(REPO, "evil"), size: 4 };
    const both = { schemaVersion: 2, config: { mediaType: "x/y" }, layers: [layer], manifests: [] };
    registry.pushManifest(REPO, both, { tag: `${subject.replace(":", "-")}.att` });
    const { found, skipped } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([found, skipped.length]).toEqual([[], 1]);
  });

  it("a referrer that is listed twice, also with another size, is read once and hides none", async () => {
    const { registry, client, image, subject } = await openPair();
    const layers = [{ mediaType: BUNDLE, digest: registry.pushBlob(REPO, "good"), size: 4 }];
    const manifest = { schemaVersion: 2, artifactType: BUNDLE, config: { mediaType: "x/y" }, layers };
    const digest = registry.pushManifest(REPO, manifest);
    const entry = {
      mediaType: MANIFEST,
      digest,
      size: JSON.stringify(manifest).length,
      artifactType: BUNDLE,
    };
    const manifests = [entry, entry, { ...entry, size: 1 }];
    const list = { schemaVersion: 2, mediaType: INDEX, manifests };
    registry.fault("/referrers/", { kind: "bytes", bytes: JSON.stringify(list) });
    const { found } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "good"]]);
    expect(registry.requests.filter(({ path }) => path.includes(digest))).toHaveLength(1);
  });

  it.each([
    ["a key twice", '"layers":[]'],
    ["a key in two letter cases", '"Layers":[]'],
    ["an escaped key twice", '"l\\u0061yers":[]'],
  ])("a referrer or a legacy manifest with %s is a gap, and hides none beside it", async (_, key) => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good" });
    const layers = [{ mediaType: BUNDLE, digest: registry.pushBlob(REPO, "evil"), size: 4 }];
    const manifest = { schemaVersion: 2, config: { mediaType: "x/y" }, layers };
    const text = twice(key, JSON.stringify(manifest));
    registry.pushManifest(REPO, text, { tag: `${subject.replace(":", "-")}.sig` });
    const digest = registry.pushManifest(REPO, text);
    const manifests = [{ mediaType: MANIFEST, digest, size: text.length, artifactType: BUNDLE }];
    const list = { schemaVersion: 2, mediaType: INDEX, manifests };
    registry.pushManifest(REPO, list, { tag: subject.replace(":", "-"), mediaType: INDEX });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "good"]]);
    expect(gaps).toHaveLength(2);
    for (const gap of gaps)
      expect(gap).toMatchObject({
        code: "registry/invalid",
        message: expect.stringContaining("programs read it differently"),
      });
  });

  it.each([
    ["the referrers API", "/referrers/"],
    ["the fallback tag", /manifests\/sha256-[0-9a-f]{64}$/],
  ])("a list by %s with a key twice is a gap, and hides none in another place", async (_, path) => {
    const { registry, client, image, subject } = await openPair();
    registry.attachTag(REPO, subject, ".sig", [{ mediaType: SIGNING, bytes: "good" }]);
    const list = JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: [] });
    registry.fault(path, { kind: "bytes", bytes: twice('"manifests":[]', list) });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["cosign-sig", "good"]]);
    expect(gaps).toMatchObject([{ code: "registry/invalid", about: "place" }]);
  });

  it("a tag that leads to an index with a key twice stands for no digest", async () => {
    const { registry, client, image, subject } = await openPair();
    const manifests = [{ mediaType: MANIFEST, digest: subject, size: 1 }];
    const text = twice('"manifests":[]', JSON.stringify({ schemaVersion: 2, manifests }));
    registry.pushManifest(REPO, text, { tag: "v2", mediaType: INDEX });
    const { registry: host, repository } = image(subject);
    const asked = client.resolve({ registry: host, repository, tag: "v2" }, {}, soon());
    await expect(asked).rejects.toMatchObject({ code: "registry/invalid" });
  });

  it.each([
    ["other bytes under the digest of a manifest", "/manifests/sha256:"],
    ["other bytes under the digest of a blob", "/blobs/sha256:"],
  ])("%s are a fault", async (_, path) => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good" });
    registry.fault(path, { kind: "bytes", bytes: "{}" });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/invalid",
    );
  });

  it("a signature for the sha256 of some bytes says nothing of their sha512", async () => {
    const { registry, sign, start } = await signedWorld();
    const digest = registry.pushImage("acme/app");
    await sign(digest);
    const gate = await start();
    const decide = async (of: string) =>
      (await gate.post("/validate/enforce", aReview({ object: aPod(`${registry.host}/acme/app@${of}`) })))
        .body.response!;
    expect((await decide(digest)).allowed).toBe(true);
    expect((await decide(digestOf("the same image", "sha512"))).allowed).toBe(false);
    await gate.stop();
    await registry.close();
  });
});
