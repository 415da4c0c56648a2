import { z } from "zod";

import { Digest } from "../../core/index.ts";

/** Places that an image was named in, of those that are kept. */
export const MAX_PLACES = 4;

/** Where the time of an image is from; `none` means that nothing vouches for one. */
const CLOCKS = ["registry", "signature", "none"] as const;

/** Where an image was found. */
const SOURCES = ["catalog", "github", "cluster", "images"] as const;
export type SourceName = (typeof SOURCES)[number];

const Instant = z.iso.datetime();

/** One image that exists: a line of an inventory. */
export const ImageLine = z.object({
  kind: z.literal("image"),
  /** `registry/repository`. */
  repository: z.string().max(600),
  digest: Digest,
  tags: z.array(z.string().max(128)),
  /** Absent where its registry did not say what it is. */
  mediaType: z.string().max(255).optional(),
  /** Platform images of an index. */
  children: z.array(Digest),
  /** Since when it exists, by `clock`; absent where nothing vouches for it. Never what the image says of itself. */
  time: Instant.optional(),
  clock: z.enum(CLOCKS),
  sources: z.array(z.enum(SOURCES)),
  /** Pods and templates that name it or one of its children; absent where no cluster was asked. */
  running: z.int().min(0).optional(),
  /** The first of them. */
  places: z.array(z.string().max(700)).max(MAX_PLACES).optional(),
  /** The commit that its annotations name. Unsigned. */
  revision: z.string().max(200).optional(),
});
export type ImageLine = z.infer<typeof ImageLine>;

/** Something that was not seen. With a code it may be another time; without one it never is. */
export const UnseenLine = z.object({
  kind: z.literal("unseen"),
  source: z.enum(SOURCES),
  what: z.string().max(1000),
  why: z.string().max(1000),
  /** The code of a fault: the inventory is incomplete. */
  code: z.string().max(100).optional(),
});
export type UnseenLine = z.infer<typeof UnseenLine>;

/** The last line: an inventory without one was cut off. */
export const InventoryEnd = z.object({
  kind: z.literal("end"),
  images: z.int().min(0),
  /** Of the images, those without a time. */
  undated: z.int().min(0),
  /** Images that are older than was asked for, and that nothing runs: they have no line. */
  older: z.int().min(0),
  /** Signatures, attestations and charts, which have no line. */
  attachments: z.int().min(0),
  /** Lines about what may be seen another time. */
  missed: z.int().min(0),
  at: Instant,
  since: Instant.optional(),
});
export type InventoryEnd = z.infer<typeof InventoryEnd>;

export type InventoryLine = ImageLine | UnseenLine | InventoryEnd;

/** `registry/repository@digest`: what tells images apart. */
export function keyOf({ repository, digest }: Pick<ImageLine, "repository" | "digest">): string {
  return `${repository}@${digest}`;
}
