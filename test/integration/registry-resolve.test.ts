import { describe, expect, it } from "vitest";

import { type Digest, digestOf } from "../../src/core/index.ts";
import { closeAfterEach, codeOf, openPair, type Pair, REPO, soon } from "../support/oci-client.ts";

closeAfterEach();

async function resolve({ client, registry }: Pair, tag?: string): Promise<Digest | undefined> {
  const ref = { registry: registry.host, repository: REPO, ...(tag !== undefined && { tag }) };
  return await client.resolve(ref, {}, soon());
}

describe("resolve", () => {
  it("gives the digest of the manifest or index behind a tag", async () => {
    const pair = await openPair();
    const index = pair.registry.pushIndex(REPO, { tag: "all", manifests: [pair.subject] });
    expect(await resolve(pair, "v1")).toBe(pair.subject);
    expect(await resolve(pair, "all")).toBe(index);
    expect(pair.registry.requests).toHaveLength(2);
  });

  it("takes latest where no tag is written", async () => {
    const pair = await openPair();
    pair.registry.tag(REPO, "latest", pair.subject);
    expect(await resolve(pair)).toBe(pair.subject);
  });

  it("gives a reference's own digest without asking anybody", async () => {
    const { client, registry, image, subject } = await openPair();
    expect(await client.resolve({ ...image(subject), tag: "v9" }, {}, soon())).toBe(subject);
    expect(registry.requests).toEqual([]);
  });

  it("says so where the registry has no such tag", async () => {
    expect(await resolve(await openPair(), "v2")).toBeUndefined();
  });

  it.each(["<html>", "{}", '{"schemaVersion":1}', "null"])(
    "refuses %j, which is no manifest",
    async (bytes) => {
      const pair = await openPair();
      pair.registry.fault("/manifests/", { kind: "bytes", bytes });
      expect(await codeOf(resolve(pair, "v1"))).toBe("registry/invalid");
    },
  );

  it.each([
    [403, "registry/forbidden"],
    [429, "registry/rate-limited"],
    [500, "registry/unavailable"],
    [400, "registry/invalid"],
  ])("does not know after a %i: %s", async (status, code) => {
    const pair = await openPair({ settings: { limits: { retries: 0 } } });
    pair.registry.fault("/manifests/", { kind: "status", status });
    expect(await codeOf(resolve(pair, "v1"))).toBe(code);
  });

  it("does not read a manifest past the limit", async () => {
    const pair = await openPair();
    pair.registry.fault("/manifests/", { kind: "endless" });
    expect(await codeOf(resolve(pair, "v1"))).toBe("limits/exceeded");
  });

  it.each(["256.256.256.256", "registry.example:99999"])(
    "refuses the host %s, which is no address",
    async (registry) => {
      const { client } = await openPair();
      expect(await codeOf(client.resolve({ registry, repository: REPO }, {}, soon()))).toBe(
        "registry/invalid",
      );
    },
  );
});

describe("children", () => {
  it("are the platform images of an index, each once, without attestation manifests", async () => {
    const { registry, client, image, subject } = await openPair();
    const arm = registry.pushImage(REPO);
    const attestation = registry.pushImage(REPO);
    const unknown = registry.pushImage(REPO);
    const index = registry.pushIndex(REPO, {
      manifests: [
        subject,
        { digest: arm, platform: { os: "linux", architecture: "arm64" } },
        { digest: attestation, annotations: { "vnd.docker.reference.type": "attestation-manifest" } },
        { digest: unknown, platform: { os: "unknown", architecture: "unknown" } },
        subject,
      ],
    });
    expect(await client.children(image(index), {}, soon())).toEqual([subject, arm]);
  });

  it("of an image are undefined, and so are those of nothing", async () => {
    const { client, image, subject } = await openPair();
    expect(await client.children(image(subject), {}, soon())).toBeUndefined();
    expect(await client.children(image(digestOf("nothing")), {}, soon())).toBeUndefined();
  });

  it("are found in nested indexes, three levels deep and no deeper", async () => {
    const { registry, client, image, subject } = await openPair();
    const two = registry.pushIndex(REPO, { manifests: [registry.pushIndex(REPO, { manifests: [subject] })] });
    const three = registry.pushIndex(REPO, { manifests: [two] });
    expect(await client.children(image(three), {}, soon())).toEqual([subject]);
    const four = registry.pushIndex(REPO, { manifests: [three] });
    expect(await codeOf(client.children(image(four), {}, soon()))).toBe("limits/exceeded");
  });

  it.each([
    ["too many", 5, "limits/exceeded"],
    ["far too many", 50, "limits/exceeded"],
  ])("%s are a fault", async (_name, count, code) => {
    const { registry, client, image } = await openPair({ settings: { limits: { children: 4 } } });
    const manifests = Array.from({ length: count }, () => registry.pushImage(REPO));
    const index = registry.pushIndex(REPO, { manifests });
    expect(await codeOf(client.children(image(index), {}, soon()))).toBe(code);
  });

  it.each([
    ["reads as both manifest and index", { config: { mediaType: "x/y" }, layers: [], manifests: [] }],
    ["lists something unreadable", { manifests: [{ digest: "md5:1" }] }],
    [
      "lists an index that is gone",
      {
        manifests: [
          {
            mediaType: "application/vnd.oci.image.index.v1+json",
            size: 9,
            digest: `sha256:${"0".repeat(64)}`,
          },
        ],
      },
    ],
  ])("of a document that %s are a fault", async (_name, document) => {
    const { registry, client, image } = await openPair();
    const digest = registry.pushManifest(REPO, { schemaVersion: 2, ...document });
    expect(await codeOf(client.children(image(digest), {}, soon()))).toBe("registry/invalid");
  });
});
