import type { Digest } from "./digest.ts";
import type { Finding, Objection } from "./finding.ts";
import type { Mode } from "./mode.ts";

/** A finding that a waiver covers. */
export interface Waived {
  readonly finding: Finding;
  readonly waiver: {
    readonly id: string;
    readonly owners: readonly string[];
    /** First instant at which it no longer counts. */
    readonly until: Date;
    /** How long it still counted when it was used, ms; 0 where it had ended. */
    readonly leftMs: number;
  };
}

/** What was learnt of one image, for audit annotations and `mc verify`. */
export interface ImageSummary {
  readonly image: string;
  /** The registry's host; absent where the text is not a reference. */
  readonly registry?: string;
  readonly digest?: Digest;
  /** Names of the policy rules that asked something of it. */
  readonly rules: readonly string[];
  /** Who signed what, one short clause each; at most 8. */
  readonly proofs: readonly string[];
  /** How old the evidence was, in ms; absent where none was needed or none was had. */
  readonly evidenceAgeMs?: number;
  /** Why older evidence was used: the fault met on refreshing it. */
  readonly staleBecause?: string;
}

/** A switch that turns enforce into advisory for a while, as a verdict names it. */
export interface AppliedSwitch {
  readonly id: string;
  /** `all namespaces`, `namespace shop`, `rule app`. */
  readonly scope: string;
  readonly by: string;
  readonly reason: string;
  readonly ticket: string;
  /** First instant at which enforcement is back. */
  readonly until: Date;
}

/** The answer. `deny` only in enforce; `warn` where an advisory namespace would have been refused. */
export interface Verdict {
  readonly decision: "allow" | "warn" | "deny";
  readonly mode: Mode;
  /** What speaks against it: empty exactly where the decision is allow. */
  readonly objections: readonly Objection[];
  readonly waived: readonly Waived[];
  /** Objections that a waiver would have set aside, had it not ended. */
  readonly expired?: readonly Waived[];
  readonly judged: readonly ImageSummary[];
  /** The switches by which the namespace would not be refused what it otherwise is; absent where none is in force for it. */
  readonly switches?: readonly AppliedSwitch[];
}
