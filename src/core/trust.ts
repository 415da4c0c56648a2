import type { Digest } from "./digest.ts";

/** One Sigstore instance, tried on its own and with its own thresholds. Plain data: it crosses to worker threads. */
export interface TrustRoot {
  readonly name: string;
  /** JSON text of a Sigstore TrustedRoot (protobuf-specs sigstore_trustroot.proto), as its producer wrote it; checked at load. */
  readonly trustedRoot: string;
  /** Least number of verified transparency log entries. GitHub's own instance has none. */
  readonly tlogThreshold: 0 | 1;
  /** Least number of signed certificate timestamps. */
  readonly ctlogThreshold: 0 | 1;
}

/** A public key that a policy names. */
export interface PublicKey {
  /** What a policy calls it: its fingerprint, or `secret/<name>/<key>` where a Secret holds it. */
  readonly id: string;
  /** `sha256:` digest of the DER SubjectPublicKeyInfo. */
  readonly fingerprint: Digest;
  /** PEM, `BEGIN PUBLIC KEY`. */
  readonly pem: string;
}

/** All trust material at one moment. Evidence is cached by digest and `generation`. */
export interface TrustSnapshot {
  /** Changes whenever anything below changes: a digest over it. */
  readonly generation: string;
  readonly roots: readonly TrustRoot[];
  readonly keys: readonly PublicKey[];
}
