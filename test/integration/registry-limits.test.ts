import { describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
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

const KIB = 1024;
/** Only what stalls takes so long, on a busy machine, too. */
const SHORT = { requestMilliseconds: 2000, retries: 0 };

closeAfterEach();

describe("attachments past a limit leave a gap and hide nothing", () => {
  it("one layer of two exceeds the limit: the other is found, and a gap names the limit", async () => {
    const { registry, client, image, subject } = await openPair({
      settings: { limits: { blobBytes: 10 * KIB } },
    });
    const big = "x".repeat(10 * KIB + 1);
    registry.attachTag(REPO, subject, ".sig", [{ mediaType: SIGNING, bytes: big }]);
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "small" });
    const { found, skipped, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "small"]]);
    expect(skipped).toMatchObject([{ form: "cosign-sig", reason: "too-large" }]);
    expect(gaps).toMatchObject([
      { code: "limits/exceeded", message: /10240 bytes \(registries\.limits\.blobBytes\)/ },
    ]);
    expect(registry.requests.filter(({ path }) => path.includes("/blobs/"))).toHaveLength(1);
  });

  it("one that is larger than its descriptor says", async () => {
    const { registry, client, image, subject } = await openPair();
    const digest = registry.pushBlob(REPO, "longer than said");
    registry.pushManifest(
      REPO,
      {
        schemaVersion: 2,
        config: { mediaType: "x/y" },
        layers: [{ mediaType: SIGNING, digest, size: 3 }],
      },
      { tag: `${subject.replace(":", "-")}.sig` },
    );
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good" });
    const { found, skipped, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "good"]]);
    expect(skipped).toMatchObject([{ digest, reason: "unavailable" }]);
    expect(gaps).toMatchObject([
      { code: "registry/invalid", message: "an attachment is larger than its descriptor says" },
    ]);
  });

  it.each([
    ["smaller", 1],
    ["larger than any may be", 10 ** 10],
  ])("not one that another manifest, listed first, says is %s", async (_, size) => {
    const { registry, client, image, subject } = await openPair();
    const bytes = "x".repeat(9000);
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes });
    const layers = [{ mediaType: BUNDLE, digest: digestOf(bytes), size }];
    const manifest = { schemaVersion: 2, config: { mediaType: "x/y" }, layers };
    registry.pushManifest(REPO, manifest, { tag: `${subject.replace(":", "-")}.sig` });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([texts(found), gaps]).toEqual([[["bundle", bytes]], []]);
  });

  it("the oldest, once the sum is spent: nothing small takes the place of what is newer", async () => {
    const { registry, client, image, subject } = await openPair({
      settings: { limits: { totalBytes: 1024 * KIB } },
    });
    for (const length of [500 * KIB, 1, 600 * KIB])
      registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "x".repeat(length) });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(found.map(({ bytes }) => bytes.length)).toEqual([1, 600 * KIB]);
    expect(gaps).toMatchObject([
      { message: /1048576 bytes in all \(registries\.limits\.totalBytes\)/, count: 1 },
    ]);
  });

  it("referrers past the count: those that say they are Sigstore's are read first", async () => {
    const { registry, client, image, subject } = await openPair({ settings: { limits: { referrers: 3 } } });
    for (let n = 0; n < 20; n += 1)
      registry.attachReferrer(REPO, subject, { mediaType: "application/sarif+json", bytes: `scan ${n}` });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "late but ours" });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "late but ours"]]);
    expect(gaps).toMatchObject([{ message: /newest 3 \(registries\.limits\.referrers\)/, count: 18 }]);
  });

  it("three layers where two may be read: the newest two, and a gap that names the limit", async () => {
    const { registry, client, image, subject } = await openPair({ settings: { limits: { layers: 2 } } });
    const layers = ["1", "2", "3"].map((bytes) => ({ mediaType: DSSE, bytes }));
    registry.attachTag(REPO, subject, ".att", layers);
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found).map(([, text]) => text)).toEqual(["3", "2"]);
    expect(gaps).toMatchObject([{ message: /newest 2 \(registries\.limits\.layers\)/, count: 1 }]);
  });

  it("three pages where two may be read: those two, and a gap that names the limit", async () => {
    const { registry, client, image, subject } = await openPair({
      registry: { pageSize: 1 },
      settings: { limits: { referrerPages: 2 } },
    });
    for (const bytes of ["1", "2", "3"]) registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(found).toHaveLength(2);
    expect(gaps).toMatchObject([{ message: /first 2 \(registries\.limits\.referrerPages\)/ }]);
  });

  it("entries past 4,096 of one list: the last, where clients append, are read", async () => {
    const { registry, client, image, subject } = await openPair();
    const good = registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good", via: "tag" });
    const mediaType = "application/vnd.oci.image.manifest.v1+json";
    const junk = Array.from({ length: 4200 }, (_, at) => {
      const digest = `sha256:${at.toString(16).padStart(64, "0")}`;
      return { mediaType, size: 100, digest, artifactType: "application/sarif+json" };
    });
    const manifests = [...junk, { mediaType, size: 100_000, digest: good, artifactType: BUNDLE }];
    registry.pushManifest(REPO, { schemaVersion: 2, manifests }, { tag: subject.replace(":", "-") });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "good"]]);
    expect(gaps).toContainEqual({
      code: "limits/exceeded",
      message: "entries of a list before the last 4096",
      count: 105,
    });
  });

  it("lists past the bytes of all lists together", async () => {
    const { registry, client, image, subject } = await openPair({
      registry: { pageSize: 1 },
      settings: { limits: { listBytes: 1024 * KIB } },
    });
    for (const bytes of ["1", "2", "3"]) {
      const long = { note: "x".repeat(400 * KIB) };
      registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes, manifestAnnotations: long });
    }
    const { gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(gaps[0]).toMatchObject({ message: /1048576 bytes.*\(registries\.limits\.listBytes\)/ });
  });

  it("attachments past the count of all, the newest of each place first", async () => {
    const { registry, client, image, subject } = await openPair({ settings: { limits: { attachments: 2 } } });
    registry.attachTag(
      REPO,
      subject,
      ".sig",
      ["1", "2"].map((bytes) => ({ mediaType: SIGNING, bytes })),
    );
    registry.attachTag(
      REPO,
      subject,
      ".att",
      ["3", "4"].map((bytes) => ({ mediaType: DSSE, bytes })),
    );
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found).map(([, text]) => text)).toEqual(["2", "4"]);
    expect(gaps).toMatchObject([{ message: /newest 2 \(registries\.limits\.attachments\)/, count: 2 }]);
  });

  it.each(["/referrers/", /\/manifests\/sha256-[0-9a-f]{64}$/, /\.sig$/, /\.att$/])(
    "a list without end at %s, while another place holds a good one",
    async (path) => {
      const { registry, client, image, subject } = await openPair();
      registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good", via: "both" });
      registry.fault({ path }, { kind: "endless" });
      const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
      expect(texts(found)).toEqual([["bundle", "good"]]);
      expect(gaps).toMatchObject([{ code: "limits/exceeded", message: /registries\.limits\.manifestBytes/ }]);
    },
  );
});

describe("a hostile registry ends in a gap or a fault within its time", () => {
  it.each([
    ["stall", "registry/unavailable", SHORT],
    ["stall-body", "registry/unavailable", SHORT],
    ["truncated", "registry/unavailable", {}],
    ["hang-up", "registry/unavailable", {}],
    ["gzip-bomb", "registry/invalid", {}],
  ] as const)("%s: %s", async (kind, code, limits) => {
    const { registry, client, image, subject } = await openPair({ settings: { limits } });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.fault("/blobs/", { kind });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([found, gaps.map((gap) => gap.code)]).toEqual([[], [code]]);
  });

  it("a deadline that has passed already: deadline/exceeded, and no request", async () => {
    const { registry, client, image, subject } = await openPair();
    const late = AbortSignal.abort();
    expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, late))).toBe("deadline/exceeded");
    expect(registry.requests).toEqual([]);
  });

  it("a request that waits for a connection of ours has its whole time once it is sent", async () => {
    const limits = { connectionsPerHost: 1, requestMilliseconds: 1500, retries: 0 };
    const { registry, client, image, subject } = await openPair({ settings: { limits } });
    registry.fault("/manifests/", { kind: "delay", milliseconds: 200 });
    const asked = Array.from({ length: 10 }, () => client.children(image(subject), {}, soon()));
    expect(await Promise.all(asked)).toEqual(asked.map(() => undefined));
    expect(registry.requests).toHaveLength(10);
  });

  it("headers of 40 KiB: limits/exceeded", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.fault("/referrers/", { kind: "headers", headers: { link: "x".repeat(40 * KIB) } });
    const { gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(gaps).toMatchObject([{ code: "limits/exceeded", message: /referrers API.*headers/ }]);
  });

  it("HTTP 500 with a body of 8 MiB: registry/unavailable", async () => {
    const { registry, client, image, subject } = await openPair({ settings: { limits: SHORT } });
    registry.fault("/referrers/", { kind: "status", status: 500, body: "x".repeat(8 * 1024 * KIB) });
    const { gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(gaps.map(({ code }) => code)).toEqual(["registry/unavailable"]);
  });

  it("the end of the caller's time ends all requests of the collection", async () => {
    const { registry, client, image, subject } = await openPair({ registry: { pageSize: 1 } });
    for (const bytes of ["1", "2", "3"]) registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes });
    registry.fault("/referrers/", { kind: "delay", milliseconds: 150 });
    const pages = (): number => registry.requests.filter(({ path }) => path.includes("/referrers/")).length;
    const caller = new AbortController();
    const code = codeOf(client.attachments(image(subject), {}, EVERYTHING, caller.signal));
    await expect.poll(pages, { interval: 5 }).toBe(1);
    caller.abort(new DOMException("the caller's time is over", "TimeoutError"));
    expect(await code).toBe("deadline/exceeded");
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(pages()).toBe(1);
  });
});

describe("round trips", () => {
  it("are three for an image with a bundle, without asking /v2/ first", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.fault("/", { kind: "delay", milliseconds: 120 });
    await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(registry.requests.map(({ round }) => round)).toEqual([1, 1, 1, 1, 2, 3]);
    expect(registry.requests.every(({ path }) => path.startsWith(`/v2/${REPO}/`))).toBe(true);
  });

  it("are five where a token is needed that nobody has yet, and four for the next repository", async () => {
    const { registry, client, image, subject } = await openPair({
      registry: { auth: { kind: "token", anonymous: true } },
    });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.fault("/", { kind: "delay", milliseconds: 120 });
    await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(Math.max(...registry.requests.map(({ round }) => round))).toBe(5);
    expect(registry.requests.filter(({ path }) => path.startsWith("/token"))).toHaveLength(1);

    registry.clearRequests();
    const other = registry.pushImage("other/app");
    registry.attachReferrer("other/app", other, { mediaType: BUNDLE, bytes: "bundle" });
    await client.attachments({ ...image(other), repository: "other/app" }, {}, EVERYTHING, soon());
    expect(Math.max(...registry.requests.map(({ round }) => round))).toBe(4);
    expect(registry.requests).toHaveLength(7);
  });

  it("run on at most 32 connections to one host", async () => {
    const { registry, client, image, subject } = await openPair();
    for (let n = 0; n < 40; n += 1)
      registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: `bundle ${n}` });
    registry.fault("/", { kind: "delay", milliseconds: 10 });
    const { found } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(found).toHaveLength(40);
    const ports = new Set(registry.requests.map(({ clientPort }) => clientPort));
    expect(ports.size).toBeLessThanOrEqual(32);
  });
});
