import type { AdmissionRequest } from "../admission/index.ts";
import { type CallerProof, printable } from "../core/index.ts";
import type { MissingRight } from "./edit-rights.ts";

/**
 * Why a guarded change may pass: it takes nothing away, the requester holds the right, or the whole namespace is being
 * deleted. The set is closed: it labels a metric.
 */
type PassReason = "as-strict" | "by-right" | "namespace-ends";
/** Why it may not: what it says cannot be used, it carries an approval by its editor, no right permits it, or the right is not there. */
type RefusalReason = "unreadable" | "own-approval" | "forbidden-edit" | MissingRight["reason"];

/** What comes of a guarded change, and why. */
export type GuardOutcome =
  | { readonly decision: "allowed"; readonly reason: PassReason }
  | { readonly decision: "refused"; readonly reason: RefusalReason };

/** One decision of the guard, for the log, the metrics and an Event. Bounded; holds no text of a document. */
export type GuardRecord = GuardOutcome & {
  readonly uid: string;
  readonly user: string;
  readonly operation: string;
  readonly subResource: string;
  /** The ConfigMap's namespace; empty for a namespace's mode. */
  readonly namespace: string;
  /** Of the ConfigMap, or of the namespace whose mode it is. */
  readonly name: string;
  /** What rights call it: `policies`, `waivers`, `revocations`, `enforcement`, `settings`, `namespacemodes`; `unread` where it is not known. */
  readonly resource: string;
  /** A mode, or the beginning of a text's digest; `none` where there was nothing. */
  readonly from: string;
  readonly to: string;
  /** Names of the rules that speak against the change, no matter who may make it. */
  readonly rules: readonly string[];
  readonly dryRun: boolean;
  readonly caller: CallerProof;
};

const MAX_RULES = 16;

/** The record of a change that is refused because it could not be read: nothing but its uid is known of it. */
export function unreadRecord(uid: string, caller: CallerProof): GuardRecord {
  return {
    decision: "refused",
    reason: "unreadable",
    uid: printable(uid, 128),
    user: "",
    operation: "",
    subResource: "",
    namespace: "",
    name: "",
    resource: "unread",
    from: "unknown",
    to: "unknown",
    rules: [],
    dryRun: false,
    caller,
  };
}

/** What a guarded change is about. */
export type GuardedChange = Pick<GuardRecord, "resource" | "name" | "from" | "to" | "caller"> & {
  readonly rules?: readonly string[];
};

/** The record of a decision, with what the request says made fit for a log. */
export function guardRecord(
  { uid, userInfo, operation, subResource, namespace, kind, dryRun }: AdmissionRequest,
  { resource, name, from, to, caller, rules = [] }: GuardedChange,
  outcome: GuardOutcome,
): GuardRecord {
  return {
    ...outcome,
    uid: printable(uid, 128),
    user: printable(userInfo.username, 253),
    operation,
    subResource: printable(subResource, 63),
    namespace: kind.kind === "Namespace" ? "" : printable(namespace, 63),
    name: printable(name, 253),
    resource,
    from: printable(from, 63),
    to: printable(to, 63),
    rules: [...new Set(rules)].slice(0, MAX_RULES),
    dryRun: dryRun === true,
    caller,
  };
}
