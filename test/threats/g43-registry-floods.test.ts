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
  it("10,000 signatures under one tag: 64 are read, and the good one elsewhere still counts", async () => {
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
    const { found, passedOver } = await client.attachments(image(subject), {}, EVERYTHING, soon(5000));
    expect(found).toHaveLength(65);
    expect(texts(found)).toContainEqual(["bundle", "good"]);
    expect(passedOver).toMatchObject([{ form: "cosign-sig", reason: "too-large" }]);
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
    const { found, passedOver } = await client.attachments(image(subject), {}, EVERYTHING, soon(5000));
    expect(texts(found)).toEqual([["bundle", "good"]]);
    expect(registry.requests.some(({ path }) => path.endsWith(good))).toBe(true);
    expect(passedOver.length).toBeLessThanOrEqual(64);
    expect(registry.requests.length).toBeLessThanOrEqual(4 + 64 + 1);
  });

  it.each(["/referrers/", /\.sig$/, /sha256-[0-9a-f]{64}$/, "/manifests/sha256:", "/blobs/"])(
    "data without end at %s: reading stops at the limit",
    async (path) => {
      const { registry, client, image, subject } = await openPair();
      registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
      registry.fault(path, { kind: "endless" });
      const before = process.memoryUsage().rss;
      const { passedOver } = await client.attachments(image(subject), {}, EVERYTHING, soon(5000));
      expect(passedOver).toMatchObject([{ reason: "too-large" }]);
      expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB);
    },
  );

  it("a compressed body is not unpacked", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.fault("/blobs/", { kind: "gzip-bomb" });
    const before = process.memoryUsage().rss;
    expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, soon(5000)))).toBe(
      "registry/invalid",
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * MIB);
    expect(registry.requests.every(({ headers }) => headers["accept-encoding"] === "identity")).toBe(true);
  });

  it("a body that calls itself compressed is not read, even where its bytes are right", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.fault("/blobs/", { kind: "headers", headers: { "content-encoding": "gzip" } });
    expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, soon(5000)))).toBe(
      "registry/invalid",
    );
  });

  it("a list that goes on page after page ends after eight", async () => {
    const { registry, client, image, subject } = await openPair();
    const link = `</v2/${REPO}/referrers/${subject}?again>; rel="next"`;
    registry.fault("/referrers/", { kind: "headers", headers: { link } });
    const { passedOver } = await client.attachments(image(subject), {}, EVERYTHING, soon(5000));
    expect(passedOver).toMatchObject([{ digest: subject, reason: "too-large" }]);
    expect(registry.requests.filter(({ path }) => path.includes("/referrers/"))).toHaveLength(8);
  });

  it("a registry that redirects in a circle is left after three", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.fault("/referrers/", { kind: "redirect", to: `/v2/${REPO}/referrers/${subject}` });
    expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, soon(5000)))).toBe(
      "limits/exceeded",
    );
    expect(registry.requests.filter(({ path }) => path.includes("/referrers/"))).toHaveLength(4);
  });

  it.each(["stall", "stall-body"] as const)(
    "a registry that falls silent (%s) ends with the deadline",
    async (kind) => {
      const { registry, client, image, subject } = await openPair();
      registry.fault("/", { kind });
      expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, soon(250)))).toBe(
        "deadline/exceeded",
      );
    },
  );

  it("indexes within indexes and indexes without end are not walked", async () => {
    const { registry, client, image, subject } = await openPair();
    let index = subject;
    for (let depth = 0; depth < 20; depth += 1) index = registry.pushIndex(REPO, { manifests: [index] });
    expect(await codeOf(client.children(image(index), {}, soon(5000)))).toBe("limits/exceeded");
    expect(registry.requests).toHaveLength(3);
  });
});
