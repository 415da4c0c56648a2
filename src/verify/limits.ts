const MIB = 1024 * 1024;

/**
 * Bounds that hold before any cryptography: a bundle of 4 MB with 6,000 log entries costs the verification library
 * 18 seconds, a checkpoint of 40,000 lines 11 seconds.
 */
export const LIMITS = {
  /** Bytes of one attachment that presents itself as a signature, or as nothing. */
  attachmentBytes: 4 * MIB,
  /** Bytes of one attestation: SBOMs and scans are long. The registry client's own limit is usually lower. */
  attestationBytes: 64 * MIB,
  tlogEntries: 8,
  timestamps: 8,
  proofHashes: 64,
  /** Characters of one checkpoint. */
  checkpoint: 4096,
  /** Bytes of one log entry's canonical body, decoded. */
  entryBody: 128 * 1024,
  /** Characters of one certificate's base64. */
  certificate: 16 * 1024,
  certificates: 8,
  subjects: 1024,
  /** Nesting of JSON. */
  depth: 64,
} as const;
