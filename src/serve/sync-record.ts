import type { SyncRecord } from "../argocd/index.ts";
import type { KubeEvent, TellEvent } from "../kube/index.ts";
import type { Recorder } from "../record/index.ts";

const MAX = 16;

/** Logs each answer about a sync, and reports refused ones by an Event on the Application. */
export function syncObserver(
  recorder: Pick<Recorder, "write">,
  tellEvent: TellEvent | undefined,
): (record: SyncRecord) => void {
  return (record) => {
    const { initiatedBy: name } = record;
    recorder.write({ msg: "sync", fields: syncLine(record), person: { key: "initiatedBy", name } });
    const event = eventOn(record);
    if (event !== undefined && !record.dryRun) tellEvent?.(event);
  };
}

/** The one line of an answer, without who began the sync: chosen fields, bounded. */
function syncLine({
  report,
  application,
  seconds,
  ...record
}: SyncRecord): Readonly<Record<string, unknown>> {
  const { askedBy: asked, revisions, dryRun, caller, digests } = record;
  return {
    asked,
    namespace: application.namespace,
    application: application.name,
    revisions: revisions.slice(0, MAX),
    dryRun,
    caller,
    decision: report.decision,
    codes: [...new Set(report.images.flatMap(({ codes }) => codes))].slice(0, MAX),
    digests: digests.slice(0, MAX),
    images: report.images.length,
    ms: Math.round(seconds * 1000),
  };
}

const REASONS = { refused: "SyncRefused", unknown: "SyncUnknown", setup: "SyncUnknown" } as const;

function eventOn({ application, report }: SyncRecord): KubeEvent | undefined {
  const { name, namespace, uid } = application;
  const regarding = {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    namespace,
    name,
    ...(uid !== undefined && { uid }),
  };
  const event = { regarding, action: "Judge", type: "Warning" } as const;
  if (report.decision !== "allowed")
    return { ...event, reason: REASONS[report.decision], note: report.reason };
  const [warning] = report.warnings;
  return warning === undefined ? undefined : { ...event, reason: "SyncWarning", note: warning };
}
