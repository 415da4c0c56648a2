import { describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { ADVICE } from "../../src/registry/advice.ts";
import { fallbackTag } from "../../src/registry/attachments/referrers.ts";
import {
  BUNDLE,
  closeAfterEach,
  codeOf,
  DSSE,
  EVERYTHING,
  openPair,
  REPO,
  SIGNING,
  soon,
  texts,
} from "../support/oci-client.ts";
import type { OciRegistry } from "../support/oci-registry.ts";

const PROVENANCE = "https://slsa.dev/provenance/v1";
const SBOM = "https://spdx.dev/Document";
const SIGNATURE = "dev.cosignproject.cosign/signature";
const HINT = "dev.sigstore.bundle.predicateType";
const ONLY_PROVENANCE = {
  wantsPredicate: (hint: string | undefined) => hint === undefined || hint === PROVENANCE,
};

closeAfterEach();

describe("attachments are gathered", () => {
  it("in all forms from all places, each once", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle 1", via: "both" });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle 2", via: "tag" });
    registry.attachTag(REPO, subject, ".sig", [
      { mediaType: SIGNING, bytes: "payload", annotations: { s: "1" } },
    ]);
    registry.attachTag(REPO, subject, ".att", [{ mediaType: DSSE, bytes: "envelope" }]);
    const { found, skipped, searched } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(new Set(texts(found).map(String))).toEqual(
      new Set(["bundle,bundle 1", "bundle,bundle 2", "cosign-att,envelope", "cosign-sig,payload"]),
    );
    expect(found).toHaveLength(4);
    expect(skipped).toEqual([]);
    expect(searched).toEqual(["referrers API", "fallback tag", ".sig tag", ".att tag"]);
  });

  it("once there is room for as many bytes of manifests and blobs as are announced, each counted once", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "12345", via: "both" });
    registry.attachTag(REPO, subject, ".att", [{ mediaType: DSSE, bytes: "1234567" }]);
    const digests = (): number => registry.requests.filter(({ path }) => path.includes("/sha256:")).length;
    const asked: number[][] = [];
    const reserveBytes = (bytes: number): Promise<void> => {
      asked.push([bytes, digests()]);
      return Promise.resolve();
    };
    await client.attachments(image(subject), {}, { ...EVERYTHING, reserveBytes }, soon());
    const lists = 1; // of the referrers API, by the subject's digest
    expect(asked).toEqual([
      [expect.any(Number), lists],
      [12, lists + 1],
    ]);
  });

  it("by the fallback tag where the registry has no referrers API", async () => {
    const { registry, client, image, subject } = await openPair({ registry: { referrers: false } });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    const { found, searched } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "bundle"]]);
    expect(searched).toEqual(["fallback tag", ".sig tag", ".att tag"]);
  });

  it("although lists call everything oci.empty and drop the annotations", async () => {
    const { registry, client, image, subject } = await openPair();
    const bare = { bareDescriptor: true, manifestAnnotations: { [HINT]: PROVENANCE } };
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "by API", ...bare });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "by tag", via: "tag", ...bare });
    const { found } = await client.attachments(image(subject), {}, ONLY_PROVENANCE, soon());
    expect(texts(found).map(([, text]) => text)).toEqual(["by tag", "by API"]);
  });

  it("from cosign's older referrers, whose layers are simple signing", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, {
      mediaType: SIGNING,
      artifactType: "application/vnd.dev.cosign.artifact.sig.v1+json",
      bytes: "payload",
      annotations: { "dev.cosignproject.cosign/signature": "c2ln" },
    });
    const { found } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(found).toMatchObject([
      { form: "cosign-sig", annotations: { "dev.cosignproject.cosign/signature": "c2ln" } },
    ]);
  });

  it("once for each signature over the same payload, whose blob is read once", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachTag(REPO, subject, ".sig", [
      { mediaType: SIGNING, bytes: "payload", annotations: { [SIGNATURE]: "a" } },
      { mediaType: SIGNING, bytes: "payload", annotations: { [SIGNATURE]: "b" } },
      { mediaType: SIGNING, bytes: "payload", annotations: { [SIGNATURE]: "b" } },
    ]);
    const { found } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(found.map(({ annotations }) => annotations[SIGNATURE])).toEqual(["b", "a"]);
    expect(registry.requests.filter(({ path }) => path.includes("/blobs/"))).toHaveLength(1);
  });

  it("where nothing says what they are, however little is wanted", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "no hint" });
    registry.attachTag(REPO, subject, ".att", [
      { mediaType: DSSE, bytes: "empty hint", annotations: { predicateType: "" } },
    ]);
    const { found } = await client.attachments(image(subject), {}, { wantsPredicate: () => false }, soon());
    expect(texts(found).map(([, text]) => text)).toEqual(["no hint", "empty hint"]);
  });

  it("page by page, the last listed first", async () => {
    const { registry, client, image, subject } = await openPair({ registry: { pageSize: 2 } });
    for (const bytes of ["1", "2", "3", "4", "5"])
      registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes });
    const { found, skipped } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found).map(([, text]) => text)).toEqual(["5", "4", "3", "2", "1"]);
    expect(skipped).toEqual([]);
  });

  it("and there may be none, also where an empty list is null", async () => {
    const { client, image, subject } = await openPair({ registry: { nullWhenEmpty: true } });
    const { found, skipped } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([found, skipped]).toEqual([[], []]);
  });
});

describe("attachments are left out", () => {
  it("where a hint says that no rule wants them: neither manifest nor blob is read", async () => {
    const { registry, client, image, subject } = await openPair();
    const sbom = { [HINT]: SBOM };
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "sbom", manifestAnnotations: sbom });
    registry.attachReferrer(REPO, subject, {
      mediaType: BUNDLE,
      bytes: "hidden sbom",
      manifestAnnotations: sbom,
      bareDescriptor: true,
    });
    registry.attachReferrer(REPO, subject, {
      mediaType: BUNDLE,
      bytes: "build",
      manifestAnnotations: { [HINT]: PROVENANCE },
    });
    registry.attachTag(REPO, subject, ".att", [
      { mediaType: DSSE, bytes: "old sbom", annotations: { predicateType: SBOM } },
      { mediaType: DSSE, bytes: "old build", annotations: { predicateType: PROVENANCE } },
      { mediaType: DSSE, bytes: "no hint" },
    ]);
    const { found, skipped } = await client.attachments(image(subject), {}, ONLY_PROVENANCE, soon());
    expect(texts(found).map(([, text]) => text)).toEqual(["build", "no hint", "old build"]);
    expect(skipped).toEqual([]);
    expect(registry.requests.filter(({ path }) => path.includes("/blobs/"))).toHaveLength(3);
    expect(registry.requests.filter(({ path }) => path.includes("/manifests/sha256:"))).toHaveLength(2);
  });

  it.each([
    ["by the descriptor", false],
    ["by the manifest", true],
  ])("and reported where they are Notation's, known %s", async (_name, bareDescriptor) => {
    const { registry, client, image, subject } = await openPair();
    const digest = registry.attachReferrer(REPO, subject, {
      mediaType: "application/jose+json",
      artifactType: "application/vnd.cncf.notary.signature",
      bytes: "{}",
      bareDescriptor,
    });
    const { found, skipped } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(found).toEqual([]);
    expect(skipped).toMatchObject([
      { digest, reason: "unsupported", message: expect.stringContaining("Notation") },
    ]);
  });

  it("silently where their layers are nothing that could be evidence", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: "application/spdx+json", bytes: "{}" });
    registry.attachTag(REPO, subject, ".sig", [{ mediaType: "text/plain", bytes: "hello" }]);
    const { found, skipped } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([found, skipped]).toEqual([[], []]);
  });

  it("and reported where they are listed but gone, broken or no manifest, and hide nothing", async () => {
    const { registry, client, image, subject } = await openPair();
    const good = registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good", via: "tag" });
    const odd = registry.pushManifest(REPO, '{"schemaVersion":1}');
    const entry = { mediaType: "application/vnd.oci.image.manifest.v1+json", size: 100_000 };
    registry.pushManifest(
      REPO,
      {
        schemaVersion: 2,
        manifests: [
          { ...entry, digest: `sha256:${"0".repeat(64)}` },
          { ...entry, digest: odd },
          { digest: "nonsense" },
          "text",
          { ...entry, digest: good, annotations: { a: 1, b: null } },
        ],
      },
      { tag: subject.replace(":", "-") },
    );
    const { found, skipped, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "good"]]);
    expect(skipped.map(({ message }) => message).toSorted()).toEqual([
      "a referrer that is not an image manifest",
      "listed referrers have no readable descriptor",
      "listed, and not yet in the registry (HTTP 404)",
    ]);
    expect(gaps.map(({ code, count }) => [code, count])).toEqual([
      ["registry/invalid", 2],
      ["registry/incomplete", 1],
    ]);
  });

  it.each(["", ".sig", ".att"])("and reported where the tag %j is no such document", async (suffix) => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good" });
    registry.pushManifest(REPO, "[]", { tag: subject.replace(":", "-") + suffix });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "good"]]);
    expect(gaps).toMatchObject([{ code: "registry/invalid", message: /is not an image (manifest|index)$/ }]);
  });
});

describe("where a part may do", () => {
  const PART = { ...EVERYTHING, likelyLocations: true };
  const bundle = { mediaType: BUNDLE, bytes: "bundle" };
  const PUT = {
    "referrers API": (registry, subject) => registry.attachReferrer(REPO, subject, { ...bundle, via: "api" }),
    "fallback tag": (registry, subject) => registry.attachReferrer(REPO, subject, { ...bundle, via: "tag" }),
    ".sig tag": (registry, subject) =>
      registry.attachTag(REPO, subject, ".sig", [{ mediaType: SIGNING, bytes: "payload" }]),
    ".att tag": (registry, subject) =>
      registry.attachTag(REPO, subject, ".att", [{ mediaType: DSSE, bytes: "envelope" }]),
  } satisfies Record<string, (registry: OciRegistry, subject: Digest) => Digest>;
  const PLACES = Object.keys(PUT) as (keyof typeof PUT)[];

  /** A pair that has seen an image with something in one place only. */
  async function usualIn(place: keyof typeof PUT) {
    const pair = await openPair();
    const { registry, client, image, subject } = pair;
    PUT[place](registry, subject);
    const first = await client.attachments(image(subject), {}, PART, soon());
    expect([first.found.length, first.searched, first.isPartial]).toEqual([1, PLACES, undefined]);
    return { ...pair, next: registry.pushImage(REPO) };
  }

  it.each(PLACES)(
    "asks of the repository's next image what the %s holds, and says that this is a part",
    async (place) => {
      const { registry, client, image, next } = await usualIn(place);
      for (const each of PLACES) PUT[each](registry, next);
      const before = registry.requests.length;
      const { found, searched, isPartial } = await client.attachments(image(next), {}, PART, soon());
      expect([found.length, searched, isPartial]).toEqual([1, [place], true]);
      expect(registry.requests.slice(before).filter(({ path }) => path.includes("/blobs/"))).toHaveLength(1);
      expect(registry.requests.length - before).toBeLessThanOrEqual(3);
    },
  );

  it("takes two requests for a signature under cosign's tag", async () => {
    const { registry, client, image, next } = await usualIn(".sig tag");
    PUT[".sig tag"](registry, next);
    const before = registry.requests.length;
    await client.attachments(image(next), {}, PART, soon());
    expect(registry.requests.length - before).toBe(2);
  });

  it.each(
    PLACES.flatMap((usual) => PLACES.filter((each) => each !== usual).map((place) => ({ usual, place }))),
  )("finds what is in the $place although it used to be in the $usual", async ({ usual, place }) => {
    const { registry, client, image, next } = await usualIn(usual);
    PUT[place](registry, next);
    const { found, searched, isPartial } = await client.attachments(image(next), {}, PART, soon());
    expect([found.length, searched, isPartial]).toEqual([1, PLACES, undefined]);
  });

  it.each(PLACES)(
    "says that there is nothing only after all places, although the %s is usual",
    async (place) => {
      const { client, image, next } = await usualIn(place);
      const { found, searched, isPartial } = await client.attachments(image(next), {}, PART, soon());
      expect([found, searched, isPartial]).toEqual([[], PLACES, undefined]);
    },
  );

  it("reads the newest 64 of many referrers, and says that this is a part", async () => {
    const { registry, client, image, subject } = await openPair();
    for (let at = 0; at < 70; at += 1)
      registry.attachReferrer(REPO, subject, { ...bundle, bytes: `bundle ${at + 100}` });
    const some = await client.attachments(image(subject), {}, PART, soon());
    expect([some.found.length, some.isPartial, some.gaps]).toEqual([64, true, []]);
    expect(texts(some.found).map(([, text]) => text)).not.toContain("bundle 105");
    const all = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([all.found.length, all.isPartial, all.gaps]).toEqual([70, undefined, []]);
  });

  it("reads the newest 64 of many layers, and says that this is a part", async () => {
    const { registry, client, image, subject } = await openPair();
    const layers = Array.from({ length: 70 }, (_, at) => ({ mediaType: DSSE, bytes: `layer ${at + 100}` }));
    registry.attachTag(REPO, subject, ".att", layers);
    const some = await client.attachments(image(subject), {}, PART, soon());
    expect([some.found.length, some.isPartial, some.gaps]).toEqual([64, true, []]);
    expect(texts(some.found).map(([, text]) => text)).toContain("layer 169");
    expect((await client.attachments(image(subject), {}, EVERYTHING, soon())).found).toHaveLength(70);
  });

  it("still asks every place for whoever wants all", async () => {
    const { registry, client, image, next } = await usualIn(".sig tag");
    for (const each of PLACES) PUT[each](registry, next);
    const { found, searched, isPartial } = await client.attachments(image(next), {}, EVERYTHING, soon());
    expect([found.length, searched, isPartial]).toEqual([3, PLACES, undefined]);
  });

  it("knows nothing of another repository", async () => {
    const { registry, client, image } = await usualIn(".sig tag");
    const other = registry.pushImage("team/other");
    registry.attachTag("team/other", other, ".sig", [{ mediaType: SIGNING, bytes: "payload" }]);
    const asked = { ...image(other), repository: "team/other" };
    expect((await client.attachments(asked, {}, PART, soon())).searched).toEqual(PLACES);
  });

  it("says so where a place that is left to ask gives nothing", async () => {
    const { registry, client, image, next } = await usualIn(".sig tag");
    registry.fault("/referrers/", { kind: "status", status: 403 });
    const { found, gaps } = await client.attachments(image(next), {}, PART, soon());
    expect([found, gaps.map(({ code }) => code)]).toEqual([[], ["registry/forbidden"]]);
  });
});

describe("what is not known is a gap or a fault, never an empty answer", () => {
  const PLACES = [
    ["/referrers/", "the referrers API was not read"],
    [/\/manifests\/sha256-[0-9a-f]{64}$/, "the fallback tag was not read"],
    [/\.sig$/, "the .sig tag was not read"],
    [/\.att$/, "the .att tag was not read"],
    ["/blobs/", "an attachment was not read"],
    ["/manifests/sha256:", "an attachment was not read"],
  ] as const;
  const STATUSES = [
    [401, "registry/forbidden"],
    [403, "registry/forbidden"],
    [429, "registry/rate-limited"],
    [500, "registry/unavailable"],
    [503, "registry/unavailable"],
    [418, "registry/invalid"],
  ] as const;
  const CASES = PLACES.flatMap(([path, what]) =>
    STATUSES.map(([status, code]) => ({ path, what, status, code })),
  );

  it("an image under the fallback tag, as cosign copy leaves it: a gap that advises to sign again", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.pushImage(REPO, { tag: fallbackTag(subject) });
    const { gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(gaps).toMatchObject([{ code: "registry/invalid", advice: ADVICE.lostSignatures }]);
  });

  it.each(CASES)("$path answers $status: a gap $code", async ({ path, what, status, code }) => {
    const { registry, client, image, subject } = await openPair({ settings: { limits: { retries: 0 } } });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.attachTag(REPO, subject, ".sig", [{ mediaType: SIGNING, bytes: "" }]);
    registry.fault({ path }, { kind: "status", status });
    const { gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([...new Set(gaps.map((gap) => gap.code))]).toEqual([code]);
    expect(gaps[0]?.message).toContain(what);
    expect(gaps[0]?.message).toContain(`answered HTTP ${status}`);
  });

  it.each(STATUSES)("every place answers %i: the fault %s", async (status, code) => {
    const { registry, client, image, subject } = await openPair({ settings: { limits: { retries: 0 } } });
    registry.fault("/", { kind: "status", status });
    expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(code);
  });

  it.each([/\.sig$/, "/blobs/"])(
    "%s answers 501, which says something of the referrers API only",
    async (path) => {
      const { registry, client, image, subject } = await openPair();
      registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
      registry.fault(path, { kind: "status", status: 501 });
      const { gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
      expect(gaps.map(({ code }) => code)).toEqual(["registry/unavailable"]);
    },
  );

  it.each([400, 404, 405, 406, 501])(
    "but %i from the referrers API says that there is no such API",
    async (status) => {
      const { registry, client, image, subject } = await openPair();
      registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle", via: "tag" });
      registry.fault("/referrers/", { kind: "status", status });
      const { found, searched } = await client.attachments(image(subject), {}, EVERYTHING, soon());
      expect(texts(found)).toEqual([["bundle", "bundle"]]);
      expect(searched).not.toContain("referrers API");
    },
  );

  it.each(["<html>", "[]", '{"manifests":{}}', '{"schemaVersion":2,"manifests":[],"layers":[]}'])(
    "a list of referrers that reads %j is a gap registry/invalid",
    async (bytes) => {
      const { registry, client, image, subject } = await openPair();
      registry.fault("/referrers/", { kind: "bytes", bytes });
      const { gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
      expect(gaps).toMatchObject([{ code: "registry/invalid", message: /referrers API/ }]);
    },
  );
});
