/** Exit codes of every command that judges. */
export const EXIT = {
  /** Everything is allowed, or nothing is wrong. */
  allowed: 0,
  /** Something is refused, or a document has problems. */
  refused: 10,
  /**
   * Something could not be known, be it for a moment or for as long as the set-up stays: a host that settings refuse was
   * not asked, so nothing is known of its images. Whether a retry helps is said by the code.
   */
  unknown: 11,
  /** The command was called wrongly, or its set-up cannot be used. */
  usage: 12,
} as const;
/** One of EXIT. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** A wrong call or set-up: its message goes to stderr, and the command exits 12. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Something that the same call may do later: its message goes to stderr, and the command exits 11. */
export class RetryLater extends Error {
  override readonly name = "RetryLater";
}
