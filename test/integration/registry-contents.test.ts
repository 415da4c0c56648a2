import { describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import { closeAfterEach, openPair, REPO, soon } from "../support/oci-client.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

closeAfterEach();

describe("what an image is made of", () => {
  it("is its bytes under each algorithm, and nothing else where it is no index", async () => {
    const { registry, client, image } = await openPair();
    const bytes = JSON.stringify({ schemaVersion: 2, config: { mediaType: "x/y" }, layers: [] });
    const digest = registry.pushManifest(REPO, bytes);
    const contents = await client.contents(image(digest), {}, soon(5000));
    expect(contents).toEqual({ digests: [digestOf(bytes), digestOf(bytes, "sha512")], parts: [] });
  });

  it("is, of an index, everything that it lists, whatever it says of an entry, at every level", async () => {
    const { registry, client, image, subject } = await openPair();
    const hidden = registry.pushImage(REPO);
    const listing = (entries: readonly object[]): string =>
      JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: entries });
    const inner = registry.pushManifest(
      REPO,
      listing([
        {
          mediaType: MANIFEST,
          digest: hidden,
          size: 1,
          platform: { os: "unknown", architecture: "unknown" },
          annotations: { "vnd.docker.reference.type": "attestation-manifest" },
        },
      ]),
      { mediaType: INDEX },
    );
    const outer = registry.pushManifest(
      REPO,
      listing([
        { mediaType: MANIFEST, digest: subject, size: 1 },
        { mediaType: INDEX, digest: inner, size: 1 },
      ]),
      { mediaType: INDEX },
    );
    const contents = await client.contents(image(outer), {}, soon(5000));
    expect(contents?.parts).toEqual(expect.arrayContaining([subject, inner, hidden]));
  });

  it("is nothing where the registry has no such manifest, and a fault where an index leads nowhere", async () => {
    const { registry, client, image } = await openPair();
    expect(await client.contents(image(digestOf("nothing")), {}, soon(5000))).toBeUndefined();
    const entries = [{ mediaType: INDEX, digest: digestOf("nothing"), size: 1 }];
    const index = registry.pushManifest(
      REPO,
      JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests: entries }),
      { mediaType: INDEX },
    );
    await expect(client.contents(image(index), {}, soon(5000))).rejects.toMatchObject({
      code: "registry/invalid",
    });
  });
});
