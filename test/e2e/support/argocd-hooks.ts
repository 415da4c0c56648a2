/** A PreSync hook with one container. */
export interface HookOptions {
  readonly kind: "Job" | "Pod";
  readonly name: string;
  /** Fields of its container besides name; the image does not have to exist. */
  readonly container: object;
  readonly volumes?: readonly object[];
  /** Container exit codes that end a Job at once; others count for its backoff limit (default 0). */
  readonly final?: readonly number[];
  readonly backoffLimit?: number;
}

/** A hook that Argo CD runs before it applies anything of a sync, and makes anew for each try. */
export function preSyncHook(options: HookOptions): object {
  const { kind, name, container, volumes = [], final = [], backoffLimit = 0 } = options;
  const metadata = {
    name,
    annotations: {
      "argocd.argoproj.io/hook": "PreSync",
      "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
    },
  };
  const spec = {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    containers: [{ name: "hook", image: "registry.example/hook:1", ...container }],
    volumes,
  };
  if (kind === "Pod") return { apiVersion: "v1", kind, metadata, spec };
  const onExitCodes = { containerName: "hook", operator: "In", values: final };
  const podFailurePolicy = { rules: [{ action: "FailJob", onExitCodes }] };
  return {
    apiVersion: "batch/v1",
    kind,
    metadata,
    spec: { backoffLimit, ...(final.length > 0 && { podFailurePolicy }), template: { spec } },
  };
}
