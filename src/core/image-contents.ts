import type { Digest } from "./digest.ts";

/** What an image is made of, as far as revocations may name it. Content-addressed: but for what is absent it never changes. */
export interface ImageContents {
  /** Every digest of the image's own bytes, one for each algorithm. */
  readonly digests: readonly Digest[];
  /** Everything that an index lists, at every level: platform images and indexes. */
  readonly parts: readonly Digest[];
  /** Those of the parts that the registry does not have: of these no digest is known but the one that is listed. */
  readonly absent: readonly Digest[];
  /** Whether an index lists what BuildKit says of the build, which has no signature. */
  readonly hasUnsignedProvenance?: true;
  /** An annotation that marks it, or anything that it lists, as a checkpoint of a running container. */
  readonly checkpoint: string | undefined;
}
