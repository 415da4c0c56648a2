/** Whose pull secrets may be used for an image: the workload's. All fields absent means the gate's own credentials only. */
export interface PullAccess {
  readonly namespace?: string;
  readonly serviceAccount?: string;
  /** Names of the pod's imagePullSecrets, in the pod's order; at most 16 are checked. */
  readonly pullSecrets?: readonly string[];
}
