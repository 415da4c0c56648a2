import { type Digest, digestOf } from "../../src/core/index.ts";
import type { OciStore, TestDescriptor } from "./oci-store.ts";

/** OCI image manifest, image-spec v1.1. */
export const IMAGE_MANIFEST = "application/vnd.oci.image.manifest.v1+json";
/** OCI image index, image-spec v1.1. */
export const IMAGE_INDEX = "application/vnd.oci.image.index.v1+json";
/** The empty descriptor's media type, image-spec v1.1 "Guidance for an Empty Descriptor". */
const EMPTY = "application/vnd.oci.empty.v1+json";

/** What `pushImage` takes; every field has a default. */
export interface ImageOptions {
  readonly tag?: string;
  /** Bytes of the only layer; unique per push where absent. */
  readonly content?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What `pushIndex` takes. */
export interface IndexOptions {
  readonly tag?: string;
  /** Digests of manifests pushed before, each with its platform; `linux/amd64` where none is given. */
  readonly manifests: readonly (Digest | IndexEntry)[];
}

/** One child of an index. */
interface IndexEntry {
  readonly digest: Digest;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One artifact that refers to a subject. */
export interface ReferrerOptions {
  /** Of the only layer. */
  readonly mediaType: string;
  /** Of the manifest; the layer's where absent. */
  readonly artifactType?: string;
  readonly bytes: Uint8Array | string;
  /** Of the layer descriptor. */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Of the manifest, and of its descriptor in lists. */
  readonly manifestAnnotations?: Readonly<Record<string, string>>;
  /** Where it becomes visible: the referrers API, the fallback tag, or both. */
  readonly via?: "api" | "tag" | "both";
  /** Lists it as older clients did: artifactType `oci.empty`, no annotations. */
  readonly bareDescriptor?: boolean;
}

/** One layer of a cosign legacy tag. */
export interface LegacyLayer {
  readonly mediaType: string;
  readonly bytes: Uint8Array | string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Descriptor of some bytes. */
function descriptor(
  mediaType: string,
  bytes: Uint8Array | string,
  annotations?: Readonly<Record<string, string>>,
): TestDescriptor {
  const size = Buffer.byteLength(bytes);
  return { mediaType, digest: digestOf(bytes), size, ...(annotations !== undefined && { annotations }) };
}

/** Stores an index, with the size of each child looked up. */
export function indexBytes(store: OciStore, repo: string, entries: IndexOptions["manifests"]): string {
  const manifests = entries.map((entry) => {
    const { digest, platform, annotations } = typeof entry === "string" ? { digest: entry } : { ...entry };
    const stored = store.manifest(repo, digest)?.stored;
    return {
      mediaType: stored?.mediaType ?? IMAGE_MANIFEST,
      digest,
      size: stored?.bytes.length ?? 2,
      platform: platform ?? { os: "linux", architecture: "amd64" },
      ...(annotations !== undefined && { annotations }),
    };
  });
  return JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_INDEX, manifests });
}

/** Stores config and layer of an image and gives its manifest's text. */
export function imageBytes(store: OciStore, repo: string, content: string, options: ImageOptions): string {
  const config = JSON.stringify({
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers" },
  });
  store.putBlob(repo, config);
  store.putBlob(repo, content);
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    config: descriptor("application/vnd.oci.image.config.v1+json", config),
    layers: [descriptor("application/vnd.oci.image.layer.v1.tar", content)],
    ...(options.annotations !== undefined && { annotations: options.annotations }),
  });
}

/** Stores a referrer's blobs and manifest and gives the descriptor that lists show. */
export function putReferrer(
  store: OciStore,
  repo: string,
  subject: Digest,
  options: ReferrerOptions,
): TestDescriptor {
  const artifactType = options.artifactType ?? options.mediaType;
  const annotations = options.manifestAnnotations;
  const target = store.manifest(repo, subject)?.stored;
  store.putBlob(repo, "{}");
  store.putBlob(repo, options.bytes);
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    artifactType,
    config: descriptor(EMPTY, "{}"),
    layers: [descriptor(options.mediaType, options.bytes, options.annotations)],
    subject: {
      mediaType: target?.mediaType ?? IMAGE_MANIFEST,
      digest: subject,
      size: target?.bytes.length ?? 2,
    },
    ...(annotations !== undefined && { annotations }),
  });
  store.putManifest(repo, IMAGE_MANIFEST, text);
  const bare = options.bareDescriptor === true;
  return {
    ...descriptor(IMAGE_MANIFEST, text, bare ? undefined : annotations),
    artifactType: bare ? EMPTY : artifactType,
  };
}

/** Stores the manifest of a cosign legacy tag: one layer for each signature, those of an older manifest first. */
export function putLegacy(
  store: OciStore,
  repo: string,
  tag: string,
  layers: readonly LegacyLayer[],
): Digest {
  const older = store.manifest(repo, tag)?.stored.bytes;
  const before = older === undefined ? [] : layersOf(older);
  for (const layer of layers) store.putBlob(repo, layer.bytes);
  const config = JSON.stringify({ architecture: "", os: "", config: {}, rootfs: { type: "layers" } });
  store.putBlob(repo, config);
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    config: descriptor("application/vnd.oci.image.config.v1+json", config),
    layers: [
      ...before,
      ...layers.map((each) => descriptor(each.mediaType, each.bytes, each.annotations ?? {})),
    ],
  });
  const digest = store.putManifest(repo, IMAGE_MANIFEST, text);
  store.repository(repo).tags.set(tag, digest);
  return digest;
}

function layersOf(manifest: Buffer): TestDescriptor[] {
  const { layers }: { layers: TestDescriptor[] } = JSON.parse(manifest.toString("utf8"));
  return layers;
}
