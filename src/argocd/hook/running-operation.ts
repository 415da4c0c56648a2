import { setTimeout as sleep } from "node:timers/promises";

import { asFault, Fault } from "../../core/index.ts";
import { type Application, initiatorOf, readApplication } from "../application.ts";
import type { OperationSources } from "../target/wanted-target.ts";
import type { HookIdentity } from "./hook-identity.ts";

const FIRST_PAUSE_MS = 150;
const MAX_PAUSE_MS = 2000;

/** An Application that says by itself that a hook is its own, and what it is about to apply. */
export interface RunningOperation {
  readonly application: Application;
  readonly declared: OperationSources;
  readonly initiatedBy: string;
}

/**
 * Waits until the Application's running operation lists exactly this hook: only then is the hint more than a claim. Argo CD
 * writes that state a moment after it has started the hook. Rejects with Fault target/unavailable when the signal aborts
 * first, which is what a forged hook comes to.
 */
export async function runningOperation(
  hook: HookIdentity,
  read: (signal: AbortSignal) => Promise<unknown>,
  signal: AbortSignal,
): Promise<RunningOperation> {
  const { name } = hook.hint;
  let pause = FIRST_PAUSE_MS;
  try {
    for (;;) {
      const application = readApplication(await read(signal));
      const running = operationOf(application, hook);
      if (running !== undefined) return running;
      await sleep(pause, undefined, { signal });
      pause = Math.min(pause * 1.5, MAX_PAUSE_MS);
    }
  } catch (error) {
    if (!signal.aborted) throw asFault(error);
    const message = `no running operation of the Application ${name} lists this ${hook.kind} as its PreSync hook`;
    throw new Fault("target/unavailable", message, { cause: error });
  }
}

function operationOf(application: Application, hook: HookIdentity): RunningOperation | undefined {
  const state = application.status?.operationState;
  const result = state?.syncResult;
  if (state?.phase !== "Running" || !result?.resources?.some((each) => isHook(each, hook))) return undefined;
  const { source, sources, revision, revisions } = result;
  const declared = { source, sources, revision, revisions, manifests: state.operation.sync?.manifests };
  return isSettled(declared)
    ? { application, declared, initiatedBy: initiatorOf(state.operation) }
    : undefined;
}

type Listed = NonNullable<
  NonNullable<NonNullable<NonNullable<Application["status"]>["operationState"]>["syncResult"]>["resources"]
>[number];

/**
 * A retry leaves the list of the attempt before in place until its first wave is through, and with it that attempt's
 * revision, which need not be its own: there the hook has ended. Source: argo-cd, controller/appcontroller.go,
 * setOperationState, a merge patch that drops nothing.
 */
function isHook(listed: Listed, hook: HookIdentity): boolean {
  const { group, kind, namespace, name, hookType, hookPhase } = listed;
  const isKind = kind === hook.kind && (group ?? "") === (kind === "Job" ? "batch" : "");
  const isThis = isKind && namespace === hook.namespace && name === hook.name;
  return isThis && hookType === "PreSync" && hookPhase === "Running";
}

/**
 * Argo CD resolves revisions as it begins; a sync of manifests that came with the operation has none. Source: argo-cd,
 * controller/state.go, CompareAppState.
 */
function isSettled({ revision, revisions, manifests }: OperationSources): boolean {
  return Boolean(revision) || (revisions?.length ?? 0) > 0 || (manifests?.length ?? 0) > 0;
}
