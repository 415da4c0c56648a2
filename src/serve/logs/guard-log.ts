import type { GuardRecord } from "../../guard/index.ts";
import type { KubeEvent, TellEvent } from "../../kube/index.ts";

const MODES = "namespacemodes";

/** The line of the record about a decision of the guard, without who asked: chosen fields, bounded. */
export function guardLine(record: GuardRecord): Readonly<Record<string, unknown>> {
  const { uid, decision, reason, operation, subResource, namespace, name, resource } = record;
  const { from, to, rules, dryRun, caller } = record;
  return {
    uid,
    decision,
    reason,
    operation,
    ...(subResource !== "" && { subResource }),
    ...(namespace !== "" && { namespace }),
    name,
    resource,
    from,
    to,
    ...(rules.length > 0 && { rules }),
    dryRun,
    caller,
  };
}

/**
 * The Event of a decision of the guard, in the gate's own namespace: that of a namespace whose mode is changed belongs to
 * the people who are being watched.
 */
export function guardEvent(record: GuardRecord, own: string): KubeEvent {
  const { decision, reason, resource, name } = record;
  const kind = resource === MODES ? "Namespace" : "ConfigMap";
  return {
    regarding: { apiVersion: "v1", kind, namespace: own, name },
    reason: decision === "allowed" ? "GuardAllowed" : "GuardRefused",
    action: actionOf(record),
    type: reason === "as-strict" || reason === "namespace-ends" ? "Normal" : "Warning",
    note: noteOf(record),
  };
}

/**
 * Reports decisions of the guard by Events. Refusals, which anyone can bring about, have a budget of Events of their
 * own and cannot silence what was allowed.
 */
export function createGuardTeller(own: string, createTeller: () => TellEvent): (record: GuardRecord) => void {
  const tellers = { allowed: createTeller(), refused: createTeller() };
  return (record) => {
    if (record.name !== "") tellers[record.decision](guardEvent(record, own)); // else there is nothing to look it up by
  };
}

function actionOf({ resource, operation }: GuardRecord): string {
  if (resource === MODES) return "ChangeMode";
  return operation === "DELETE" ? "DeleteDocument" : "EditDocument";
}

function noteOf(record: GuardRecord): string {
  const { decision, reason, user, name, resource, from, to, rules, subResource, caller } = record;
  const what = resource === MODES ? `the mode of namespace ${name}` : `${resource} (ConfigMap ${name})`;
  const through = subResource === "" ? "" : ` through ${subResource}`;
  const against = rules.length === 0 ? "" : `: ${rules.join(", ")}`;
  const doubt = caller === "verified" ? "" : " (by a caller that was not verified)";
  return `${user} changes ${what}${through} from ${from} to ${to}: ${decision}, ${reason}${against}${doubt}`;
}
