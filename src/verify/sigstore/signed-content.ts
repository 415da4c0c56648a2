import { createHash } from "node:crypto";

import type { Bundle } from "@sigstore/bundle";
import { dsse } from "@sigstore/core";
import type { SignedEntity } from "@sigstore/verify";

import { type Digest, digestOf } from "../../core/index.ts";
import { isSignedBy } from "./is-signed-by.ts";

/** What a signature is over, as the verification library asks about it. */
export type SignedContent = SignedEntity["signature"] & {
  /** Digest of all that the signature is over. */
  readonly digest: () => Digest;
};

/** Hash functions of log entries and message digests, by the bytes of their output. */
const BY_SIZE: ReadonlyMap<number, string> = new Map([
  [32, "sha256"],
  [48, "sha384"],
  [64, "sha512"],
]);

/**
 * The signed content of a bundle: of an envelope its pre-authentication encoding, of a message the artifact's bytes. The
 * library's own knows SHA-256 alone in envelopes and their log entries, where P-384 and P-521 keys sign SHA-384 and SHA-512.
 */
export function signedContent({ content }: Bundle, artifact: Buffer | undefined): SignedContent {
  if (content.$case === "messageSignature") {
    const { signature } = content.messageSignature;
    const bytes = artifact ?? Buffer.alloc(0);
    return contentOver({ signature, bytes, payload: bytes });
  }
  const { payloadType, payload, signatures } = content.dsseEnvelope;
  const signature = signatures[0]?.sig ?? Buffer.alloc(0);
  return contentOver({ signature, bytes: dsse.preAuthEncoding(payloadType, payload), payload });
}

/** Whether these bytes have that digest, by the hash function of its length: SHA-256, SHA-384 or SHA-512. */
export function isDigestOf(digest: Buffer, bytes: Buffer): boolean {
  const hash = BY_SIZE.get(digest.length);
  return hash !== undefined && createHash(hash).update(bytes).digest().equals(digest);
}

function contentOver({
  signature,
  bytes,
  payload,
}: {
  readonly signature: Buffer;
  /** What the signature is over. */
  readonly bytes: Buffer;
  /** What log entries of envelopes hold the digest of, next to or instead of those bytes. */
  readonly payload: Buffer;
}): SignedContent {
  return {
    signature,
    digest: () => digestOf(bytes),
    compareSignature: (other) => other.equals(signature),
    compareDigest: (digest) => isDigestOf(digest, payload),
    compareSignedDigest: (digest) => isDigestOf(digest, bytes),
    verifySignature: (key) => isSignedBy(key, bytes, signature),
  };
}
