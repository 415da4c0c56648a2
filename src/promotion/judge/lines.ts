import { z } from "zod";

import { type Digest, digestOf, UsageError } from "../../core/index.ts";
import { ImageLine, InventoryEnd, keyOf, UnseenLine } from "../inventory/lines.ts";

/** What can be said of an image. */
export const STATES = [
  "promotable",
  "promotable-rebuilt",
  "legacy-linked",
  "non-promotable",
  "unknown",
] as const;
export type State = (typeof STATES)[number];

/** Reasons that are kept of one image. */
export const MAX_REASONS = 8;

export const Reason = z.object({ code: z.string().max(100), message: z.string().max(700) });
export type Reason = z.infer<typeof Reason>;

/** An image that was judged. */
const JudgedLine = ImageLine.extend({
  kind: z.literal("judged"),
  state: z.enum(STATES),
  /** Why it is not promotable, or not known; for a positive state, what proves it. */
  reasons: z.array(Reason).max(MAX_REASONS),
  /** When it was judged. */
  at: z.iso.datetime(),
});
export type JudgedLine = z.infer<typeof JudgedLine>;

/** An image that a signature proves to be older than was asked for, and that does not run. */
const OlderLine = z.object({
  kind: z.literal("older"),
  repository: z.string(),
  digest: ImageLine.shape.digest,
  time: z.iso.datetime(),
});
export type OlderLine = z.infer<typeof OlderLine>;

/** What runs now of an image that was judged before: it is not judged again for that. */
const UsesLine = ImageLine.pick({ repository: true, digest: true, running: true, places: true }).extend({
  kind: z.literal("uses"),
});
export type UsesLine = z.infer<typeof UsesLine>;

/** Which part of all images one run judges: `1/3`. */
export const Shard = z.string().regex(/^[1-9]\d{0,3}\/[1-9]\d{0,3}$/);

/** What a run judges by: all lines of a journal are by the same. */
const RunLine = z.object({
  kind: z.literal("run"),
  version: z.literal(1),
  /** Digest of the policy's text. */
  policy: z.string().max(200),
  /** Digest of the revocations' text. */
  revocations: z.string().max(200),
  /** The namespace whose rules apply. */
  namespace: z.string().max(63),
  /** Owners whose images were linked by GitHub's records. */
  github: z.string().max(10_000).optional(),
  since: z.iso.datetime().optional(),
  shard: Shard.optional(),
  at: z.iso.datetime(),
});
export type RunLine = z.infer<typeof RunLine>;

/** The sums of a run that came to its end. */
const SumsLine = z.object({
  kind: z.literal("sums"),
  population: z.int().min(0),
  states: z.record(z.enum(STATES), z.int().min(0)),
  older: z.int().min(0),
  missed: z.int().min(0),
  at: z.iso.datetime(),
});
export type SumsLine = z.infer<typeof SumsLine>;

/** A line of a journal. */
export const JournalLine = z.discriminatedUnion("kind", [
  RunLine,
  JudgedLine,
  OlderLine,
  UsesLine,
  UnseenLine,
  InventoryEnd,
  SumsLine,
]);
export type JournalLine = z.infer<typeof JournalLine>;

/** Which part of the images is judged. */
export interface ShardPart {
  /** From 1. */
  readonly index: number;
  readonly of: number;
}

/** Reads `i/n`. Throws UsageError. */
export function parseShard(text: string): ShardPart {
  const [index = 0, of = 0] = Shard.safeParse(text).success ? text.split("/").map(Number) : [];
  if (index < 1 || index > of) throw new UsageError(`shard ${text} is not i/n, such as 1/3`);
  return { index, of };
}

/** Whether an image belongs to a part: by its own name, so that parts agree however their inventories are ordered. */
export function isInShard(
  image: { readonly repository: string; readonly digest: Digest },
  part?: ShardPart,
): boolean {
  if (part === undefined) return true;
  const spread = Number.parseInt(digestOf(keyOf(image)).slice(7, 19), 16);
  return spread % part.of === part.index - 1;
}
