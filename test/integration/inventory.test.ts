import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Digest, digestOf } from "../../src/core/index.ts";
import { useKubeFixture } from "../support/kube-fixture.ts";
import { type OciRegistry, type OciRegistryOptions, startOciRegistry } from "../support/oci-registry.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";

const DEPLOYMENTS = "/apis/apps/v1/deployments";
const PODS = "/api/v1/pods";

interface Line {
  readonly kind: string;
  readonly repository: string;
  readonly digest: Digest;
  readonly [field: string]: unknown;
}

const fixture = useKubeFixture();
let registry: OciRegistry;
let folder: McFolder;

async function open(options: OciRegistryOptions = {}): Promise<void> {
  registry = await startOciRegistry(options);
  folder = mcFolder(registry);
}

beforeEach(() => open());
afterEach(async () => {
  folder.remove();
  await registry.close();
});

async function inventory(...args: readonly string[]) {
  const outcome = await folder.mc(["inventory", "--registries", "registries.yaml", ...args]);
  const lines = outcome.stdout
    .trimEnd()
    .split("\n")
    .filter((text) => text !== "")
    .map((text) => JSON.parse(text) as Line);
  const of = (kind: string): Line[] => lines.filter((line) => line.kind === kind);
  return { ...outcome, images: of("image"), unseen: of("unseen"), end: of("end")[0] };
}

function digests(lines: readonly Line[]): Digest[] {
  return lines.map(({ digest }) => digest);
}

function putPod(name: string, container: object, status: object, volumes: readonly object[] = []): void {
  fixture().server.store.put("/api/v1/namespaces/shop/pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "shop" },
    spec: { containers: [{ name: "web", ...container }], volumes },
    status: { phase: "Running", containerStatuses: [{ name: "web", ...status }] },
  });
}

describe("mc inventory --catalog", { timeout: 60_000 }, () => {
  it.each<[string, OciRegistryOptions]>([
    ["in one page", {}],
    ["in pages of one", { pageSize: 1 }],
    ["for a token", { auth: { kind: "token", anonymous: true } }],
  ])("lists each tagged image once, %s", async (_, options) => {
    await registry.close();
    folder.remove();
    await open(options);
    const one = registry.pushImage("team/app", { tag: "v1" });
    registry.tag("team/app", "latest", one);
    const child = registry.pushImage("team/multi");
    const index = registry.pushIndex("team/multi", { tag: "v2", manifests: [child] });
    registry.pushImage("other/app", { tag: "v1" });
    const { code, images, unseen, end } = await inventory("--catalog", `${registry.host}/team`);
    expect(images).toMatchObject([
      { repository: `${registry.host}/team/app`, digest: one, children: [], clock: "none" },
      { repository: `${registry.host}/team/multi`, digest: index, children: [child], tags: ["v2"] },
    ]);
    expect((images[0]!["tags"] as string[]).toSorted()).toEqual(["latest", "v1"]);
    expect(images[0]).not.toHaveProperty("running");
    expect(unseen.map(({ why }) => why)).toEqual([
      "a registry lists tags only",
      "a registry's lists have no times",
    ]);
    expect(end).toMatchObject({ images: 2, undated: 2, older: 0, missed: 0 });
    expect(code).toBe(0);
  });

  it.each(["api", "tag"] as const)("leaves out attachments, and counts them (listed by %s)", async (via) => {
    const image = registry.pushImage("team/app", { tag: "v1" });
    registry.attachReferrer("team/app", image, {
      via,
      artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      mediaType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      bytes: "{}",
    });
    registry.attachTag("team/app", image, ".sig", [
      { mediaType: "application/vnd.dev.cosign.simplesigning.v1+json", bytes: "{}" },
    ]);
    const { images, end } = await inventory("--catalog", registry.host);
    expect(digests(images)).toEqual([image]);
    expect(end).toMatchObject({ attachments: via === "tag" ? 2 : 1 });
  });

  it("lists an image that pretends to be an attachment", async () => {
    const subject = registry.pushImage("team/app", { tag: "v1" });
    const manifest = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      artifactType: "application/vnd.dev.sigstore.bundle.v0.3+json",
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: digestOf("c"), size: 1 },
      layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar+gzip", digest: digestOf("l"), size: 1 }],
      subject: { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: subject, size: 1 },
    };
    const hidden = registry.pushManifest("team/app", manifest, { tag: `${subject.replace(":", "-")}.sig` });
    const { images } = await inventory("--catalog", registry.host);
    expect(digests(images).toSorted()).toEqual([subject, hidden].toSorted());
  });

  it.each<[string, RegExp, string]>([
    ["a list of tags that fails", /tags\/list/, "tags of"],
    ["a manifest that fails", /manifests\/v1/, ":v1"],
    ["a list of repositories that fails", /_catalog/, "the list of repositories"],
  ])("exits 11 for %s, and names it", async (_, path, what) => {
    registry.pushImage("team/app", { tag: "v1" });
    registry.fault(path, { kind: "status", status: 500 });
    const { code, unseen, end, stderr } = await inventory("--catalog", registry.host);
    expect(unseen.filter((line) => line["code"] !== undefined)).toMatchObject([
      { what: expect.stringContaining(what) as string, code: "registry/unavailable" },
    ]);
    expect(end).toMatchObject({ missed: 1 });
    expect(stderr).toContain(what);
    expect(code).toBe(11);
  });

  it.each<[string, string]>([
    ["bytes that are not JSON", "<html>"],
    ["another shape", '{"repositories":"all"}'],
  ])("exits 11 for a list of repositories with %s", async (_, bytes) => {
    registry.fault(/_catalog/, { kind: "bytes", bytes });
    const { code, unseen } = await inventory("--catalog", registry.host);
    expect([code, unseen.at(-1)?.["code"]]).toEqual([11, "registry/invalid"]);
  });

  it("exits 11 for a registry without the list", async () => {
    await registry.close();
    folder.remove();
    await open({ catalog: false });
    const { code, unseen } = await inventory("--catalog", registry.host);
    expect([code, unseen.at(-1)?.["code"]]).toEqual([11, "registry/invalid"]);
  });

  it("exits 11 where nothing was found: an empty list proves nothing", async () => {
    const { code, end } = await inventory("--catalog", `${registry.host}/none`);
    expect([code, end]).toMatchObject([11, { images: 0 }]);
  });
});

describe("mc inventory --images", { timeout: 60_000 }, () => {
  it("lists what a file names, by digest, each once", async () => {
    const image = registry.pushImage("team/app", { tag: "v1" });
    const name = `${registry.host}/team/app`;
    folder.write("images", `# ours\n\n${name}:v1\n${name}@${image}\n${name}@${digestOf("gone")}\n`);
    const { images, unseen, code } = await inventory("--images", "images");
    expect(digests(images)).toEqual([image, digestOf("gone")]);
    expect(images[1]).not.toHaveProperty("mediaType");
    expect(unseen).toMatchObject([{ why: "its registry has no manifest of this digest" }]);
    expect(code).toBe(0);
  });

  it("lists an artifact that is named, since an image volume can mount it", async () => {
    const manifest = {
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      artifactType: "application/vnd.acme.model",
      config: { mediaType: "application/vnd.oci.empty.v1+json", digest: digestOf("{}"), size: 2 },
      layers: [{ mediaType: "application/octet-stream", digest: digestOf("model"), size: 5 }],
    };
    const model = registry.pushManifest("team/model", manifest, { tag: "v1" });
    folder.write("images", `${registry.host}/team/model:v1\n`);
    expect(digests((await inventory("--images", "images")).images)).toEqual([model]);
    const listed = await inventory("--catalog", registry.host);
    expect([listed.images, listed.end]).toMatchObject([[], { attachments: 1 }]);
  });

  it.each([
    ["a line that is no reference", "UPPER/app\n", /images:1: not an image reference/],
    ["nothing but comments", "# none\n", /names no image/],
  ])("exits 12 for %s", async (_, text, message) => {
    folder.write("images", text);
    const { code, stderr } = await inventory("--images", "images");
    expect(code).toBe(12);
    expect(stderr).toMatch(message);
  });

  it("exits 12 where no source is named", async () => {
    expect((await inventory()).code).toBe(12);
  });
});

describe("mc inventory --cluster", { timeout: 60_000 }, () => {
  it("says how many places run each image, platform images as part of their index", async () => {
    const child = registry.pushImage("team/multi");
    const index = registry.pushIndex("team/multi", { tag: "v2", manifests: [child] });
    const idle = registry.pushImage("team/app", { tag: "v1" });
    const name = `${registry.host}/team/multi`;
    putPod("one", { image: `${name}@${index}` }, { imageID: `${name}@${child}` });
    putPod("two", { image: `${name}:v2` }, { imageID: `docker-pullable://${name}@${child}` });
    const { kubeconfig } = fixture().server;
    const args = ["--cluster", "--kubeconfig", kubeconfig];
    const { images } = await inventory("--catalog", registry.host, ...args);
    expect(images).toMatchObject([
      { digest: idle, running: 0 },
      { digest: index, running: 3, sources: ["catalog"] },
    ]);
    const alone = await inventory(...args);
    expect(alone.images).toMatchObject([{ digest: index, running: 3, sources: ["cluster"] }]);
    expect(alone.code).toBe(0);
  });

  it("lists what runs and is gone from its registry, what a template and an image volume name", async () => {
    const name = `${registry.host}/team/app`;
    const gone = digestOf("gone");
    const named = registry.pushImage("team/app");
    const volume = registry.pushImage("team/models", { tag: "v1" });
    putPod("one", { image: `${name}:v1` }, { imageID: `${name}@${gone}` }, [
      { name: "models", image: { reference: `${registry.host}/team/models:v1` } },
    ]);
    fixture().server.store.put("/apis/apps/v1/namespaces/shop/deployments", {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "web", namespace: "shop" },
      spec: { template: { spec: { containers: [{ name: "web", image: `${name}@${named}` }] } } },
    });
    const { images, unseen } = await inventory("--cluster", "--kubeconfig", fixture().server.kubeconfig);
    expect(digests(images).toSorted()).toEqual([gone, named, volume].toSorted());
    expect(images.find(({ digest }) => digest === named)).toMatchObject({
      places: ["Deployment shop/web: web"],
    });
    expect(unseen.map(({ what }) => what)).toContain('the digest of Pod shop/one: image volume "models"');
  });

  it.each([
    [PODS, "running pods"],
    [DEPLOYMENTS, "Deployment objects"],
  ])("exits 11 where %s is forbidden", async (path, what) => {
    fixture().server.onRequest = (request) =>
      request.path === path ? { kind: "status", status: 403 } : undefined;
    const { code, unseen } = await inventory("--cluster", "--kubeconfig", fixture().server.kubeconfig);
    expect(unseen.find((line) => line["what"] === what)).toMatchObject({ code: "cluster/forbidden" });
    expect(code).toBe(11);
  });
});

async function github(answer: (path: string) => unknown): Promise<{ url: string; close: () => void }> {
  const server = createServer((request, response) => {
    const body = answer(request.url ?? "");
    const status = typeof body === "number" ? body : 200;
    response.writeHead(status).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

const ask = (url: string, ...more: readonly string[]) =>
  inventory(
    "--github",
    "Acme",
    "--github-api",
    url,
    "--github-token",
    "t",
    "--github-registry",
    registry.host,
    ...more,
  );

function versions(...all: readonly [Digest, string, ...string[]][]): (path: string) => unknown {
  return (path) => {
    const isFirst = !path.includes("page=2");
    if (path.includes("/versions"))
      return isFirst
        ? all.map(([name, created_at, ...tags]) => ({
            name,
            created_at,
            metadata: { container: { tags } },
          }))
        : [];
    if (path.includes("/packages")) return isFirst ? [{ name: "app" }] : [];
    return path === "/orgs/Acme" ? {} : 404;
  };
}

describe("mc inventory --github", { timeout: 60_000 }, () => {
  it("has the time of the push as its clock, and no line for parts of an index", async () => {
    const child = registry.pushImage("acme/app");
    const index = registry.pushIndex("acme/app", { manifests: [child] });
    const old = registry.pushImage("acme/app");
    const { url, close } = await github(
      versions(
        [child, "2026-11-20T00:00:00Z"],
        [index, "2026-11-20T00:00:01Z", "v2"],
        [old, "2019-01-01T00:00:00Z"],
      ),
    );
    try {
      const { images, end, code } = await ask(url, "--since", "1s");
      expect(images).toEqual([]);
      expect(end).toMatchObject({ images: 0 });
      expect(code).toBe(0);
      const all = await ask(url);
      expect(all.images).toMatchObject([
        {
          digest: index,
          time: "2026-11-20T00:00:01.000Z",
          clock: "registry",
          children: [child],
          tags: ["v2"],
        },
        { digest: old, clock: "registry" },
      ]);
      const some = await ask(url, "--since", "2000d");
      expect(digests(some.images)).toEqual([index]);
      expect(some.end).toMatchObject({ older: 1 });
    } finally {
      close();
    }
  });

  it("says which token is needed where GitHub answers 400 to a workflow's own", async () => {
    const { url, close } = await github((path) => (path === "/orgs/Acme" ? {} : 400));
    try {
      const { code, unseen } = await ask(url);
      expect(unseen).toMatchObject([
        { code: "registry/forbidden", why: expect.stringContaining("workflow's own GITHUB_TOKEN") as string },
      ]);
      expect(code).toBe(11);
    } finally {
      close();
    }
  });
});
