import type { Digest, PinnedImage, VerificationSummary } from "../../core/index.ts";

/** A summary that this signer signed, verified. */
export interface OwnSummary {
  readonly summary: VerificationSummary;
  /** Since when it is known to be there; absent where nothing vouches for that. */
  readonly at?: Date;
}

/** What was signed, or one clause why nothing was. */
export type SignedStatement =
  | { readonly ok: true; readonly bundle: Buffer }
  | { readonly ok: false; readonly why: string };

/** What signs summaries and attaches them to images. */
export interface SummaryPort {
  /**
   * The summaries of an image by this signer that nothing newer of it stands in for, by the gate's own rule. Rejects with Faults
   * where not all could be read.
   */
  readonly read: (image: PinnedImage, signal: AbortSignal) => Promise<readonly OwnSummary[]>;
  readonly sign: (statement: object) => Promise<SignedStatement>;
  /** What was signed as the gate would read it; else one clause what is wrong with it. */
  readonly check: (image: PinnedImage, bundle: Buffer) => Promise<OwnSummary | string>;
  /** Attaches it and reads it back. Rejects with Faults. */
  readonly attach: (
    image: PinnedImage,
    bundle: Buffer,
    signal: AbortSignal,
  ) => Promise<{ readonly digest: string; readonly listedBy: string }>;
  /** What a tag leads to. Rejects with Faults. */
  readonly tagged: (image: PinnedImage, tag: string, signal: AbortSignal) => Promise<Digest | undefined>;
  readonly tag: (image: PinnedImage, tag: string, signal: AbortSignal) => Promise<void>;
}
