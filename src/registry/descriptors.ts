import { z } from "zod";

import { Digest, readAnnotations, ValueMap } from "../core/index.ts";

/** Media types of indexes, OCI's and Docker's. */
export const INDEX_TYPES: readonly string[] = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];

/** Media types of image manifests, OCI's and Docker's. */
export const MANIFEST_TYPES: readonly string[] = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

const MediaType = z.string().max(255);

const Annotations = ValueMap.transform(readAnnotations)
  .nullish()
  .transform((texts) => texts ?? {});

/** A content descriptor; fields that are not read here are dropped. Source: OCI image-spec v1.1, descriptor.md. */
export const Descriptor = z.object({
  mediaType: MediaType,
  digest: Digest,
  size: z.int().min(0),
  artifactType: MediaType.optional(),
  annotations: Annotations,
  platform: z
    .object({ os: z.string().optional(), architecture: z.string().optional() })
    .optional()
    .catch(undefined),
});
export type Descriptor = z.infer<typeof Descriptor>;

/** An image manifest. Source: OCI image-spec v1.1, manifest.md; Docker's schema 2 has the same fields. */
export const Manifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: MediaType.optional(),
  artifactType: MediaType.optional(),
  config: z.object({ mediaType: MediaType }),
  layers: z.array(z.unknown()),
  annotations: Annotations,
  manifests: z.undefined().optional(),
});
export type Manifest = z.infer<typeof Manifest>;

const ManifestShape = Manifest.omit({ annotations: true });

/** Whether a document is an image manifest. Annotations say nothing of that. */
export function isManifest(document: unknown): boolean {
  return ManifestShape.safeParse(document).success;
}

/**
 * An image index, or a list of referrers. Some registries write an empty list as null. A document with both
 * `manifests` and `layers` is neither an index nor a manifest, so that no one can read it in two ways
 * (CVE-2021-41190).
 */
export const Index = z.object({
  schemaVersion: z.literal(2),
  mediaType: MediaType.optional(),
  manifests: z
    .array(z.unknown())
    .nullable()
    .transform((entries) => entries ?? []),
  layers: z.undefined().optional(),
});
export type Index = z.infer<typeof Index>;

/** Entries of a list or layers of a manifest, in its order. */
export interface Entries {
  readonly descriptors: readonly Descriptor[];
  /** Entries that are not descriptors. */
  readonly unreadable: number;
  /** Entries that were not checked. */
  readonly surplus: number;
}

/** The readable descriptors among the last `most` entries, and how many entries were not taken. */
export function readDescriptors(entries: readonly unknown[], most: number): Entries {
  const parsed = entries.slice(-most).map((entry) => Descriptor.safeParse(entry).data);
  const descriptors = parsed.filter((each) => each !== undefined);
  return {
    descriptors,
    unreadable: parsed.length - descriptors.length,
    surplus: Math.max(0, entries.length - most),
  };
}
