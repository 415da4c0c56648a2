import { isDeepStrictEqual } from "node:util";

import type { AdmissionRequest } from "../../admission/index.ts";
import { type Application, initiatorOf, type OperationState, type SyncOperation } from "../application.ts";
import { namesSources } from "../target/wanted-target.ts";
import { mergedByGo } from "./merged-by-go.ts";

/** A sync that Argo CD would run, or continue with. */
export interface PendingSync {
  readonly sync: SyncOperation;
  readonly initiatedBy: string;
  /** Whether a retry of it would take the newest revisions, whatever these are. */
  readonly refreshes: boolean;
}

/** Phases in which an operation is over. Source: argo-cd, gitops-engine, OperationPhase.Completed. */
const COMPLETED: readonly string[] = ["Succeeded", "Failed", "Error"];
/** The phase of an operation that is being ended. */
export const TERMINATING = "Terminating";
const RUNNING = "Running";

/** Which parts of an Application a change touches, of those that say what runs. */
export interface TouchedParts {
  readonly operation: boolean;
  readonly spec: boolean;
  /** What `status.operationState` says of what runs; its messages and results say nothing of it. */
  readonly state: boolean;
}

/** What a change of an Application touches. The old object is undefined where it is made. */
export function touchedParts({
  object,
  oldObject,
}: Pick<AdmissionRequest, "object" | "oldObject">): TouchedParts {
  const differs = (read: (value: unknown) => unknown): boolean =>
    !isDeepStrictEqual(read(object), read(oldObject));
  return {
    operation: differs((value) => partOf(value, "operation")),
    spec: differs((value) => partOf(value, "spec")),
    state: differs(runningPart),
  };
}

/**
 * Every sync that an Application with an operation could have Argo CD run. One that is in progress is taken up from
 * `status.operationState`, whatever `.operation` says: with the sources and revisions of its result, or, for a retry, of
 * its own operation. Any of them that is a dry run, or no sync, applies nothing, and neither does one that is being
 * terminated; an operation that comes meanwhile may be there still when that is over. Where only the spec is touched, a
 * result stays what it was judged as. Source: argo-cd,
 * controller/appcontroller.go, processRequestedAppOperation; controller/sync.go, SyncAppState.
 */
export function pendingSyncs(
  { spec, operation, status }: Pick<Application, "spec" | "operation" | "status">,
  touched: Pick<TouchedParts, "operation" | "state">,
): PendingSync[] {
  if (!operation) return [];
  const state = status?.operationState;
  if (state?.phase === TERMINATING) return touched.operation ? pending(operation) : [];
  const found = [...pending(operation), ...fromState(operation, { state, spec, touched })];
  return found.filter((one, at) => found.findIndex((each) => isSame(each, one)) === at);
}

interface StateContext {
  readonly state: OperationState | null | undefined;
  readonly spec: Application["spec"];
  readonly touched: Pick<TouchedParts, "operation" | "state">;
}

/** The syncs that result from what a state says, in addition to the operation's own. */
function fromState(
  operation: OperationState["operation"],
  { state, spec, touched }: StateContext,
): PendingSync[] {
  if (!state) return [];
  if (isOver(state)) return afterAnother(operation, state, spec);
  const isAnother = touched.operation || touched.state;
  return [...pending(state.operation), ...(isAnother ? resumed(state, spec) : [])];
}

function pending(operation: OperationState["operation"]): PendingSync[] {
  const { sync, retry } = operation;
  if (!sync || sync.dryRun === true) return [];
  return [{ sync, initiatedBy: initiatorOf(operation), refreshes: retry?.refresh === true }];
}

/**
 * What an operation comes to next to the state of one that is over. Up to 3.5, Argo CD writes the new state over the
 * old one by a merge patch, and continues with what that has left: with manifests, sources and parameters of the old
 * state that the new one does not have. Its own ways to start an operation remove the old state first. Source: argo-cd,
 * controller/appcontroller.go, setOperationState; util/argo, SetAppOperation.
 */
function afterAnother(
  operation: OperationState["operation"],
  { operation: before, syncResult }: OperationState,
  spec: Application["spec"],
): PendingSync[] {
  const merged = mergedByGo(before, operation) as OperationState["operation"];
  return [...pending(merged), ...withResult(merged, mergedResult(syncResult, operation.sync, spec))];
}

/**
 * The result is what Argo CD continues with. A running state that has an end waits for a retry, whose result is written
 * over the one before; without its end, it waits no more.
 */
function resumed(
  { phase, operation, syncResult, finishedAt }: OperationState,
  spec: Application["spec"],
): PendingSync[] {
  const waitsForRetry = phase === RUNNING && Boolean(finishedAt);
  const retried = waitsForRetry ? mergedResult(syncResult, operation.sync, spec) : undefined;
  return [...withResult(operation, syncResult), ...withResult(operation, retried)];
}

type SyncResult = OperationState["syncResult"];

function withResult(operation: OperationState["operation"], result: SyncResult): PendingSync[] {
  if (!result) return [];
  const { source, sources, revision, revisions } = result;
  return pending(operation).map((each) => ({
    ...each,
    sync: { ...each.sync, source, sources, revision, revisions },
  }));
}

/** The result with which a sync begins, as it is once it is merged into one from before. */
function mergedResult(
  before: SyncResult,
  sync: OperationState["operation"]["sync"],
  spec: Application["spec"],
): SyncResult {
  if (!before) return before;
  const { source, sources } = sync && namesSources(sync) ? sync : spec;
  return {
    ...(mergedByGo({ source: before.source, sources: before.sources }, { source, sources }) as object),
    revision: sync?.revision,
    revisions: sync?.revisions,
  };
}

/** Whether a state says that an operation is in progress, in any phase that is not an end of it. */
export function isUnderWay({ phase }: OperationState): boolean {
  return phase !== TERMINATING && !COMPLETED.includes(phase);
}

/** Whether a state says that its operation is over. */
export function isOver({ phase }: OperationState): boolean {
  return COMPLETED.includes(phase);
}

function isSame(one: PendingSync, other: PendingSync): boolean {
  const keys = ["source", "sources", "revision", "revisions", "manifests", "resources"] as const;
  const isEqual = keys.every((key) =>
    isDeepStrictEqual(one.sync[key] ?? undefined, other.sync[key] ?? undefined),
  );
  return isEqual && one.refreshes === other.refreshes;
}

/** Whether an Application as it was sent has an operation: an empty one has Argo CD read its state, too. */
export function hasOperation(application: unknown): boolean {
  return partOf(application, "operation") !== undefined;
}

function runningPart(application: unknown): unknown {
  const state = partOf(partOf(application, "status"), "operationState");
  const result = partOf(state, "syncResult");
  const ofState = ["phase", "operation", "finishedAt"].map((key) => partOf(state, key));
  const ofResult = ["source", "sources", "revision", "revisions"].map((key) => partOf(result, key));
  return [...ofState, ...ofResult];
}

function partOf(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[key] ?? undefined;
}
