import type { ReadPartsElsewhere } from "../admission/index.ts";
import type { CallerProof, Mode } from "../core/index.ts";
import type { Authorize } from "./edit-rights.ts";
import type { GuardedDocument } from "./guard-documents.ts";
import type { GuardRecord } from "./guard-record.ts";

/** What the guard takes from outside. */
export interface GuardDeps {
  /** Whether callers have to prove that they are the API server. */
  readonly caller: CallerProof;
  readonly guarded: readonly GuardedDocument[];
  /** The mode of namespaces without a label. */
  readonly defaultMode: Mode;
  /** Asks the cluster's authorizer. */
  readonly may: Authorize;
  /** Whether a namespace is known to be being deleted. */
  readonly isTerminating: (namespace: string) => boolean;
  /** Called once per decision, before its answer; must not throw. */
  readonly observe: (record: GuardRecord) => void;
  /** Reads large reviews in another thread; in this one where absent. */
  readonly readPartsElsewhere?: ReadPartsElsewhere;
}
