import type { ApplicationName, HookMetadata, PresyncDeps } from "../ports.ts";
import { argoCdOf } from "./argo-cd-of.ts";
import { type HookIdentity, hookOfJob, hookOfPod } from "./hook-identity.ts";
import { runningOperation } from "./running-operation.ts";

/** A Job or a Pod about which something was reported. */
export interface ReportedHook {
  readonly kind: "Job" | "Pod";
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/** What people should read about a hook on its Application. */
export interface HookNotice {
  readonly application: ApplicationName & { readonly uid: string | undefined };
  readonly reason: "HookNotStarted" | "HookUnanswered";
  readonly note: string;
}

/** What is asked about a hook. */
export type WaitingHookDeps = Pick<PresyncDeps, "cluster" | "argoCds" | "instanceLabels" | "waitMs">;

/** A hook of the gate's that a running operation waits for. */
export interface WaitingHook {
  readonly hook: HookIdentity;
  /** Its pod, where the report was about one. */
  readonly pod: HookMetadata | undefined;
  readonly application: HookNotice["application"];
}

/** The hook's chart names the Job or Pod so; a Job's pod has a suffix. */
const HOOK_NAME = { Job: /mc-presync$/, Pod: /mc-presync(?:-[a-z0-9]{1,10})?$/ };

/**
 * The hook that a report is about, where it is one of the gate's, of an operation that is running and says so itself;
 * undefined for any other Job or Pod, and for a pod that `isWaiting` denies. Rejects where the cluster or Argo CD does not
 * answer.
 */
export async function waitingHook(
  reported: ReportedHook,
  deps: WaitingHookDeps,
  isWaiting: (pod: HookMetadata | undefined) => boolean = () => true,
): Promise<WaitingHook | undefined> {
  const { hook, pod } = await hookOf(reported, deps);
  const argoCd = hook && argoCdOf(hook, deps.argoCds);
  if (hook === undefined || argoCd === undefined || !isWaiting(pod)) return undefined;
  const name = { namespace: hook.hint.namespace ?? argoCd.namespace, name: hook.hint.name };
  const { application } = await runningOperation(
    hook,
    (signal) => argoCd.application(name, signal),
    AbortSignal.timeout(deps.waitMs),
  );
  return { hook, pod, application: { ...name, uid: application.metadata.uid } };
}

async function hookOf(
  reported: ReportedHook,
  deps: WaitingHookDeps,
): Promise<{ readonly hook?: HookIdentity | undefined; readonly pod?: HookMetadata }> {
  if (!HOOK_NAME[reported.kind].test(reported.name)) return {};
  if (reported.kind === "Job") return { hook: await hookOfJob(reported, deps) };
  return (await hookOfPod(reported, deps)) ?? {};
}
