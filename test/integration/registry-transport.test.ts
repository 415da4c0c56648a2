import { rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it, onTestFinished } from "vitest";

import type { OwnWork, PinnedImage, RegistryWork } from "../../src/core/index.ts";
import type { RegistryClient, RegistryDeps } from "../../src/registry/index.ts";
import {
  BUNDLE,
  closeAfterEach,
  unreadCodeOf,
  EVERYTHING,
  LOCAL,
  openClient,
  openPair,
  openRegistry,
  REPO,
  soon,
  texts,
} from "../support/oci-client.ts";
import type { OciRegistry } from "../support/oci-registry.ts";

closeAfterEach();

async function bundles(client: RegistryClient, image: PinnedImage): Promise<string[]> {
  const { found } = await client.attachments(image, {}, EVERYTHING, soon());
  return texts(found).map(([, text]) => text);
}

describe("answers", () => {
  it("are counted, by host and status, as they come", async () => {
    const seen: string[] = [];
    const onAnswer = (registry: string, status: string): void => void seen.push(`${registry} ${status}`);
    const { client, registry } = await openPair({ deps: { onAnswer } });
    const ref = { registry: registry.host, repository: REPO };
    await client.resolve({ ...ref, tag: "v1" }, {}, soon());
    await client.resolve({ ...ref, tag: "none" }, {}, soon());
    expect(seen).toEqual([`${registry.host} 200`, `${registry.host} 404`]);
  });
});

describe("redirects", () => {
  it("lead to blobs in another place", async () => {
    const storage = await openRegistry();
    const { registry, client, image, subject } = await openPair({
      settings: { hosts: { [storage.host]: LOCAL } },
    });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    const digest = storage.pushBlob(REPO, "bundle");
    registry.fault("/blobs/", { kind: "redirect", to: `${storage.url}/v2/${REPO}/blobs/${digest}` });
    expect(await bundles(client, image(subject))).toEqual(["bundle"]);
  });

  it.each([
    ["too many", "/again", "limits/exceeded"],
    ["to a file", "file:///etc/passwd", "registry/forbidden"],
    ["with a password", "http://user:password@127.0.0.1:1/", "registry/invalid"],
  ])("%s are a fault", async (_name, to, code) => {
    const { registry, client, image, subject } = await openPair();
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.fault(/blobs|again/, { kind: "redirect", to });
    const work = client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(await unreadCodeOf(work)).toBe(code);
    expect(registry.requests.length).toBeLessThan(12);
  });

  it("to nothing are a fault", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.fault("/referrers/", { kind: "status", status: 302 });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/invalid",
    );
  });

  it("never from https to http", async () => {
    const plain = await openRegistry();
    const { registry, client, image } = await openTls({ [plain.host]: LOCAL });
    const subject = registry.pushImage(REPO);
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.fault("/blobs/", { kind: "redirect", to: `${plain.url}/blob` });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/forbidden",
    );
    expect(plain.requests).toEqual([]);
  });
});

describe("TLS", () => {
  it("trusts the authority in the registry's CA file", async () => {
    const { registry, client, image } = await openTls({});
    const subject = registry.pushImage(REPO);
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    expect(await bundles(client, image(subject))).toEqual(["bundle"]);
  });

  it("does not trust it for another registry, nor any certificate of unknown origin", async () => {
    const { registry, client, image } = await openTls({}, { caFile: undefined });
    const work = client.attachments(image(registry.pushImage(REPO)), {}, EVERYTHING, soon());
    await expect(work).rejects.toMatchObject({
      code: "registry/unavailable",
      message: expect.stringMatching(/UNABLE_TO_VERIFY|SELF_SIGNED/),
    });
    expect(registry.requests).toEqual([]);
  });

  it("is not spoken to a registry that the settings call plain, nor plain HTTP to any other", async () => {
    const { registry, client, image, subject } = await openPair({ host: { plainHttpUnsafe: false } });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/unavailable",
    );
    expect(registry.requests).toEqual([]);
  });

  it("stops the start where the CA file cannot be read", () => {
    expect(() => openClient({ hosts: { "a.example": { caFile: "/nonexistent/ca.pem" } } })).toThrow(/ENOENT/);
  });
});

describe("a second try", () => {
  it.each([429, 502, 503, 504])("follows %i, as Retry-After says", async (status) => {
    const { registry, client, image, subject } = await openPair();
    registry.fault(
      { path: "/referrers/", times: 1 },
      { kind: "status", status, headers: { "retry-after": "0" } },
    );
    expect(await bundles(client, image(subject))).toEqual([]);
    expect(registry.requests.filter(({ path }) => path.includes("/referrers/"))).toHaveLength(2);
  });

  it("follows a date in Retry-After, and a connection that was lost", async () => {
    const { registry, client, image, subject } = await openPair();
    const headers = { "retry-after": new Date(Date.now() - 1000).toUTCString() };
    registry.fault({ path: "/referrers/", times: 1 }, { kind: "status", status: 503, headers });
    registry.fault({ path: "/referrers/", times: 1 }, { kind: "hang-up" });
    expect(await bundles(client, image(subject))).toEqual([]);
    expect(registry.requests.filter(({ path }) => path.includes("/referrers/"))).toHaveLength(3);
  });

  it("does not follow where the registry asks for more patience than there is", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.fault("/referrers/", { kind: "status", status: 429, headers: { "retry-after": "3600" } });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/rate-limited",
    );
    expect(registry.requests.filter(({ path }) => path.includes("/referrers/"))).toHaveLength(1);
  });

  it("is bounded, and ends with the caller's time", async () => {
    const { registry, client, image, subject } = await openPair();
    registry.fault("/referrers/", { kind: "status", status: 503, headers: { "retry-after": "0" } });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/unavailable",
    );
    expect(registry.requests.filter(({ path }) => path.includes("/referrers/"))).toHaveLength(3);
    registry.clearFaults();
    registry.fault("/referrers/", { kind: "status", status: 503, headers: { "retry-after": "1" } });
    const work = client.attachments(image(subject), {}, EVERYTHING, soon(200));
    expect(await unreadCodeOf(work)).toBe("deadline/exceeded");
  });

  it.each(["registry", "mirror"])(
    "is not needed while the %s is down: that is registry/unavailable",
    async () => {
      const { registry, client, image, subject } = await openPair();
      registry.goDown();
      expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
        "registry/unavailable",
      );
    },
  );
});

describe("a place that stands in for a registry", () => {
  it("is asked for everything, with its own path, settings and credentials", async () => {
    const auth = { kind: "basic", users: { robot: "secret" } } as const;
    const inside = await openRegistry({ auth });
    const subject = inside.pushImage(`copy/${REPO}`, { tag: "v1" });
    inside.attachReferrer(`copy/${REPO}`, subject, { mediaType: BUNDLE, bytes: "bundle" });
    const asked: string[] = [];
    const client = openClient(
      { hosts: { "localhost:5001": { replacedBy: `${inside.host}/copy` }, [inside.host]: LOCAL } },
      {
        async credentials(registry) {
          asked.push(registry);
          return [{ kind: "password", registry, username: "robot", password: "secret" }];
        },
      },
    );
    const image = { registry: "localhost:5001", repository: REPO };
    expect(await client.resolve({ ...image, tag: "v1" }, {}, soon())).toBe(subject);
    expect(await bundles(client, { ...image, digest: subject })).toEqual(["bundle"]);
    expect(new Set(asked)).toEqual(new Set([inside.host]));
  });
});

describe("mirrors", () => {
  it("are asked for content by digest, and never for tags and lists", async () => {
    const { upstream, mirror, client, image } = await openMirrored();
    expect(await bundles(client, image)).toEqual(["bundle"]);
    expect([count(mirror, "/blobs/"), count(upstream, "/blobs/")]).toEqual([1, 0]);
    expect([count(mirror, "referrers"), count(mirror, "manifests/sha256-")]).toEqual([0, 0]);
  });

  it.each([
    ["has nothing", { kind: "status", status: 404 }],
    ["fails", { kind: "status", status: 500 }],
    ["lies", { kind: "bytes", bytes: "lies" }],
    ["hangs up", { kind: "hang-up" }],
    ["wants credentials", { kind: "status", status: 401 }],
    ["sends without end", { kind: "endless" }],
  ] as const)("that %s leave it to the registry", async (_name, fault) => {
    const { upstream, mirror, client, image } = await openMirrored();
    mirror.fault("/", fault);
    expect(await bundles(client, image)).toEqual(["bundle"]);
    expect(count(upstream, "/blobs/")).toBe(1);
  });

  it("rest after a failure", async () => {
    const { mirror, client, image } = await openMirrored();
    mirror.fault("/", { kind: "status", status: 500 });
    await bundles(client, image);
    const before = mirror.requests.length;
    await bundles(client, image);
    expect(mirror.requests).toHaveLength(before);
  });

  it("that failed for one namespace are asked for another", async () => {
    const { mirror, client, image } = await openMirrored();
    mirror.fault({ path: "/", times: 1 }, { kind: "status", status: 500 });
    await client.attachments(image, { namespace: "flood" }, EVERYTHING, soon());
    await client.attachments(image, { namespace: "shop" }, EVERYTHING, soon());
    const before = mirror.requests.length;
    await client.attachments(image, { namespace: "flood" }, EVERYTHING, soon());
    expect([count(mirror, "/blobs/") > 0, mirror.requests.length]).toEqual([true, before]);
  });

  it("that refuse to show one image are asked for the next", async () => {
    const { mirror, client, image } = await openMirrored();
    mirror.fault({ path: "/", times: 1 }, { kind: "status", status: 403 });
    await bundles(client, image);
    const before = count(mirror, "/manifests/");
    await bundles(client, image);
    expect(count(mirror, "/manifests/")).toBeGreaterThan(before);
  });
});

async function openTls(
  hosts: object,
  own: object = {},
): Promise<{
  registry: OciRegistry;
  client: RegistryClient;
  image: (digest: PinnedImage["digest"]) => PinnedImage;
}> {
  const registry = await openRegistry({ tls: true });
  const caFile = join(tmpdir(), `mc-gate-ca-${process.pid}.pem`);
  await writeFile(caFile, registry.ca ?? "");
  onTestFinished(() => rm(caFile));
  const client = openClient({
    hosts: { [registry.host]: { allowLoopbackUnsafe: true, caFile, ...own }, ...hosts },
  });
  return { registry, client, image: (digest) => ({ registry: registry.host, repository: REPO, digest }) };
}

async function openMirrored(): Promise<{
  upstream: OciRegistry;
  mirror: OciRegistry;
  client: RegistryClient;
  image: PinnedImage;
}> {
  const mirror = await openRegistry();
  const {
    registry: upstream,
    client,
    image,
    subject,
  } = await openPair({
    host: { mirrors: [`${mirror.host}/cache`] },
    settings: { hosts: { [mirror.host]: LOCAL } },
  });
  upstream.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
  const held = mirror.pushImage(`cache/${REPO}`);
  mirror.attachReferrer(`cache/${REPO}`, held, { mediaType: BUNDLE, bytes: "bundle" });
  return { upstream, mirror, client, image: image(subject) };
}

function count(registry: OciRegistry, part: string): number {
  return registry.requests.filter(({ path }) => path.includes(part)).length;
}

it("every request, those for tokens as well, is told of as the registry's work", async () => {
  const { registry, client, image, subject } = await openPair({
    registry: { auth: { kind: "token", anonymous: true } },
  });
  let asked = 0;
  const registryWork: RegistryWork = (request) => {
    asked += 1;
    return request();
  };
  await client.attachments(image(subject), {}, { ...EVERYTHING, registryWork }, soon());
  expect(registry.requests.some(({ path }) => path.startsWith("/token"))).toBe(true);
  expect(asked).toBe(registry.requests.length);
});

it("a look-up that is alone waits for no connection, however much is attached", async () => {
  const settings = { limits: { connectionsPerHost: 16 } };
  const { registry, client, image, subject } = await openPair({ settings });
  for (let nth = 0; nth < 40; nth += 1)
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: `bundle ${nth}` });
  const waits: string[] = [];
  const ownWork: OwnWork = async (what, work) => {
    waits.push(what);
    return await work();
  };
  const { found } = await client.attachments(image(subject), {}, { ...EVERYTHING, ownWork }, soon());
  expect(found).toHaveLength(40);
  expect(waits.filter((what) => what.includes("connections"))).toEqual([]);
});

it("requests of one namespace do not wait for all requests of another at the same registry", async () => {
  const { registry, client, image, subject } = await openPair({
    settings: { limits: { connectionsPerHost: 2 } },
  });
  const images = Array.from({ length: 20 }, () => registry.pushImage(REPO));
  const access = { namespace: "flood" };
  const flood = images.map((digest) => client.attachments(image(digest), access, EVERYTHING, soon()));
  const shop = client.attachments(image(subject), { namespace: "shop" }, EVERYTHING, soon());
  await Promise.all([...flood, shop]);
  const hex = subject.split(":")[1]!;
  const first = registry.requests.findIndex(({ path }) => path.includes(hex));
  expect(registry.requests.length).toBeGreaterThan(80);
  expect(first).toBeGreaterThanOrEqual(0);
  expect(first).toBeLessThan(10);
});

it("a name is looked up once at a time, however many connections to it are opened", async () => {
  const asked: string[] = [];
  const answers: (() => void)[] = [];
  const lookup = ((name: string, _options: object, then: (...found: unknown[]) => void) => {
    asked.push(name);
    answers.push(() => then(null, [{ address: "127.0.0.1", family: 4 }]));
  }) as NonNullable<RegistryDeps["lookup"]>;
  const { registry, subject } = await openPair();
  const host = `registry.test:${registry.host.split(":")[1]}`;
  const client = openClient({ hosts: { [host]: LOCAL } }, { lookup });
  const image = { registry: host, repository: REPO, digest: subject };
  const found = client.attachments(image, {}, EVERYTHING, soon());
  await expect.poll(() => asked).toEqual(["registry.test"]);
  const times = setInterval(() => answers.splice(0).forEach((answer) => answer()), 10);
  onTestFinished(() => clearInterval(times));
  expect((await found).gaps).toEqual([]);
  expect(asked.length).toBeLessThan(4);
});

describe("requests of one namespace that hang at a registry that others use", () => {
  const settings = { limits: { connectionsPerHost: 8, requestMilliseconds: 60_000 } };

  it.each([
    ["for what is attached", "/flood/", undefined],
    ["for tokens", /^\/token.*flood/, { kind: "token", anonymous: true } as const],
  ])("%s leave connections to another namespace", async (_, path, auth) => {
    const { registry, client, image, subject } = await openPair({
      settings,
      ...(auth && { registry: { auth } }),
    });
    registry.fault(path, { kind: "stall" });
    const over = new AbortController();
    onTestFinished(() => over.abort());
    const flood = Array.from({ length: 20 }, (_nothing, nth) => {
      const hung = { ...image(subject), repository: `flood/app${nth}` };
      return client.attachments(hung, { namespace: "flood" }, EVERYTHING, over.signal);
    });
    const ended = flood.map((each) => each.then(String, String));
    const shop = client.attachments(image(subject), { namespace: "shop" }, EVERYTHING, over.signal);
    const first = await Promise.race([shop.then(({ gaps }) => gaps), ...ended]);
    expect(first).toEqual([]);
  });
});
