import { describe, expect, it } from "vitest";

import { digestOf, Fault, type OwnWork } from "../../src/core/index.ts";
import { readDocument, type ReadElsewhere } from "../../src/registry/index.ts";
import { BUNDLE, closeAfterEach, EVERYTHING, openPair, REPO, soon, texts } from "../support/oci-client.ts";

const [KIB, MIB] = [1024, 1024 * 1024];
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

closeAfterEach();

/** Another thread's stand-in, and what it was given to read. */
function elsewhere(): { readonly readElsewhere: ReadElsewhere; readonly given: [string, string, number][] } {
  const given: [string, string, number][] = [];
  return {
    given,
    readElsewhere: (share, kind, bytes, most) => {
      given.push([share, kind, bytes.length]);
      return Promise.resolve(readDocument(kind, bytes, most));
    },
  };
}

/** Room that is asked for, and whether anything else was held meanwhile. */
function room(): { readonly reserveBytes: (bytes: number) => Promise<void>; readonly taken: number[] } {
  const taken: number[] = [];
  return { taken, reserveBytes: (bytes) => Promise.resolve(void taken.push(bytes)) };
}

async function littleRoom(bytes: number): Promise<void> {
  await Promise.resolve();
  if (bytes > MIB) throw new Fault("limits/overloaded", "no room");
}

function tooBusy(): Promise<never> {
  return Promise.reject(new Fault("limits/overloaded", "busy"));
}

function gaveUp(): Promise<never> {
  return Promise.reject(new Fault("limits/exceeded", "reading it took too long"));
}

type Pair = Awaited<ReturnType<typeof openPair>>;

/** A list under the fallback tag that is about so long, and ends with a good referrer. */
function pushList({ registry, subject }: Pair, bytes: number): void {
  const digest = registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good", via: "tag" });
  const pad = {
    mediaType: MANIFEST,
    digest: digestOf("pad"),
    size: 1,
    annotations: { pad: "x".repeat(bytes) },
  };
  const good = { mediaType: MANIFEST, digest, size: 10 * KIB, artifactType: BUNDLE };
  const text = {
    schemaVersion: 2,
    manifests: [{ ...pad, artifactType: "application/vnd.cncf.notary.signature" }, good],
  };
  registry.pushManifest(REPO, text, { tag: subject.replace(":", "-") });
}

describe("a list of referrers", () => {
  it.each([
    ["15 KiB is read here", 15 * KIB, []],
    ["17 KiB is read elsewhere, as the share of its namespace", 17 * KIB, [["shop", "referrers"]]],
    ["300 KiB is read elsewhere", 300 * KIB, [["shop", "referrers"]]],
  ])("of %s", async (_, bytes, expected) => {
    const { readElsewhere, given } = elsewhere();
    const pair = await openPair({ deps: { readElsewhere } });
    pushList(pair, bytes - 500);
    const { found } = await pair.client.attachments(
      pair.image(pair.subject),
      { namespace: "shop" },
      EVERYTHING,
      soon(),
    );
    expect([texts(found), given.map(([share, kind]) => [share, kind])]).toEqual([
      [["bundle", "good"]],
      expected,
    ]);
  });

  it("of 17 KiB is read as the gate's own work, and not as time of the registry's", async () => {
    let isOwn = false;
    const seen: boolean[] = [];
    const readElsewhere: ReadElsewhere = (_share, ...input) => {
      seen.push(isOwn);
      return Promise.resolve(readDocument(...input));
    };
    const pair = await openPair({ deps: { readElsewhere } });
    pushList(pair, 17 * KIB);
    const ownWork: OwnWork = async (_what, work) => {
      isOwn = true;
      return await work().finally(() => (isOwn = false));
    };
    await pair.client.attachments(pair.image(pair.subject), {}, { ...EVERYTHING, ownWork }, soon());
    expect(seen).toEqual([true]);
  });

  it("of 250 KiB takes no room", async () => {
    const pair = await openPair();
    pushList(pair, 250 * KIB);
    const { reserveBytes, taken } = room();
    await pair.client.attachments(pair.image(pair.subject), {}, { ...EVERYTHING, reserveBytes }, soon());
    expect(taken).toEqual([10 * KIB, 4]);
  });

  it("of 300 KiB takes room for the longest that there may be, and gives it back once it is read", async () => {
    const pair = await openPair();
    pushList(pair, 300 * KIB);
    const { reserveBytes, taken } = room();
    const { found } = await pair.client.attachments(
      pair.image(pair.subject),
      {},
      { ...EVERYTHING, reserveBytes },
      soon(),
    );
    expect([texts(found), taken]).toEqual([[["bundle", "good"]], [4 * MIB, 0, 10 * KIB, 4]]);
  });

  it("that finds no room in time is a fault of the gate's, and nothing is said of what the registry holds", async () => {
    const pair = await openPair();
    pushList(pair, 300 * KIB);
    const wanted = { ...EVERYTHING, reserveBytes: littleRoom };
    const work = pair.client.attachments(pair.image(pair.subject), {}, wanted, soon());
    await expect(work).rejects.toMatchObject({
      code: "limits/overloaded",
    });
  });

  it.each(["referrer", "list"])(
    "a %s that cannot be read because the gate is busy is an overload, too",
    async (what) => {
      const pair = await openPair({ deps: { readElsewhere: tooBusy } });
      const { registry, client, image, subject } = pair;
      if (what === "list") pushList(pair, 17 * KIB);
      else registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "long", ...long(17 * KIB) });
      await expect(client.attachments(image(subject), {}, EVERYTHING, soon())).rejects.toMatchObject({
        code: "limits/overloaded",
      });
    },
  );

  it("is a gap where the other thread gives it up", async () => {
    const pair = await openPair({ deps: { readElsewhere: gaveUp } });
    pushList(pair, 20 * KIB);
    const { gaps, searched } = await pair.client.attachments(
      pair.image(pair.subject),
      {},
      EVERYTHING,
      soon(),
    );
    expect(searched).not.toContain("fallback tag");
    expect(gaps).toMatchObject([{ code: "limits/exceeded", message: /fallback tag.*took too long/ }]);
  });

  it("never shares its room with another long list of the same image", async () => {
    const pair = await openPair();
    const { registry, client, image, subject } = pair;
    pushList(pair, 300 * KIB);
    const pad = { pad: "x".repeat(300 * KIB) };
    for (const suffix of [".sig", ".att"] as const) {
      const manifest = { schemaVersion: 2, config: { mediaType: "x/y" }, layers: [], annotations: pad };
      registry.pushManifest(REPO, manifest, { tag: `${subject.replace(":", "-")}${suffix}` });
    }
    const { reserveBytes, taken } = room();
    const { gaps } = await client.attachments(image(subject), {}, { ...EVERYTHING, reserveBytes }, soon());
    expect(gaps).toEqual([]);
    expect(taken).toEqual([4 * MIB, 0, 4 * MIB, 0, 4 * MIB, 0, 10 * KIB, 4]);
  });
});

/** A referrer's manifest that is longer by so many bytes. */
function long(bytes: number): { readonly manifestAnnotations: { readonly pad: string } } {
  return { manifestAnnotations: { pad: "x".repeat(bytes) } };
}

describe("the manifest of a referrer", () => {
  it("of more than 1 MiB is a gap that names the setting; a smaller one is read", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "large", ...long(1100 * KIB) });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good", ...long(900 * KIB) });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "good"]]);
    expect(gaps).toMatchObject([{ message: "larger than 1048576 bytes (registries.limits.referrerBytes)" }]);
  });

  it("of more than 16 KiB is read elsewhere", async () => {
    const { readElsewhere, given } = elsewhere();
    const { registry, client, image, subject } = await openPair({ deps: { readElsewhere } });
    const bare = { bareDescriptor: true, via: "api" } as const;
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "long", ...long(16 * KIB), ...bare });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "short", ...bare });
    const { found } = await client.attachments(image(subject), { namespace: "shop" }, EVERYTHING, soon());
    expect(texts(found)).toEqual([
      ["bundle", "long"],
      ["bundle", "short"],
    ]);
    expect(given).toMatchObject([["shop", "evidence", expect.any(Number)]]);
  });

  it("with 80,000 annotations counts, and those that nobody reads are dropped", async () => {
    const { registry, client, image, subject } = await openPair();
    const many = Object.fromEntries(Array.from({ length: 80_000 }, (_, at) => [`${at}`, ""]));
    const annotations = { ...many, "dev.sigstore.bundle.content": "dsse-envelope" };
    registry.attachReferrer(REPO, subject, {
      mediaType: BUNDLE,
      bytes: "good",
      bareDescriptor: true,
      manifestAnnotations: annotations,
    });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(gaps).toEqual([]);
    expect(found).toMatchObject([{ annotations: { "dev.sigstore.bundle.content": "dsse-envelope" } }]);
    expect(Object.keys(found[0]!.annotations)).toHaveLength(1);
  });

  it("with 200,001 values and more is a gap that names the limit", async () => {
    const { registry, client, image, subject } = await openPair();
    const text = `{"schemaVersion":2,"x":[${"0,".repeat(200_000)}0]}`;
    const digest = registry.pushManifest(REPO, text);
    const listed = { mediaType: MANIFEST, digest, size: text.length, artifactType: BUNDLE };
    registry.pushManifest(
      REPO,
      { schemaVersion: 2, manifests: [listed] },
      { tag: subject.replace(":", "-") },
    );
    const { gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(gaps).toMatchObject([
      { code: "limits/exceeded", message: /a manifest or list is not read: it has more than 200000 values/ },
    ]);
  });
});

describe("an index of 20 KiB", () => {
  it.each(["contents", "children"] as const)("is read elsewhere by %s", async (how) => {
    const { readElsewhere, given } = elsewhere();
    const { registry, client, image, subject } = await openPair({ deps: { readElsewhere } });
    const listed = { mediaType: MANIFEST, digest: subject, size: 1 };
    const index = { schemaVersion: 2, manifests: [listed], annotations: { pad: "x".repeat(20 * KIB) } };
    const digest = registry.pushManifest(REPO, index, { tag: "many" });
    const known = await client[how](image(digest), { namespace: "shop" }, soon());
    expect(how === "children" ? known : known && "parts" in known && known.parts).toContain(subject);
    expect(given.map(([share, kind]) => [share, kind])).toEqual([["shop", "image"]]);
  });

  it("is read elsewhere where a tag leads to it", async () => {
    const { readElsewhere, given } = elsewhere();
    const { registry, client } = await openPair({ deps: { readElsewhere } });
    const index = { schemaVersion: 2, manifests: [], annotations: { pad: "x".repeat(20 * KIB) } };
    const digest = registry.pushManifest(REPO, index, { tag: "many" });
    const ref = { registry: registry.host, repository: REPO, tag: "many" };
    expect(await client.resolve(ref, { namespace: "shop" }, soon())).toBe(digest);
    expect(given.map(([share, kind]) => [share, kind])).toEqual([["shop", "tagged"]]);
  });
});
