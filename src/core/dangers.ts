/**
 * Settings that give up a protection, and what each gives up. Lint reports them, and the metric `mc_gate_dangers` counts
 * those in force, under these names.
 */
export const DANGERS = {
  plainHttpUnsafe: "a registry is read without TLS",
  allowLoopbackUnsafe: "a registry's name may resolve to a loopback address",
  transparencyLogNotRequiredUnsafe: "signatures count without a log entry",
  certificateTransparencyNotRequiredUnsafe: "certificates count without a signed certificate timestamp",
  unmatchedAllow: "images that no rule covers are admitted",
} as const;
/** The name of a dangerous setting. */
export type DangerName = keyof typeof DANGERS;

/** A dangerous setting in a document, and its place there. */
export interface Danger {
  readonly name: DangerName;
  readonly path: readonly string[];
}
