import type { Digest } from "./digest.ts";
import type { Sbom, Scan, VerificationSummary, Vex } from "./extracts.ts";
import type { Gap } from "./gap.ts";
import type { RegistryForm } from "./registry-forms.ts";

declare const verified: unique symbol;
/** A value that src/verify has checked cryptographically. Nothing else makes one (enforced by the architecture test). */
export type Verified<T> = T & { readonly [verified]: true };

/**
 * What a Fulcio certificate says about the workload that asked for it, decoded.
 * Source: sigstore/fulcio docs/oid-info.md; the numbers are the last arc of 1.3.6.1.4.1.57264.1.N.
 */
export interface CertificateClaims {
  /** .9 */ readonly buildSignerURI?: string;
  /** .10 */ readonly buildSignerDigest?: string;
  /** .11 */ readonly runnerEnvironment?: string;
  /** .12, else .5 */ readonly sourceRepositoryURI?: string;
  /** .13, else .3 */ readonly sourceRepositoryDigest?: string;
  /** .14, else .6 */ readonly sourceRepositoryRef?: string;
  /** .15 */ readonly sourceRepositoryIdentifier?: string;
  /** .16 */ readonly sourceRepositoryOwnerURI?: string;
  /** .17 */ readonly sourceRepositoryOwnerIdentifier?: string;
  /** .18 */ readonly buildConfigURI?: string;
  /** .19 */ readonly buildConfigDigest?: string;
  /** .20, else .2 */ readonly buildTrigger?: string;
  /** .21 */ readonly runInvocationURI?: string;
  /** .22 */ readonly sourceRepositoryVisibilityAtSigning?: string;
  /** .4 */ readonly githubWorkflowName?: string;
}

/** Who signed: a certificate's identity under a named trust root, or a public key. */
export type Signer =
  | {
      readonly kind: "keyless";
      /** The certificate's SAN, compared exactly. */
      readonly identity: string;
      readonly issuer: string;
      readonly claims: CertificateClaims;
      /** Name of the trust root that vouches for the certificate. */
      readonly trustRoot: string;
    }
  | {
      readonly kind: "key";
      /** `sha256:` digest of the key's DER SubjectPublicKeyInfo. */
      readonly fingerprint: Digest;
    };

/** How a signature was stored; `blob` is a bundle over bytes that are not an image, such as a waiver's approval. */
export type AttachmentForm = RegistryForm | "blob";

/** What is known of one verified signature, whatever it signs. */
export interface Proof {
  readonly signer: Signer;
  readonly form: AttachmentForm;
  /** The instant that a log or a timestamp authority vouches for; absent where none does. */
  readonly trustedTime?: Date;
  /** What vouches for trustedTime. */
  readonly timeSource?: "timestamp" | "log";
  /** Whether a transparency log entry was verified with it. */
  readonly logged: boolean;
  /** The blob that holds it. */
  readonly attachment: Digest;
  /** Digest of what is signed: equal for all copies of a statement, however each is stored and whatever vouches for it. */
  readonly statement: Digest;
  /** Present where copies of the statement by the same signer are dated otherwise: see `provenSince`. */
  readonly copies?: {
    /** The earliest trusted time of all copies; absent where nothing vouches for the time of one of them. */
    readonly since?: Date;
  };
}

/** A verified signature over the subject: simple signing, or DSSE with cosign's sign predicate. */
export interface Signature extends Proof {
  /** The repository that the signer named, where one is named (simple signing `docker-reference`). Unverified words of the signer. */
  readonly dockerReference?: string;
}

/** One source that an image was built from, as its builder states it. */
export interface BuildSource {
  /** `https://host/owner/repo`, without `git+`, `.git` and ref; an address of another kind as it is written. */
  readonly repository: string;
  /** A full git ref, such as `refs/heads/main`. */
  readonly ref?: string;
  /** The git commit. */
  readonly commit?: string;
}

/** SLSA provenance, v0.2 and v1 brought to one shape. Words of the signer: compare them with its certificate. */
export interface Provenance {
  readonly builderId: string;
  readonly buildType?: string;
  /** Every source that the build type states, in no order that means anything; empty where it states none. */
  readonly sources: readonly BuildSource[];
  /** Why sources are empty, one clause, where the reason is known. */
  readonly unstated?: string;
  /** Path of the workflow in the source repository. */
  readonly workflow?: string;
  /** The event that started the build. */
  readonly trigger?: string;
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  /** What it states as its times where none of them can be read. */
  readonly undated?: string;
}

/** A verified in-toto statement about the subject. Only an extract of the predicate is kept. */
export interface Attestation extends Proof {
  readonly predicateType: string;
  /** Present where the predicate type is SLSA provenance and the predicate is readable. */
  readonly provenance?: Provenance;
  readonly sbom?: Sbom;
  readonly scan?: Scan;
  readonly vex?: Vex;
  readonly summary?: VerificationSummary;
  /**
   * Why a predicate of one of the types above could not be read, one clause; then none of the extracts is there. An
   * unreadable scan is not a clean one.
   */
  readonly unreadable?: string;
  /** The predicate as JSON text, where a rule reads it and it has at most 65,536 characters. */
  readonly predicateText?: string;
}

/** Why an attachment is not evidence. Reported, never fatal. */
export interface Rejection {
  readonly form: AttachmentForm;
  readonly attachment: Digest;
  /** Whether it presents itself as a signature of the image or as an attestation about it; unknown where unreadable. */
  readonly claims: "signature" | "attestation" | "unknown";
  /**
   * `malformed` unreadable · `invalid` cryptography fails · `wrong-subject` about another digest ·
   * `untrusted` no trust root or key of ours vouches for it · `too-large` past a limit · `unsupported` a known foreign kind ·
   * `unavailable` its registry did not give it · `unfinished` its verification did not come to an end.
   */
  readonly reason:
    | "malformed"
    | "invalid"
    | "wrong-subject"
    | "untrusted"
    | "too-large"
    | "unsupported"
    | "unavailable"
    | "unfinished";
  /** Of its statement where that could be opened, else as its annotations say; unsigned. */
  readonly predicateType?: string;
  /** One clause, printable ASCII, at most 200 characters. */
  readonly message: string;
}

/** Who signed what about one digest, according to one generation of trust material. Cached; holds no verdict. */
export interface Evidence {
  readonly subject: Digest;
  /** Of the trust snapshot it was verified against. */
  readonly trustGeneration: string;
  readonly collectedAt: Date;
  readonly signatures: readonly Verified<Signature>[];
  readonly attestations: readonly Verified<Attestation>[];
  readonly rejections: readonly Rejection[];
  /** Places that were checked, for the denial: `referrers API`, `fallback tag`, `.sig tag`, `.att tag`. */
  readonly searched: readonly string[];
  /** What may be evidence and was not read or not checked to its end: a gate that it could turn does not pass. */
  readonly gaps: readonly Gap[];
  /** The manifests of referrers that were read: whatever they lead to is among the above, or is a gap. */
  readonly manifests?: readonly Digest[];
  /** Whether places were left out that may hold more: such evidence may let an image pass, and never refuses one. */
  readonly isPartial?: true;
  /** Whether it was read with a workload's own pull secrets: it counts for those who name the same ones alone. */
  readonly isPrivate?: true;
  /** Whether its registry wanted credentials: it may show more to those who have others. */
  readonly isSignedIn?: true;
}
