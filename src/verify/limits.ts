const MIB = 1024 * 1024;

/**
 * Bounds that hold before any cryptography: a bundle of 4 MB with 6,000 log entries costs the verification library
 * 18 seconds, a checkpoint of 40,000 lines 11 seconds.
 */
export const LIMITS = {
  /** What is larger is verified by its own thread, whatever it presents itself as: anyone may write a hint. */
  smallBytes: 4 * MIB,
  /** Bytes of one attachment: SBOMs and scans are long. The registry client's own limit is usually lower. */
  attachmentBytes: 128 * MIB,
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
