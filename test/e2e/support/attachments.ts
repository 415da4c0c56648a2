import { createHash } from "node:crypto";

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** The four places where a signature or an attestation can lie. */
export type Place = ".sig" | ".att" | "referrers" | "fallback";

interface Descriptor {
  mediaType: string;
  digest: string;
  size: number;
  annotations?: Record<string, string>;
}

interface Manifest {
  config: Descriptor;
  layers: Descriptor[];
  subject?: Descriptor;
}

/** An image in a registry on loopback. */
export interface ImageAt {
  /** `host:port/repository`. */
  readonly repository: string;
  readonly digest: string;
}

/** `host:port/repository@digest` in its parts. */
export function imageAt(name: string): ImageAt {
  const [repository, digest] = name.split("@");
  return { repository: repository!, digest: digest! };
}

function url({ repository }: ImageAt, kind: "manifests" | "blobs" | "referrers", name: string): string {
  const slash = repository.indexOf("/");
  return `http://${repository.slice(0, slash)}/v2/${repository.slice(slash + 1)}/${kind}/${name}`;
}

async function get(address: string): Promise<Buffer> {
  const response = await fetch(address, { headers: { accept: `${INDEX}, ${MANIFEST}` } });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return Buffer.from(await response.arrayBuffer());
}

async function put(address: string, bytes: Buffer, type: string): Promise<void> {
  const body = new Uint8Array(bytes);
  const response = await fetch(address, { method: "PUT", headers: { "content-type": type }, body });
  if (!response.ok) throw new Error(`${address}: ${response.status} ${await response.text()}`);
}

function digestOf(bytes: Buffer): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function putBlob(image: ImageAt, bytes: Buffer): Promise<string> {
  const digest = digestOf(bytes);
  const uploads = url(image, "blobs", "uploads/");
  const started = await fetch(uploads, { method: "POST" });
  const location = new URL(started.headers.get("location")!, uploads);
  location.searchParams.set("digest", digest);
  await put(location.href, bytes, "application/octet-stream");
  return digest;
}

/** Everything that is attached to an image at one place. */
async function manifestsAt(image: ImageAt, place: Place): Promise<Manifest[]> {
  const tag = image.digest.replace(":", "-");
  if (place === ".sig" || place === ".att") {
    return [JSON.parse((await get(url(image, "manifests", `${tag}${place}`))).toString()) as Manifest];
  }
  const list = place === "referrers" ? url(image, "referrers", image.digest) : url(image, "manifests", tag);
  const { manifests } = JSON.parse((await get(list)).toString()) as { manifests: Descriptor[] };
  const bytes = await Promise.all(manifests.map(({ digest }) => get(url(image, "manifests", digest))));
  return bytes.map((each) => JSON.parse(each.toString()) as Manifest);
}

async function putAt(image: ImageAt, place: Place, manifests: readonly Manifest[]): Promise<void> {
  const tag = image.digest.replace(":", "-");
  const listed: Descriptor[] = [];
  for (const manifest of manifests) {
    const bytes = Buffer.from(JSON.stringify(manifest));
    const digest = digestOf(bytes);
    listed.push({ mediaType: MANIFEST, digest, size: bytes.length });
    const name = place === ".sig" || place === ".att" ? `${tag}${place}` : digest;
    await put(url(image, "manifests", name), bytes, MANIFEST);
  }
  if (place !== "fallback") return;
  const index = { schemaVersion: 2, mediaType: INDEX, manifests: listed };
  await put(url(image, "manifests", tag), Buffer.from(JSON.stringify(index)), INDEX);
}

/** Attaches to `to` what is attached to `from`: rightly signed, but about another image. */
export async function copyAttachments(from: ImageAt, to: ImageAt, place: Place): Promise<void> {
  const size = (await get(url(to, "manifests", to.digest))).length;
  const subject = { mediaType: MANIFEST, digest: to.digest, size };
  const manifests = await manifestsAt(from, place);
  await putAt(
    to,
    place,
    manifests.map((manifest) => (manifest.subject ? { ...manifest, subject } : manifest)),
  );
}

/** Attaches to `to` what is attached to `from`, with its bytes changed by `tamper`. */
export async function attachTampered(
  from: ImageAt,
  to: ImageAt,
  place: Place,
  tamper: (layer: { readonly bytes: Buffer; readonly annotations: Record<string, string> }) => {
    bytes: Buffer;
    annotations: Record<string, string>;
  },
): Promise<void> {
  const size = (await get(url(to, "manifests", to.digest))).length;
  const manifests = await manifestsAt(from, place);
  for (const manifest of manifests) {
    if (manifest.subject) manifest.subject = { mediaType: MANIFEST, digest: to.digest, size };
    await putBlob(to, await get(url(from, "blobs", manifest.config.digest)));
    for (const layer of manifest.layers) {
      const changed = tamper({
        bytes: await get(url(from, "blobs", layer.digest)),
        annotations: layer.annotations ?? {},
      });
      layer.digest = await putBlob(to, changed.bytes);
      layer.size = changed.bytes.length;
      layer.annotations = changed.annotations;
    }
  }
  await putAt(to, place, manifests);
}
