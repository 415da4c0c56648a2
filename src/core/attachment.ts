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

/** Some of the attachments of a subject, and what was not read of them. */
export interface AttachmentBatch {
  readonly found: readonly Attachment[];
  /** What may be evidence and was not read. Nothing may be concluded from its absence. */
  readonly gaps: readonly Gap[];
  /** What was seen and not read: too large, foreign kind. For reports; at most 64. */
  readonly skipped: readonly {
    readonly form: AttachmentForm;
    readonly digest: Digest;
    readonly reason: "too-large" | "unsupported" | "unavailable";
    readonly message: string;
  }[];
}

/** Everything that a registry holds about one subject. */
export interface Attachments extends AttachmentBatch {
  readonly subject: Digest;
  /**
   * What is too much to be in memory at once, batch by batch, each read when it is asked for; nothing of a batch may be
   * kept when the next one is asked for. It can be read once, and throws faults.
   */
  readonly rest?: AsyncIterable<AttachmentBatch>;
  /** The manifests of referrers that were read. */
  readonly manifests?: readonly Digest[];
  /** Places that were checked. */
  readonly searched: readonly string[];
  /** Whether something was left out on purpose that may hold more: places, or what is not the newest. */
  readonly isPartial?: true;
  /** Whether pull secrets of the workload were used so far. To be asked once the rest is read. */
  readonly usedPullSecrets?: () => boolean;
  /** Whether the registry, or a mirror, wanted credentials so far: to whom has others, it may show something else. */
  readonly wantedCredentials?: () => boolean;
}
