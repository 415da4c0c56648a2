import { describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import { closeAfterEach, codeOf, openPair, REPO, soon } from "../support/oci-client.ts";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

closeAfterEach();

describe("what an image is made of", () => {
  it("is its bytes under each algorithm, and nothing else where it is no index", async () => {
    const { registry, client, image } = await openPair();
    const bytes = JSON.stringify({ schemaVersion: 2, config: { mediaType: "x/y" }, layers: [] });
    const digest = registry.pushManifest(REPO, bytes);
    const contents = await client.contents(image(digest), {}, soon());
    expect(contents).toEqual({
      digests: [digestOf(bytes), digestOf(bytes, "sha512")],
      parts: [],
      absent: [],
      checkpoint: undefined,
    });
  });

  it("is, of an index, everything that it lists, whatever it says of an entry, at every level", async () => {
    const { registry, client, image, subject } = await openPair();
    const hidden = registry.pushImage(REPO);
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
    const contents = await client.contents(image(outer), {}, soon());
    expect(contents?.parts).toEqual(expect.arrayContaining([subject, inner, hidden]));
  });

  it("says whether an index lists provenance of BuildKit, which has no signature", async () => {
    const { registry, client, image, subject } = await openPair();
    const push = (type: string): Promise<boolean | undefined> => {
      const annotations = { "vnd.docker.reference.type": type };
      const listed = listing([{ mediaType: MANIFEST, digest: subject, size: 1, annotations }]);
      const index = registry.pushManifest(REPO, listed, { mediaType: INDEX });
      return client.contents(image(index), {}, soon()).then((contents) => contents?.hasUnsignedProvenance);
    };
    expect(await push("attestation-manifest")).toBe(true);
    expect(await push("something-else")).toBeUndefined();
  });

  it("takes room for what is long, and gives it back once it is read", async () => {
    const { registry, client, image, subject } = await openPair();
    const long = {
      mediaType: MANIFEST,
      digest: subject,
      size: 1,
      annotations: { long: "x".repeat(300 * 1024) },
    };
    const index = registry.pushManifest(REPO, listing([long]), { mediaType: INDEX, tag: "long" });
    const taken: number[] = [];
    const own = { reserveBytes: (bytes: number) => Promise.resolve(void taken.push(bytes)) };
    await client.contents(image(index), {}, soon(), own);
    await client.resolve({ registry: registry.host, repository: REPO, tag: "long" }, {}, soon(), own);
    expect(taken).toEqual([4 * 1024 * 1024, 0, 4 * 1024 * 1024, 0]);
  });

  it("is nothing where the registry has no such manifest, and a fault where an index leads nowhere", async () => {
    const { registry, client, image } = await openPair();
    expect(await client.contents(image(digestOf("nothing")), {}, soon())).toBeUndefined();
    const entries = [{ mediaType: INDEX, digest: digestOf("nothing"), size: 1 }];
    const index = registry.pushManifest(REPO, listing(entries), { mediaType: INDEX });
    await expect(client.contents(image(index), {}, soon())).rejects.toMatchObject({
      code: "registry/invalid",
    });
  });
});

describe("a checkpoint of a running container", () => {
  const image = { schemaVersion: 2, config: { mediaType: "x/y" }, layers: [] };

  it.each([
    "org.criu.checkpoint.container.name",
    "org.criu.checkpoint.engine.name",
    "io.kubernetes.cri-o.annotations.checkpoint.name",
    "io.podman.annotations.checkpoint.name",
  ])("is told by the annotation %s of its manifest, whatever its value", async (annotation) => {
    const { registry, client, image: named } = await openPair();
    const values = ["counter", "", 7, null];
    const pushed = values.map((value) =>
      registry.pushManifest(REPO, { ...image, annotations: { "a.b": "c", [annotation]: value } }),
    );
    for (const digest of pushed)
      expect((await client.contents(named(digest), {}, soon()))?.checkpoint).toBe(annotation);
  });

  it("is told by an annotation of an index, of an entry, and of what it lists at any level", async () => {
    const { registry, client, image: named, subject } = await openPair();
    const annotations = { "org.criu.checkpoint.container.name": "counter" };
    const child = registry.pushManifest(REPO, { ...image, annotations });
    const listed = { mediaType: MANIFEST, digest: subject, size: 1 };
    const indexes = [
      JSON.stringify({ schemaVersion: 2, manifests: [listed], annotations }),
      listing([{ ...listed, annotations }]),
      listing([listed, { ...listed, digest: child }]),
      listing([{ ...listed, mediaType: INDEX, digest: registry.pushIndex(REPO, { manifests: [child] }) }]),
    ];
    for (const each of indexes) {
      const digest = registry.pushManifest(REPO, each, { mediaType: INDEX });
      expect((await client.contents(named(digest), {}, soon()))?.checkpoint).toBe(
        "org.criu.checkpoint.container.name",
      );
    }
  });

  it.each([
    ["another annotation", { "org.opencontainers.image.title": "org.criu.checkpoint.container.name" }],
    ["a key that only contains it", { "x.org.criu.checkpoint.container.name": "counter" }],
    ["null for annotations", null],
    ["text for annotations", "org.criu.checkpoint.container.name"],
  ])("is not made by %s", async (_, annotations) => {
    const { registry, client, image: named } = await openPair();
    const digest = registry.pushManifest(REPO, { ...image, annotations });
    expect(await client.contents(named(digest), {}, soon())).toMatchObject({ checkpoint: undefined });
  });
});

describe("what an index leads to, whatever it says of it", () => {
  it.each([
    ["a manifest", MANIFEST],
    ["an index, with a parameter", `${INDEX}; charset=utf-8`],
    ["an index, in capitals", INDEX.toUpperCase()],
    ["a blob", "application/octet-stream"],
  ])("is read where an index is listed as %s", async (_, mediaType) => {
    const { registry, client, image, subject } = await openPair();
    const inner = registry.pushIndex(REPO, { manifests: [subject] });
    const outer = registry.pushManifest(REPO, listing([{ mediaType, digest: inner, size: 1 }]));
    expect((await client.contents(image(outer), {}, soon()))?.parts).toContain(subject);
  });

  it("has each of its digests, where it is listed by its sha512", async () => {
    const { registry, client, image } = await openPair();
    const bytes = JSON.stringify({ schemaVersion: 2, config: { mediaType: "x/y" }, layers: [] });
    const child = registry.pushManifest(REPO, bytes);
    const digest = digestOf(bytes, "sha512");
    registry.fault(digest, { kind: "bytes", bytes });
    const outer = registry.pushManifest(REPO, listing([{ mediaType: MANIFEST, digest, size: 1 }]));
    expect((await client.contents(image(outer), {}, soon()))?.parts).toEqual([digest, child]);
  });

  it("is a fault where an entry is neither a manifest nor an index", async () => {
    const { registry, client, image } = await openPair();
    const digest = registry.pushManifest(REPO, { schemaVersion: 2, manifests: [], layers: [] });
    const outer = registry.pushManifest(REPO, listing([{ mediaType: MANIFEST, digest, size: 1 }]));
    expect(await codeOf(client.contents(image(outer), {}, soon()))).toBe("registry/invalid");
  });

  it("says which of its manifests are not there", async () => {
    const { registry, client, image, subject } = await openPair();
    const gone = digestOf("nothing");
    const entries = [subject, gone].map((digest) => ({ mediaType: MANIFEST, digest, size: 1 }));
    const index = registry.pushManifest(REPO, listing(entries), { mediaType: INDEX });
    expect(await client.contents(image(index), {}, soon())).toMatchObject({ absent: [gone] });
  });

  const absent = digestOf("nothing");
  it.each([
    ["passes, listed as a manifest", [MANIFEST], "no fault"],
    [
      "is a fault, listed as a manifest by its sha512",
      [MANIFEST],
      "registry/invalid",
      digestOf("", "sha512"),
    ],
    ["is a fault, listed as a blob", ["application/octet-stream"], "registry/invalid"],
    ["is a fault, listed as a manifest, then as an index", [MANIFEST, INDEX], "registry/invalid"],
    ["is a fault, listed as an index, then as a manifest", [INDEX, MANIFEST], "registry/invalid"],
  ])("that is not there %s", async (_, types, code, digest = absent) => {
    const { registry, client, image } = await openPair();
    const entries = types.map((mediaType) => ({ mediaType, digest, size: 1 }));
    const outer = registry.pushManifest(REPO, listing(entries));
    expect(await codeOf(client.contents(image(outer), {}, soon()))).toBe(code);
  });
});

describe("a document that Go and JavaScript read in two ways", () => {
  const good = digestOf("good");
  const bad = digestOf("bad");
  it.each([
    ["two lists, in two cases", withKeys(`"manifests":[${entry(good)}],"Manifests":[${entry(bad)}]`)],
    ["two lists, in one case", withKeys(`"manifests":[${entry(bad)}],"manifests":[${entry(good)}]`)],
    ["two lists, one with a long s", withKeys(`"manifests":[${entry(good)}],"manifeſts":[${entry(bad)}]`)],
    [
      "a list beside layers",
      withKeys(`"config":{"mediaType":"x/y"},"layers":[],"MANIFESTS":[${entry(bad)}]`),
    ],
    ["two digests", withKeys(`"manifests":[{"Digest":"${bad}",${entry(good).slice(1)}]`)],
    ["an unknown key in two cases", withKeys(`"manifests":[],"x-a":1,"X-A":2`)],
    ["a config in two cases", withKeys(`"config":{"mediaType":"x/y","MediaType":"x/z"},"layers":[]`)],
    ["a layer in capitals", withKeys(`"config":{"mediaType":"x/y"},"layers":[{"DIGEST":"${bad}"}]`)],
  ])("is a fault, pinned or listed: %s", async (_, document) => {
    const { registry, client, image } = await openPair();
    const pinned = registry.pushManifest(REPO, document);
    const outer = registry.pushManifest(REPO, listing([{ mediaType: INDEX, digest: pinned, size: 1 }]));
    for (const digest of [pinned, outer]) {
      const problem = { code: "registry/invalid", message: /programs read it differently/ };
      await expect(client.contents(image(digest), {}, soon())).rejects.toMatchObject(problem);
    }
    await expect(client.children(image(pinned), {}, soon())).rejects.toMatchObject({
      code: "registry/invalid",
    });
  });

  it("is none where annotations have keys in two cases, or ones that fields have", async () => {
    const { registry, client, image } = await openPair();
    const annotations = { a: "1", A: "2", Manifests: "3" };
    const digest = registry.pushManifest(REPO, { ...JSON.parse(listing([])), annotations });
    expect((await client.contents(image(digest), {}, soon()))?.parts).toEqual([]);
  });
});

describe("how much is read of what an index leads to", () => {
  it("is five documents in two rounds, for two platforms with their attestations", async () => {
    const { registry, client, image } = await openPair();
    const manifests = Array.from({ length: 4 }, () => registry.pushImage(REPO));
    const index = registry.pushIndex(REPO, { manifests });
    registry.clearRequests();
    await client.contents(image(index), {}, soon());
    expect(registry.requests.map(({ path }) => path.includes("/manifests/"))).toEqual(Array(5).fill(true));
    expect(registry.requests.filter(({ round }) => round === 1)).toHaveLength(1);
  });

  it("is each document once, however often it is listed", async () => {
    const { registry, client, image, subject } = await openPair();
    let digest = subject;
    for (let depth = 0; depth < 3; depth += 1)
      digest = registry.pushIndex(REPO, { manifests: Array.from({ length: 128 }, () => digest) });
    await client.contents(image(digest), {}, soon());
    expect(registry.requests).toHaveLength(4);
  });

  it.each([
    [16, "no fault"],
    [17, "limits/exceeded"],
  ])("ends past twice the platform images of one index, at all levels: %i documents", async (count, code) => {
    const { registry, client, image } = await openPair({ settings: { limits: { children: 8 } } });
    const images = Array.from({ length: count - 2 }, () => registry.pushImage(REPO));
    const inner = [images.slice(0, 7), images.slice(7)].map((manifests) =>
      registry.pushIndex(REPO, { manifests }),
    );
    const outer = registry.pushIndex(REPO, { manifests: inner });
    registry.clearRequests();
    expect(await codeOf(client.contents(image(outer), {}, soon()))).toBe(code);
    expect(registry.requests.length).toBeLessThanOrEqual(17);
  });

  it("ends past the bytes of all lists together", async () => {
    const limits = { listBytes: 1024 * 1024 };
    const { registry, client, image } = await openPair({ settings: { limits } });
    const pad = "x".repeat(200 * 1024);
    const manifests = Array.from({ length: 40 }, (_, at) =>
      registry.pushManifest(REPO, {
        schemaVersion: 2,
        config: { mediaType: "x/y" },
        layers: [],
        annotations: { pad, at: `${at}` },
      }),
    );
    const index = registry.pushIndex(REPO, { manifests });
    registry.clearRequests();
    const problem = { code: "limits/exceeded", message: /1048576 bytes.*\(registries\.limits\.listBytes\)/ };
    await expect(client.contents(image(index), {}, soon())).rejects.toMatchObject(problem);
    expect(registry.requests.length).toBeLessThanOrEqual(1 + 8);
  });

  it("ends where the time is over", async () => {
    const { registry, client, image } = await openPair();
    const manifests = Array.from({ length: 40 }, () => registry.pushImage(REPO));
    const index = registry.pushIndex(REPO, { manifests });
    const late = new AbortController();
    registry.fault(manifests[0]!, { kind: "stall" });
    registry.clearRequests();
    const work = codeOf(client.contents(image(index), {}, late.signal));
    await expect.poll(() => registry.requests.length).toBe(5);
    late.abort();
    expect(await work).toBe("deadline/exceeded");
    expect(registry.requests).toHaveLength(5);
  });
});

/** One entry, as text. */
function entry(digest: string): string {
  return `{"mediaType":"${MANIFEST}","digest":"${digest}","size":1}`;
}

/** A document with these keys, besides those of every index. */
function withKeys(keys: string): string {
  return `{"schemaVersion":2,"mediaType":"${INDEX}",${keys}}`;
}

/** An index with these entries. */
function listing(manifests: readonly object[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: INDEX, manifests });
}
