import { describe, expect, it } from "vitest";

import {
  BUNDLE,
  closeAfterEach,
  codeOf,
  EVERYTHING,
  openPair,
  REPO,
  SIGNING,
  soon,
  texts,
} from "../support/oci-client.ts";

const MIB = 1024 * 1024;
const DESCRIPTOR = "application/vnd.oci.image.manifest.v1+json";

closeAfterEach();

function hex(n: number): string {
  return `sha256:${n.toString(16).padStart(64, "0")}`;
}

describe("G43 floods from a registry", () => {
  it("10,000 signatures under one tag: 1,024 are read, and the good one elsewhere still counts", async () => {
    const { registry, client, image, subject } = await openPair();
    const payload = registry.pushBlob(REPO, "payload");
    const layers = Array.from({ length: 10_000 }, (_, n) => ({
      mediaType: SIGNING,
      digest: payload,
      size: 7,
      annotations: { "dev.cosignproject.cosign/signature": `junk ${n}` },
    }));
    const manifest = { schemaVersion: 2, config: { mediaType: "x/y" }, layers };
    registry.pushManifest(REPO, manifest, { tag: `${subject.replace(":", "-")}.sig` });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good" });
    const { found, rest, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    const all = [...found];
    for await (const batch of rest ?? []) all.push(...batch.found);
    expect(all).toHaveLength(1025);
    expect(texts(all)).toContainEqual(["bundle", "good"]);
    expect(gaps).toMatchObject([{ code: "limits/exceeded", count: 10_000 - 1024 }]);
    expect(registry.requests.length).toBeLessThan(10);
  });

  it("10,000 referrers: the requests stay bounded, and so does the report", async () => {
    const { registry, client, image, subject } = await openPair();
    const good = registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good", via: "tag" });
    const flood = Array.from({ length: 10_000 }, (_, n) => ({
      mediaType: DESCRIPTOR,
      digest: hex(n),
      size: 100,
      artifactType: "application/sarif+json",
    }));
    const list = { schemaVersion: 2, manifests: flood };
    registry.fault("/referrers/", { kind: "bytes", bytes: JSON.stringify(list) });
    const { found, skipped, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "good"]]);
    expect(gaps.map(({ code }) => code)).toContain("limits/exceeded");
    expect(registry.requests.some(({ path }) => path.endsWith(good))).toBe(true);
    expect(skipped.length).toBeLessThanOrEqual(64);
    expect(registry.requests.length).toBeLessThanOrEqual(4 + 1 + 1024 + 1); // a long list is asked for twice
  });

  it.each(["/referrers/", /\.sig$/, /sha256-[0-9a-f]{64}$/, "/manifests/sha256:", "/blobs/"])(
    "data without end at %s: reading stops at the limit",
    async (path) => {
      const { registry, client, image, subject } = await openPair();
      registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
      registry.fault(path, { kind: "endless" });
      const before = process.memoryUsage().rss;
      const { gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
      expect(gaps).toMatchObject([{ code: "limits/exceeded" }]);
      expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB);
    },
  );

  it("a compressed body is not unpacked", async () => {
    const { registry, client, image, subject } = await openPair({
      settings: { limits: { requestMilliseconds: 60_000 } },
    });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.fault("/blobs/", { kind: "gzip-bomb" });
    const before = process.memoryUsage().rss;
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([found, gaps.map(({ code }) => code)]).toEqual([[], ["registry/invalid"]]);
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB);
    expect(registry.requests.every(({ headers }) => headers["accept-encoding"] === "identity")).toBe(true);
  });

  it("a body that calls itself compressed is not read, even where its bytes are right", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.fault("/blobs/", { kind: "headers", headers: { "content-encoding": "gzip" } });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([found, gaps.map(({ code }) => code)]).toEqual([[], ["registry/invalid"]]);
  });

  it("a list that goes on page after page ends after 64", async () => {
    const { registry, client, image, subject } = await openPair();
    const link = `</v2/${REPO}/referrers/${subject}?again>; rel="next"`;
    registry.fault("/referrers/", { kind: "headers", headers: { link } });
    const { gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(gaps).toMatchObject([{ message: /first 64 \(registries\.limits\.referrerPages\)/ }]);
    expect(registry.requests.filter(({ path }) => path.includes("/referrers/"))).toHaveLength(64);
  });

  it("a registry that redirects in a circle is left after three", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.fault("/referrers/", { kind: "redirect", to: `/v2/${REPO}/referrers/${subject}` });
    const { gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(gaps).toMatchObject([{ code: "limits/exceeded", message: /redirects more than 3 times/ }]);
    expect(registry.requests.filter(({ path }) => path.includes("/referrers/"))).toHaveLength(4);
  });

  it.each([
    ["stall", "/"],
    ["stall-body", "/"],
    ["stall", "/referrers/"],
    ["stall-body", "/referrers/"],
  ] as const)("a registry that falls silent (%s at %s) ends with the deadline", async (kind, path) => {
    const { registry, client, image, subject } = await openPair();
    registry.fault(path, { kind });
    expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, soon(250)))).toBe(
      "deadline/exceeded",
    );
  });

  it("indexes within indexes and indexes without end are not walked", async () => {
    const { registry, client, image, subject } = await openPair();
    let index = subject;
    for (let depth = 0; depth < 20; depth += 1) index = registry.pushIndex(REPO, { manifests: [index] });
    expect(await codeOf(client.children(image(index), {}, soon()))).toBe("limits/exceeded");
    expect(registry.requests).toHaveLength(3);
  });
});

const MANY_VALUES = `{"schemaVersion":2,"manifests":[],"x":[${"[],".repeat(150_000)}0]}`;
const ESCAPED_KEYS = `{"schemaVersion":2,"manifests":[],"x":[${'{"\\n":1},'.repeat(20_000)}0]}`;
const DEEP = `{"schemaVersion":2,"manifests":[],"x":${"[".repeat(50_000)}${"]".repeat(50_000)}}`;

describe("G43 lists and manifests that cost more than their bytes are not read", () => {
  it.each([
    ["more than 200000 values", MANY_VALUES],
    ["more than 1000 keys written with escapes", ESCAPED_KEYS],
    ["nested deeper than 100", DEEP],
  ])("%s: the tag is a fault that says so", async (message, text) => {
    const { registry, client } = await openPair();
    registry.fault("/manifests/v1", { kind: "bytes", bytes: text });
    const work = client.resolve({ registry: registry.host, repository: REPO, tag: "v1" }, {}, soon());
    await expect(work).rejects.toMatchObject({
      code: "limits/exceeded",
      message: `a manifest or list is not read: it has ${message}`,
    });
  });

  it.each([
    ["values", MANY_VALUES],
    ["escaped keys", ESCAPED_KEYS],
    ["brackets", DEEP],
  ])("of the referrers, for their %s: a gap, and what stands elsewhere is read", async (_, text) => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good", via: "tag" });
    registry.fault("/referrers/", { kind: "bytes", bytes: text });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "good"]]);
    expect(gaps).toMatchObject([{ code: "limits/exceeded" }]);
  });

  it("one referrer of another's with 3.9 MiB of escaped keys: a gap, and the good one is read", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good" });
    const annotations = Object.fromEntries(
      Array.from({ length: 100_000 }, (_, at) => [`\n${at}`, "v".repeat(25)]),
    );
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "odd", annotations });
    const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(texts(found)).toEqual([["bundle", "good"]]);
    expect(gaps).toMatchObject([{ code: "limits/exceeded" }]);
  });
});
