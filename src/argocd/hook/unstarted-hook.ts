import { printable } from "../../core/index.ts";
import type { ApplicationName, PresyncDeps } from "../ports.ts";
import { argoCdOf } from "./argo-cd-of.ts";
import { hookOfJob } from "./hook-identity.ts";
import { runningOperation } from "./running-operation.ts";

/** A Job without a pod, and why its controller could create none. */
export interface UnstartedHook {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly message: string;
}

/** What people should read of a hook that cannot start. */
export interface HookNotice {
  readonly application: ApplicationName & { readonly uid: string | undefined };
  readonly note: string;
}

/** What is asked about a Job. */
export type UnstartedHookDeps = Pick<PresyncDeps, "cluster" | "argoCds" | "instanceLabels" | "waitMs">;

const ADVICE: readonly (readonly [RegExp, string])[] = [
  [/quota/i, "Raise the quota, or lower `resources` of the hook's chart"],
  [
    /(?:minimum|maximum) .*(?:usage|ratio)|limit range/i,
    "Set `resources` of the hook's chart to what the LimitRange allows",
  ],
  [
    /PodSecurity|security context constraint/i,
    "Set `podSecurityContext` of the hook's chart to what the namespace allows",
  ],
];
const OTHERWISE = "With `kind: Pod` the hook's chart creates a Pod, whose refusal the sync itself shows";

/**
 * What to report about a Job that cannot create its pod: a hook of the gate's, of an operation that is running and says so itself;
 * undefined for any other Job. Rejects where the cluster or Argo CD does not answer.
 */
export async function unstartedHook(
  { message, ...job }: UnstartedHook,
  deps: UnstartedHookDeps,
): Promise<HookNotice | undefined> {
  if (!job.name.endsWith("mc-presync")) return undefined;
  const hook = await hookOfJob(job, deps);
  const argoCd = hook && argoCdOf(hook, deps.argoCds);
  if (hook === undefined || argoCd === undefined) return undefined;
  const name = { namespace: hook.hint.namespace ?? argoCd.namespace, name: hook.hint.name };
  const { application } = await runningOperation(
    hook,
    (signal) => argoCd.application(name, signal),
    AbortSignal.timeout(deps.waitMs),
  );
  const [, advice] = ADVICE.find(([pattern]) => pattern.test(message)) ?? ["", OTHERWISE];
  const why = printable(message, 600);
  return {
    application: { ...name, uid: application.metadata.uid },
    note: `The sync waits for its hook ${job.namespace}/${job.name}, whose pod cannot be created: ${why}. ${advice}.`,
  };
}
