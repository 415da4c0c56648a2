/** Whether the sender of a request has proved to be the API server, or was believed without proof. */
export type CallerProof = "verified" | "unverified";

/** Why the proof of a caller does not count. */
export const CALLER_REFUSALS = [
  "no-certificate",
  "untrusted-certificate",
  "expired-certificate",
  "wrong-name",
] as const;
/** One of CALLER_REFUSALS. */
export type CallerRefusal = (typeof CALLER_REFUSALS)[number];
