import type { CallerProof, Mode, Verdict } from "../core/index.ts";
import type { Gate } from "../gate/index.ts";
import type { WorkloadPath } from "../workloads/index.ts";
import type { Callers } from "./callers.ts";
import type { May } from "./edit-rights.ts";
import type { GuardRecord } from "./guard-record.ts";
import type { GuardedDocument } from "./guard.ts";
import type { WorkloadReview } from "./read-workload.ts";
import type { ReadPartsElsewhere } from "./review-parts.ts";

/** One decision, for the log and the metrics. Bounded; holds no secrets. */
export interface DecisionRecord {
  readonly uid: string;
  readonly namespace: string;
  /** `apps/Deployment`, at most 120 characters. */
  readonly kind: string;
  readonly name: string;
  /** Who sent the request to the API server, at most 253 characters. */
  readonly user: string;
  readonly operation: string;
  readonly dryRun: boolean;
  readonly caller: CallerProof;
  readonly verdict: Verdict;
  /** Time from the request's first bytes to its answer, seconds. */
  readonly seconds: number;
}

/** What the admission endpoints take from outside. */
export interface AdmissionDeps {
  readonly gate: Gate;
  readonly callers: Callers;
  /** The mode that the namespace's label asks for, as far as it is known. */
  readonly modeOf: (namespace: string) => Mode | undefined;
  /** Custom resources that carry pod specs, besides the built-in kinds. */
  readonly workloads: readonly WorkloadPath[];
  /**
   * Reads a large review in another thread, as `readWorkload` does, as the share of its namespace; in this one where absent.
   * Rejects with faults.
   */
  readonly readLarge?: (
    namespace: string,
    bytes: Uint8Array,
    workloads: readonly WorkloadPath[],
  ) => Promise<WorkloadReview>;
  /** Reads large reviews for the guard in another thread; in this one where absent. */
  readonly readPartsElsewhere?: ReadPartsElsewhere;
  readonly guarded: readonly GuardedDocument[];
  /** The mode of namespaces without a label. */
  readonly defaultMode: Mode;
  /** Asks the cluster's authorizer. */
  readonly may: May;
  /** Whether a namespace is known to be being deleted. */
  readonly isTerminating: (namespace: string) => boolean;
  /** Called once per decision of the guard, before its answer; must not throw. */
  readonly observeGuard: (record: GuardRecord) => void;
  /** Called once per decision, after the answer; must not throw. */
  readonly observe: (record: DecisionRecord) => void;
  /** Called with +1 and -1 around each request. */
  readonly inFlight: (change: 1 | -1) => void;
  /** Called for each review that is answered without a look at it: of too many at once, or of too many bytes. */
  readonly shed: (why: "reviews" | "bytes") => void;
}
