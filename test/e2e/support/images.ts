import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { openAsBlob } from "node:fs";
import { cp, mkdir, mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { runOrThrow } from "./process.ts";

/** A file of an image: its absolute path in there, and what it holds, as text or copied from a path out here. */
export type ImageFile = { readonly path: string } & ({ readonly text: string } | { readonly from: string });

/** What an image holds and how it starts. */
export interface ImageRecipe {
  readonly files: readonly ImageFile[];
  readonly entrypoint: readonly string[];
  /** Default 65532:65532, the nonroot user of distroless images. */
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** An image that was pushed. */
export interface PushedImage {
  /** `sha256:<hex>` of its manifest. */
  readonly digest: string;
  /** `REPOSITORY@DIGEST`, to which a registry's address is put in front. */
  readonly name: string;
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

const OCI = "application/vnd.oci.image";
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64" };

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return `sha256:${hash.digest("hex")}`;
}

/** One layer with these files, packed so that the same files give the same digest. */
async function packLayer(files: readonly ImageFile[], work: string): Promise<string> {
  const root = join(work, "root");
  await mkdir(root);
  for (const file of files) {
    const target = join(root, file.path);
    await mkdir(dirname(target), { recursive: true });
    if ("text" in file) await writeFile(target, file.text);
    else await cp(file.from, target, { recursive: true, dereference: true });
  }
  const layer = join(work, "layer.tar");
  const same = [
    "--sort=name",
    "--mtime=@0",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mode=u=rwX,go=rX",
  ];
  await runOrThrow("tar", [...same, "-C", root, "-cf", layer, "."]);
  return layer;
}

async function ok(response: Response, what: string): Promise<Response> {
  if (response.ok) return response;
  throw new Error(`${what}: ${response.status} ${await response.text()}`);
}

/** Uploads one blob in one piece (OCI distribution specification, "POST then PUT"). */
async function pushBlob(repository: string, digest: string, content: Blob): Promise<void> {
  const begun = await ok(
    await fetch(`${repository}/blobs/uploads/`, { method: "POST" }),
    "begin of an upload",
  );
  const location = new URL(begun.headers.get("location") ?? "", repository);
  location.searchParams.set("digest", digest);
  const headers = { "content-type": "application/octet-stream" };
  await ok(await fetch(location, { method: "PUT", headers, body: content }), `upload of ${digest}`);
}

async function pushJson(repository: string, mediaType: string, value: unknown): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(value));
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  await pushBlob(repository, digest, new Blob([bytes]));
  return { mediaType, digest, size: bytes.length };
}

function configOf(recipe: ImageRecipe, diffId: string): unknown {
  return {
    architecture: ARCHITECTURES[process.arch] ?? process.arch,
    os: "linux",
    config: {
      Entrypoint: recipe.entrypoint,
      User: recipe.user ?? "65532:65532",
      WorkingDir: recipe.workingDirectory ?? "/",
      Env: Object.entries(recipe.environment ?? {}).map(([name, value]) => `${name}=${value}`),
    },
    rootfs: { type: "layers", diff_ids: [diffId] },
  };
}

/**
 * Builds an image of one layer from files and pushes it to `REGISTRY/REPOSITORY`, by digest and as `:TAG` (default
 * `latest`), over plain HTTP. No container engine is involved, and the same recipe gives the same digest.
 */
export async function pushImage(
  registry: string,
  repository: string,
  recipe: ImageRecipe,
  tag = "latest",
): Promise<PushedImage> {
  const base = `http://${registry}/v2/${repository}`;
  const work = await mkdtemp(join(tmpdir(), "mc-image-"));
  try {
    const file = await packLayer(recipe.files, work);
    const layer = {
      mediaType: `${OCI}.layer.v1.tar`,
      digest: await hashFile(file),
      size: (await stat(file)).size,
    };
    await pushBlob(base, layer.digest, await openAsBlob(file));
    const config = await pushJson(base, `${OCI}.config.v1+json`, configOf(recipe, layer.digest));
    const mediaType = `${OCI}.manifest.v1+json`;
    const manifest = JSON.stringify({ schemaVersion: 2, mediaType, config, layers: [layer] });
    const headers = { "content-type": mediaType };
    await ok(
      await fetch(`${base}/manifests/${tag}`, { method: "PUT", headers, body: manifest }),
      "push of a manifest",
    );
    const digest = `sha256:${createHash("sha256").update(manifest).digest("hex")}`;
    return { digest, name: `${repository}@${digest}` };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** Pushes an image that only needs a digest of its own, of this text, to `acme/app`: `HOST/acme/app@DIGEST`. */
export async function pushText(registry: string, text: string): Promise<string> {
  const { name } = await pushImage(registry, "acme/app", textImage(text));
  return `${registry}/${name}`;
}

/** Pushes an index of images that are in the repository, and gives it by digest. */
export async function pushIndex(
  registry: string,
  repository: string,
  digests: readonly string[],
): Promise<string> {
  const base = `http://${registry}/v2/${repository}/manifests`;
  const mediaType = `${OCI}.index.v1+json`;
  const child = `${OCI}.manifest.v1+json`;
  const manifests: Descriptor[] = [];
  for (const digest of digests) {
    const found = await ok(
      await fetch(`${base}/${digest}`, { headers: { accept: child } }),
      `manifest ${digest}`,
    );
    manifests.push({ mediaType: child, digest, size: (await found.arrayBuffer()).byteLength });
  }
  const body = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
  const digest = `sha256:${createHash("sha256").update(body).digest("hex")}`;
  const put = { method: "PUT", headers: { "content-type": mediaType }, body };
  await ok(await fetch(`${base}/${digest}`, put), "push of an index");
  return `${registry}/${repository}@${digest}`;
}

/** A recipe for an image that only needs a digest of its own: it holds this text and would print it. */
export function textImage(text: string): ImageRecipe {
  return { files: [{ path: "/text", text }], entrypoint: ["/text"] };
}
