import { printable } from "../../core/index.ts";
import { type HookNotice, type ReportedHook, type WaitingHookDeps, waitingHook } from "./waiting-hook.ts";

/** A report about a Job or a Pod, and what it says. */
export interface ReportedTrouble extends ReportedHook {
  /** As Kubernetes calls it: `FailedCreate`. */
  readonly reason: string;
  readonly message: string;
}

interface Trouble {
  /** What is wrong, after "whose". */
  readonly what: string;
  /** Messages that say nothing of the cause; another one of the same trouble does. */
  readonly without?: RegExp;
  /** What to do; each that fits is said. */
  readonly advice: readonly (readonly [RegExp, string])[];
  readonly otherwise: string;
}

const POD_SECURITY = "Set `podSecurityContext` of the hook's chart to what the namespace allows";

const TROUBLES: Readonly<Record<string, Trouble>> = {
  FailedCreate: {
    what: "pod cannot be created",
    advice: [
      [/quota/i, "Raise the quota, or lower `resources` of the hook's chart"],
      [
        /(?:minimum|maximum) .*(?:usage|ratio)|limit range/i,
        "Set `resources` of the hook's chart to what the LimitRange allows",
      ],
      [/PodSecurity|security context constraint/i, POD_SECURITY],
    ],
    otherwise: "With `kind: Pod` the hook's chart creates a Pod, whose refusal the sync itself shows",
  },
  FailedScheduling: {
    what: "pod is accepted by no node",
    advice: [
      [/taint/i, "Set `tolerations` of the hook's chart to what the nodes' taints ask for"],
      [/selector|affinity/i, "Set `nodeSelector` of the hook's chart to labels that a node has"],
      [/insufficient|too many pods/i, "Lower `resources` of the hook's chart, or add a node"],
    ],
    otherwise: "Add a node that accepts the pod",
  },
  FailedMount: {
    what: "volumes cannot be mounted",
    without: /not registered/, // for a moment, as a pod starts
    advice: [[/not found/i, "Create the object that the volume names, or take the volume out of the hook"]],
    otherwise: "Correct the volumes of the hook's pod",
  },
  Failed: {
    what: "container cannot be created",
    without: /^Error: (?:ErrImagePull|ImagePullBackOff)$/,
    advice: [
      [
        /pull/i,
        "Set `imagePullSecrets` of the hook's chart, and `image` to one that the nodes can pull, by digest",
      ],
      [
        /(?:secret|configmap) "[^"]*" not found/i,
        "Create the object that the container names, or take it out of the hook",
      ],
      [/non-?root/i, POD_SECURITY],
    ],
    otherwise: "Correct the container of the hook's pod",
  },
};

/**
 * What to say about a Job or a Pod that cannot start, if it is a hook of the gate's that a sync waits for; undefined for any other, and
 * for reports that say nothing of a cause. Rejects where the cluster or Argo CD does not answer.
 */
export async function unstartedHook(
  { reason, message, ...reported }: ReportedTrouble,
  deps: WaitingHookDeps,
): Promise<HookNotice | undefined> {
  const trouble = Object.hasOwn(TROUBLES, reason) ? TROUBLES[reason] : undefined;
  if (trouble === undefined || trouble.without?.test(message)) return undefined;
  const waiting = await waitingHook(reported, deps);
  if (waiting === undefined) return undefined;
  const { namespace, name } = waiting.hook;
  const fitting = trouble.advice.filter(([pattern]) => pattern.test(message)).map(([, advice]) => advice);
  const advice = fitting.length > 0 ? fitting.join(". ") : trouble.otherwise;
  return {
    application: waiting.application,
    reason: "HookNotStarted",
    note: `The sync waits for its hook ${namespace}/${name}, whose ${trouble.what}: ${printable(message, 500)}. ${advice}.`,
  };
}
