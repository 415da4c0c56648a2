/** Pull secrets of a pod, and of a service account, that are read. */
export const MAX_PULL_SECRETS = 16;

/** Whose pull secrets may be used for an image: the workload's. All fields absent means the gate's own credentials only. */
export interface PullAccess {
  readonly namespace?: string;
  readonly serviceAccount?: string;
  /** Names of the pod's imagePullSecrets, in the pod's order; the first 16 are read, and that there are more is noticed. */
  readonly pullSecrets?: readonly string[];
}
