import type { Digest } from "./digest.ts";
import type { AttachmentForm } from "./evidence.ts";
import type { Gap } from "./gap.ts";

/** One layer that may hold a signature or attestation, with its bytes already hashed against its digest. */
export interface Attachment {
  readonly form: AttachmentForm;
  /** Media type of the layer. */
  readonly mediaType: string;
  /** Digest of `bytes`. */
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  /**
   * Annotations of its manifest and of its layer, which count where both name the same: unsigned hints and, in cosign's
   * legacy forms, the signature itself.
   */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Everything that a registry holds about one subject. */
export interface Attachments {
  readonly subject: Digest;
  readonly found: readonly Attachment[];
  /** What may be evidence and was not read. Nothing may be concluded from its absence. */
  readonly gaps: readonly Gap[];
  /** What was seen and not read: too large, foreign kind. For reports; at most 64. */
  readonly passedOver: readonly {
    readonly form: AttachmentForm;
    readonly digest: Digest;
    readonly reason: "too-large" | "unsupported";
    readonly message: string;
  }[];
  /** Places that were looked at. */
  readonly lookedAt: readonly string[];
  /** Whether places were left out that may hold more. */
  readonly isPartial?: true;
}
