import { type Hook, isHookName, namingOf, sourcesOf } from "./hook.ts";
import type { OperationState } from "./objects.ts";

/** What the last sync shows of the hook, no matter who brought it. */
export type LastSync =
  /** It is among what was synced. */
  | "ran"
  /** It was a whole sync with hooks, which succeeded without it. */
  | "did-not-run"
  /** There was none that would have shown it. */
  | "unknown";

type Result = NonNullable<NonNullable<OperationState["syncResult"]>["resources"]>[number];

/** What an Application's own record of its last sync says of the hook. */
export function lastSyncOf(state: OperationState | null | undefined): LastSync {
  const resources = state?.syncResult?.resources ?? [];
  if (resources.some(isHook)) return "ran";
  if (state?.phase !== "Succeeded" || resources.length === 0 || !ranHooks(state)) return "unknown";
  return "did-not-run";
}

/** Whether what was synced last named the hook, so that nothing else need have brought it. */
export function namedLastSync(state: OperationState | null | undefined, hook: Hook): boolean {
  return state?.syncResult ? namingOf(sourcesOf(state.syncResult), hook) !== undefined : false;
}

function isHook({ group, kind, name, hookType }: Result): boolean {
  const isKind = kind === "Pod" ? !group : kind === "Job" && group === "batch";
  return isKind && isHookName(name) && hookType === "PreSync";
}

/** Argo CD leaves hooks out of a sync of single resources and of one by `apply`, as self-heal and rollback are. */
function ranHooks({ operation: { sync } }: OperationState): boolean {
  if (!sync || sync.dryRun || (sync.manifests?.length ?? 0) > 0) return false;
  return (sync.resources?.length ?? 0) === 0 && !sync.syncStrategy?.apply;
}
