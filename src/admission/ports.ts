import type { CallerProof, Fault, Mode, Verdict } from "../core/index.ts";
import type { Gate } from "../gate/index.ts";
import type { WorkloadPath } from "../workloads/index.ts";
import type { Callers } from "./callers.ts";
import type { WorkloadReview } from "./read-workload.ts";
import type { AnsweredReview } from "./response.ts";

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

/** A decision on a review that was not read: this is all that is known. */
export type UnreadRecord = Pick<DecisionRecord, "uid" | "namespace" | "caller" | "verdict">;

/** What a review of `/guard` came with. */
export interface GuardCircumstances {
  /** The default mode that the webhook configuration was written for, where its path says one. */
  readonly configuredDefault: Mode | undefined;
  /** Aborts when the answer is due. */
  readonly signal: AbortSignal;
  /** Why the body is only its beginning; absent where it is whole. */
  readonly unread: Fault | undefined;
}

/**
 * Answers a review of `/guard`, and refuses what was not read, or not judged when the answer is due: the API server lets pass
 * what it gets no answer to. Undefined where not even a uid could be read. Never rejects.
 */
export type AnswerGuard = (
  body: Uint8Array,
  circumstances: GuardCircumstances,
) => Promise<AnsweredReview | undefined>;

/** What the admission endpoints take from outside. */
export interface AdmissionDeps {
  readonly gate: Gate;
  readonly callers: Callers;
  /** The mode that the namespace's label asks for, as far as it is known. */
  readonly modeOf: (namespace: string) => Mode | undefined;
  /** Custom resources that contain pod specs, in addition to the built-in kinds. */
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
  readonly guard: AnswerGuard;
  /** Called once per decision, after the answer; must not throw. */
  readonly observe: (record: DecisionRecord) => void;
  /**
   * Called once for each refusal or warning of a review that was not read: of too many bytes, or unreadable. What it asked is
   * not known, beyond its uid and perhaps its namespace.
   */
  readonly observeUnread: (record: UnreadRecord) => void;
  /** Called with +1 and -1 around each request. */
  readonly inFlight: (change: 1 | -1) => void;
  /** Called for each review that is answered unread: of too many at once, or of too many bytes. */
  readonly shed: (why: "reviews" | "bytes") => void;
}
