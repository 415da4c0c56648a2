/** How bad a vulnerability is, the worst first; `unknown` where its scanner says nothing that we can read. */
export const SEVERITIES = ["critical", "high", "medium", "low", "negligible", "unknown"] as const;
/** One of SEVERITIES. */
export type Severity = (typeof SEVERITIES)[number];

/** What is kept of an SBOM. Words of the signer. */
export interface Sbom {
  readonly format: "spdx" | "cyclonedx";
  /** `2.3`, `3.0.1`, `1.6`. */
  readonly specVersion: string;
  /** Packages (SPDX) or components (CycloneDX, nested ones counted), without the image itself. */
  readonly components: number;
  readonly createdAt?: Date;
  /** What it states as its time where that cannot be read, such as a time without an offset. */
  readonly undated?: string;
}

/** One vulnerability in one package, as a scanner reports it. */
export interface Vulnerability {
  readonly id: string;
  /** Other names of exactly this vulnerability. */
  readonly aliases?: readonly string[];
  readonly severity: Severity;
  /** Whether a version without it exists; `unknown` where the scanner's format does not say. */
  readonly fix: "available" | "none" | "unknown";
  readonly fixedVersion?: string;
  readonly package?: string;
}

/** What is kept of a vulnerability scan. An empty list means that the scanner looked and found nothing. */
export interface Scan {
  /** Which scanner, without its version. */
  readonly scanner: string;
  readonly finishedAt?: Date;
  /** What it states as its time where that cannot be read, such as a time without an offset. */
  readonly undated?: string;
  readonly vulnerabilities: readonly Vulnerability[];
}

/** What an author says about one vulnerability in this image. Source: openvex/spec, OPENVEX-SPEC.md. */
export interface VexStatement {
  /** Its name and aliases. */
  readonly vulnerabilities: readonly string[];
  readonly status: "not_affected" | "affected" | "fixed" | "under_investigation";
  /** Why it is not affected: the justification, or the impact statement. */
  readonly justification?: string;
  /** Names of the only packages it is about; the whole image where absent. */
  readonly packages?: readonly string[];
  /**
   * The only repository it is about, `registry/repository`, where its products name that without a digest, and the subject
   * of the attestation names it with the digest. It counts for an image of this repository alone.
   */
  readonly repository?: string;
  readonly statedAt?: Date;
}

/** An all-clear that does not count, because none of its products is this image. */
export interface VexSetAside {
  /** Its name and aliases. */
  readonly vulnerabilities: readonly string[];
  /** One of its products, as it is written. */
  readonly product: string;
  /** Completes "it speaks of (product), …". */
  readonly why: string;
}

/** What is kept of an OpenVEX document: the statements about this digest or its repository, and all-clears about others. */
export interface Vex {
  readonly statements: readonly VexStatement[];
  readonly setAside: readonly VexSetAside[];
}

/** What a verifier says that it verified against: at least one of the two where it says anything. */
export interface SummaryPolicy {
  readonly uri?: string;
  /** `sha256:` digest. */
  readonly digest?: string;
}

/**
 * What is kept of a SLSA verification summary (VSA), or of a simple verification result (SVR), which says the same in other
 * words. Sources: slsa.dev/spec/v1.2/verification_summary; in-toto attestation, spec/predicates/svr.md.
 */
export interface VerificationSummary {
  /** An SVR lists what has passed and nothing else: it cannot take a VSA's FAILED back. */
  readonly kind: "vsa" | "svr";
  readonly verifier: string;
  readonly result: "PASSED" | "FAILED";
  readonly levels: readonly string[];
  readonly verifiedAt?: Date;
  readonly policies: readonly SummaryPolicy[];
  /** What it is about: the `resourceUri` of a VSA, the names of an SVR's subject. */
  readonly resources: readonly string[];
}
