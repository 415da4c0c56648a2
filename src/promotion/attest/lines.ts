import { z } from "zod";

import { Digest } from "../../core/index.ts";
import { MAX_REASONS, Reason, Shard, STATES } from "../judge/lines.ts";

/** What became of an image that a journal names as promotable. */
export const OUTCOMES = ["written", "present", "lacking", "unconfirmed", "contradicted", "unknown"] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** By what summaries are written: what one run left undone, another continues only by the same. */
export const PromoteRun = z.object({
  kind: z.literal("promote"),
  version: z.literal(1),
  /** Digest of the policy's text. */
  policy: z.string().max(200),
  policyUri: z.string().max(1024),
  /** Digest of the revocations' text. */
  revocations: z.string().max(200),
  verifier: z.string().max(1024),
  /** Fingerprint of a key, or a certificate's identity. */
  signer: z.string().max(2048),
  /** `builder=3 release=2`: what authorities are trusted for. */
  levels: z.string().max(64_000),
  /** The namespace whose rules apply. */
  namespace: z.string().max(63),
  /** Owners whose images are linked by GitHub's records. */
  github: z.string().max(10_000).optional(),
  maxAgeMs: z.int().min(0).optional(),
  renewBeforeMs: z.int().min(0),
  /** Whether each image also gets a tag. */
  tag: z.boolean(),
  shard: Shard.optional(),
  at: z.iso.datetime(),
});
export type PromoteRun = z.infer<typeof PromoteRun>;

/** One image, judged again, and what was written of it. */
export const AttestLine = z.object({
  kind: z.literal("attested"),
  repository: z.string().max(600),
  digest: Digest,
  /** As it was judged now; a journal's word counts for nothing. */
  state: z.enum(STATES),
  /**
   * `written`; `present`, where a good summary was there; `lacking`, where a dry run would write one; `unconfirmed`, where the
   * gate does not find it promotable; `contradicted`, where it does not, and a summary of ours still says otherwise; `unknown`.
   */
  outcome: z.enum(OUTCOMES),
  levels: z.array(z.string().max(128)).max(8).optional(),
  /** Digest of the manifest that holds the summary. */
  summary: z.string().max(200).optional(),
  listedBy: z.string().max(100).optional(),
  reasons: z.array(Reason).max(MAX_REASONS),
  at: z.iso.datetime(),
});
export type AttestLine = z.infer<typeof AttestLine>;

/** The sums of a run that came to its end. */
export const PromoteSums = z.object({
  kind: z.literal("promoted"),
  images: z.int().min(0),
  outcomes: z.record(z.enum(OUTCOMES), z.int().min(0)),
  /** Lines of the journal that could not be read. */
  dropped: z.int().min(0),
  at: z.iso.datetime(),
});
export type PromoteSums = z.infer<typeof PromoteSums>;

/** A line of the record that `mc promote` keeps. */
export const RecordLine = z.discriminatedUnion("kind", [PromoteRun, AttestLine, PromoteSums]);
export type RecordLine = z.infer<typeof RecordLine>;
