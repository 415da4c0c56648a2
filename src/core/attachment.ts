import type { Digest } from "./digest.ts";
import type { AttachmentForm } from "./evidence.ts";

/** One layer that may hold a signature or attestation, with its bytes already hashed against its digest. */
export interface Attachment {
  readonly form: AttachmentForm;
  /** Media type of the layer. */
  readonly mediaType: string;
  /** Digest of `bytes`. */
  readonly digest: Digest;
  readonly bytes: Uint8Array;
  /** The layer descriptor's annotations: unsigned hints and, in cosign's legacy forms, the signature itself. */
  readonly annotations: Readonly<Record<string, string>>;
}

/** Everything that a registry holds about one subject. */
export interface Attachments {
  readonly subject: Digest;
  readonly found: readonly Attachment[];
  /** What was seen and not read: too large, foreign kind. At most 64. */
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
