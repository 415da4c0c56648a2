import type { Bundle } from "@sigstore/bundle";

import type { Attachment, Digest } from "../../core/index.ts";
import type { SignedContent } from "../sigstore/signed-content.ts";

/** What an attachment says, its cryptography not yet checked but everything else. */
export type Claim =
  | { readonly kind: "signature"; readonly dockerReference?: string | undefined }
  | {
      readonly kind: "attestation";
      readonly predicateType: string;
      readonly predicate: Readonly<Record<string, unknown>>;
      /** See Statement. */
      readonly subjectNames: readonly string[];
    };

/** An attachment opened: a bundle to verify, and what it would prove. */
export interface Opened {
  readonly bundle: Bundle;
  /** The bytes that a message signature is over. */
  readonly artifact?: Buffer;
  /** How to check a signature whose bytes are not at hand. */
  readonly content?: SignedContent;
  readonly claim: Claim;
}

/** One way of storing signatures. */
export interface Format {
  /** What such an attachment presents itself as, where it cannot be opened. */
  readonly presents: (attachment: Attachment) => "signature" | "attestation" | "unknown";
  /** Throws Rejected. */
  readonly open: (attachment: Attachment, subject: Digest) => Opened;
}
