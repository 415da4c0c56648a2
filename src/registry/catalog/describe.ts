import { z } from "zod";

import { ANNOTATIONS, Fault, readAnnotations, ValueMap } from "../../core/index.ts";
import {
  type Entries,
  Index,
  INDEX_TYPES,
  Manifest,
  MANIFEST_TYPES,
  readDescriptors,
} from "../descriptors.ts";

/** Media types of an image's config. Source: OCI image-spec v1.1, media-types.md, "Compatibility Matrix". */
const CONFIG_TYPES: readonly string[] = [
  "application/vnd.oci.image.config.v1+json",
  "application/vnd.docker.container.image.v1+json",
];
/** Layers that are unpacked. Source: as above, and Docker's image manifest v2 schema 2. */
const LAYER_TYPE = /^application\/vnd\.(?:oci\.image\.layer\.|docker\.image\.rootfs\.)/;
/** An index may carry annotations, too. */
const Annotated = z.object({ annotations: ValueMap.nullish() });

/** What a manifest or an index is. */
export interface DescribedDocument {
  readonly mediaType: string;
  /** What an index lists; undefined of a manifest. */
  readonly entries: Entries | undefined;
  /**
   * Whether a runtime could run it, as far as it says so itself: an index is what it lists. Its `subject` and its `artifactType` are not asked: a runtime does not ask them, and
   * anything can be hidden behind them.
   */
  readonly isImage: boolean;
  /** The commit that its annotations name. Unsigned words of the person who pushed it. */
  readonly revision: string | undefined;
}

/** Throws Fault registry/invalid for what is neither a manifest nor an index. */
export function describeDocument(document: unknown, most: number): DescribedDocument {
  const manifest = Manifest.safeParse(document).data;
  if (manifest !== undefined) {
    const { mediaType = MANIFEST_TYPES[0]!, annotations } = manifest;
    return {
      mediaType,
      entries: undefined,
      isImage: isImage(manifest, most),
      revision: annotations[ANNOTATIONS.revision],
    };
  }
  const index = Index.safeParse(document).data;
  if (index === undefined) throw new Fault("registry/invalid", "it is neither a manifest nor an index");
  const { mediaType = INDEX_TYPES[0]! } = index;
  const entries = readDescriptors(index.manifests, most);
  const annotations = readAnnotations(Annotated.safeParse(document).data?.annotations ?? {});
  return { mediaType, entries, isImage: true, revision: annotations[ANNOTATIONS.revision] };
}

function isImage({ config, layers }: Manifest, most: number): boolean {
  if (!CONFIG_TYPES.includes(config.mediaType)) return false;
  const { descriptors, unreadable, surplus } = readDescriptors(layers, most);
  const isAttachment =
    descriptors.length > 0 && descriptors.every(({ mediaType }) => !LAYER_TYPE.test(mediaType));
  return !isAttachment || unreadable > 0 || surplus > 0;
}
