import { describe, expect, it, onTestFinished } from "vitest";

import {
  startOciRegistry,
  type OciRegistry,
  type OciRegistryOptions,
} from "../../../test/support/oci-registry.ts";
import { type Digest, parseImageRef, type PinnedImage } from "../../core/index.ts";
import { createRegistryClient } from "../client.ts";
import { RegistrySettings } from "../settings.ts";
import { createRegistryWriter, type RegistryWriter } from "./writer.ts";

const TYPE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const NOBODY = {};

interface World {
  readonly registry: OciRegistry;
  readonly image: PinnedImage;
  readonly writer: () => RegistryWriter;
  /** Digests of the layers that the gate's own client finds. */
  readonly found: () => Promise<readonly Digest[]>;
}

async function world(options: OciRegistryOptions = {}, limits: object = {}): Promise<World> {
  const registry = await startOciRegistry(options);
  const settings = RegistrySettings.parse({
    hosts: { [registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } },
    limits,
  });
  const image = refOf(registry, registry.pushImage("acme/app"));
  const client = createRegistryClient(settings);
  onTestFinished(async () => {
    await client.close();
    await registry.close();
  });
  return {
    registry,
    image,
    writer() {
      const made = createRegistryWriter(settings);
      onTestFinished(made.close);
      return made;
    },
    async found() {
      const wanted = { wantsPredicate: () => true };
      const read = await client.attachments(image, NOBODY, wanted, AbortSignal.timeout(30_000));
      expect(read.gaps).toEqual([]);
      return read.found.map(({ digest }) => digest);
    },
  };
}

function refOf(registry: OciRegistry, digest: Digest): PinnedImage {
  const parsed = parseImageRef(`${registry.host}/acme/app@${digest}`);
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.ref as PinnedImage;
}

function artifact(text: string) {
  return { artifactType: TYPE, mediaType: TYPE, bytes: Buffer.from(text), annotations: { a: text } };
}

function attach(writer: RegistryWriter, image: PinnedImage, text: string, ms = 60_000) {
  return writer.attach(image, artifact(text), NOBODY, AbortSignal.timeout(ms));
}

function writesIn({ requests }: OciRegistry): number {
  return requests.filter(({ method }) => method === "PUT" || method === "POST").length;
}

describe("attaching to an image", () => {
  it.each<[string, OciRegistryOptions, string]>([
    ["with a referrers API", {}, "referrers API"],
    ["without one", { referrers: false }, "fallback tag"],
    [
      "that says OCI-Subject and has no referrers API",
      { referrers: false, ociSubject: true },
      "fallback tag",
    ],
    ["that has the API and does not say OCI-Subject", { ociSubject: false }, "referrers API"],
    ["whose lists have pages of one", { pageSize: 1 }, "referrers API"],
    ["that wants a token", { auth: { kind: "token", anonymous: true } }, "referrers API"],
  ])("in a registry %s is found by the gate's own client", async (_, options, place) => {
    const { image, writer, found } = await world(options);
    const one = writer();
    const first = await attach(one, image, "first");
    const second = await attach(one, image, "second");
    expect([first.listedBy, second.listedBy]).toEqual([place, place]);
    expect(first.digest).not.toBe(second.digest);
    expect(await found()).toHaveLength(2);
  });

  it.each([[true], [false]])(
    "twice is found once, and writes no list again (referrers API: %s)",
    async (referrers) => {
      const { registry, image, writer, found } = await world({ referrers });
      const { digest } = await attach(writer(), image, "same");
      registry.clearRequests();
      expect((await attach(writer(), image, "same")).digest).toBe(digest);
      expect(await found()).toHaveLength(1);
      expect(writesIn(registry)).toBe(1);
    },
  );

  it.each([[true], [false]])(
    "by four writers at once, none of whom knows the others, loses nothing (referrers API: %s)",
    async (referrers) => {
      const { image, writer, found } = await world({ referrers, slowWrites: 40 });
      const writers = Array.from({ length: 4 }, writer);
      const all = await Promise.all(
        writers.flatMap((each, at) => [0, 1, 2].map((n) => attach(each, image, `${at} ${n}`))),
      );
      expect(new Set(all.map(({ digest }) => digest)).size).toBe(12);
      expect(await found()).toHaveLength(12);
    },
    60_000,
  );

  it("keeps entries and fields of the fallback tag that it cannot read", async () => {
    const { registry, image, writer } = await world({ referrers: false });
    const tag = image.digest.replace(":", "-");
    const list = { schemaVersion: 2, manifests: ["odd"], annotations: { kept: "yes" } };
    registry.pushManifest("acme/app", list, { tag, mediaType: "application/vnd.oci.image.index.v1+json" });
    await attach(writer(), image, "new");
    const read = await fetch(`${registry.url}/v2/acme/app/manifests/${tag}`);
    expect(await read.json()).toMatchObject({
      manifests: ["odd", { artifactType: TYPE }],
      annotations: { kept: "yes" },
    });
  });

  it("never replaces a tag of that name that leads to something else", async () => {
    const { registry, image, writer } = await world({ referrers: false });
    registry.tag("acme/app", image.digest.replace(":", "-"), image.digest);
    await expect(attach(writer(), image, "new")).rejects.toMatchObject({ code: "registry/invalid" });
  });

  it("fails where the registry does not list what it has accepted", async () => {
    const { registry, image, writer } = await world();
    registry.fault(/referrers/, { kind: "bytes", bytes: '{"schemaVersion":2,"manifests":[]}' });
    await expect(attach(writer(), image, "new")).rejects.toMatchObject({ code: "registry/incomplete" });
  });

  it("fails where the registry does not have the image", async () => {
    const { registry, image, writer } = await world();
    const digest = `sha256:${"a".repeat(64)}` as Digest;
    await expect(attach(writer(), { ...refOf(registry, image.digest), digest }, "new")).rejects.toMatchObject(
      {
        code: "registry/incomplete",
      },
    );
  });

  it("puts a tag on an image, and refuses what can be none", async () => {
    const { registry, image, writer } = await world();
    const one = writer();
    await one.tag(image, "promotable-1", NOBODY, AbortSignal.timeout(5000));
    const read = await fetch(`${registry.url}/v2/acme/app/manifests/promotable-1`, { method: "HEAD" });
    expect(read.headers.get("docker-content-digest")).toBe(image.digest);
    await expect(one.tag(image, "../x", NOBODY, AbortSignal.timeout(5000))).rejects.toMatchObject({
      code: "registry/invalid",
    });
  });
});
