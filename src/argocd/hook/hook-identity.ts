import type { ApplicationName, HookMetadata, PresyncDeps, TokenUser } from "../ports.ts";

const TRACKING_ID = "argocd.argoproj.io/tracking-id";
const INSTALLATION_ID = "argocd.argoproj.io/installation-id";
const POD_NAME = "authentication.kubernetes.io/pod-name";
const POD_UID = "authentication.kubernetes.io/pod-uid";
const ACCOUNT = /^system:serviceaccount:([a-z0-9-]{1,63}):[a-z0-9.-]{1,253}$/;

/** The hook that asks, by what the API server vouches for, and the Application that its metadata hints at. */
export interface HookIdentity {
  readonly kind: "Pod" | "Job";
  readonly namespace: string;
  readonly name: string;
  /** The names of its pod's containers. */
  readonly containers: readonly string[];
  /** Anyone who may create Jobs can write this: it says whom to ask, and proves nothing. */
  readonly hint: HintedApplication;
}

/** The Application that a hook's metadata names. */
export interface HintedApplication {
  readonly name: string;
  /** Absent where the Application lies in the namespace of its Argo CD. */
  readonly namespace?: string;
  readonly installationId?: string;
}

/** Who asks, or why no one can be made out. */
export type Identified =
  | { readonly ok: true; readonly hook: HookIdentity }
  | { readonly ok: false; readonly status: 401 | 403; readonly reason: string };

export type IdentifyOptions = Pick<PresyncDeps, "audience" | "cluster" | "instanceLabels">;

/**
 * From a bound token to the hook's own object: token → pod → the Job that controls it, or the pod itself. Each step
 * compares uids, so that a name that was taken over meanwhile does not count. Rejects where the cluster cannot be asked.
 */
export async function identifyHook(
  token: string,
  { audience, cluster, instanceLabels }: IdentifyOptions,
): Promise<Identified> {
  const user = token === "" ? undefined : await cluster.reviewToken(token, [audience]);
  if (user === undefined)
    return no(401, `the token is not one that this cluster issued for the audience ${audience}`);
  const bound = boundPod(user);
  if (bound === undefined)
    return no(403, "the token is not bound to a pod: mount a projected serviceAccountToken");
  const pod = await cluster.read({ kind: "Pod", ...bound });
  if (pod === undefined || pod.uid !== bound.uid) return no(403, "the token's pod is gone");
  return ownerOf(pod, bound.namespace, { cluster, instanceLabels });
}

/** The hook that a Job is, if it is there and Argo CD applied it. Rejects where the cluster cannot be asked. */
export async function hookOfJob(
  { namespace, name, uid }: Record<"namespace" | "name" | "uid", string>,
  { cluster, instanceLabels }: Omit<IdentifyOptions, "audience">,
): Promise<HookIdentity | undefined> {
  const job = await cluster.read({ kind: "Job", namespace, name });
  if (job === undefined || job.uid !== uid) return undefined;
  const found = withHint({ kind: "Job", namespace, name, containers: [] }, job, instanceLabels);
  return found.ok ? found.hook : undefined;
}

/** A Pod, if it is there, and the hook that it belongs to, if Argo CD applied that. Rejects where the cluster cannot be asked. */
export async function hookOfPod(
  { namespace, name, uid }: Record<"namespace" | "name" | "uid", string>,
  deps: Omit<IdentifyOptions, "audience">,
): Promise<{ readonly pod: HookMetadata; readonly hook: HookIdentity | undefined } | undefined> {
  const pod = await deps.cluster.read({ kind: "Pod", namespace, name });
  if (pod === undefined || pod.uid !== uid) return undefined;
  const found = await ownerOf(pod, namespace, deps);
  return { pod, hook: found.ok ? found.hook : undefined };
}

function boundPod({ username, extra }: TokenUser): Record<"namespace" | "name" | "uid", string> | undefined {
  const namespace = ACCOUNT.exec(username)?.[1];
  const name = extra[POD_NAME]?.[0];
  const uid = extra[POD_UID]?.[0];
  return namespace && name && uid ? { namespace, name, uid } : undefined;
}

async function ownerOf(
  pod: HookMetadata,
  namespace: string,
  { cluster, instanceLabels }: Omit<IdentifyOptions, "audience">,
): Promise<Identified> {
  const hinted = (kind: HookIdentity["kind"], object: HookMetadata): Identified =>
    withHint(
      { kind, namespace, name: object.name, containers: pod.containers ?? [] },
      object,
      instanceLabels,
    );
  const owner = pod.ownerReferences?.find(({ controller }) => controller);
  if (owner === undefined) return hinted("Pod", pod);
  if (owner.kind !== "Job" || !owner.apiVersion.startsWith("batch/"))
    return no(403, `the pod belongs to a ${owner.kind.slice(0, 60)}; a hook is a Job or a Pod`);
  const job = await cluster.read({ kind: "Job", namespace, name: owner.name });
  if (job === undefined || job.uid !== owner.uid) return no(403, "the pod's Job is gone");
  return hinted("Job", job);
}

function withHint(
  hook: Omit<HookIdentity, "hint">,
  { annotations, labels }: HookMetadata,
  instanceLabels: readonly string[],
): Identified {
  const label = instanceLabels.map((each) => labels?.[each]).find((each) => each !== undefined);
  const text = annotations?.[TRACKING_ID]?.split(":")[0] ?? label ?? "";
  const application = applicationIn(text);
  if (application === undefined)
    return no(
      403,
      `the ${hook.kind} has no ${TRACKING_ID}, and none of the labels ${instanceLabels.join(", ")}: it was not applied by Argo CD`,
    );
  const installationId = annotations?.[INSTALLATION_ID];
  const hint = { ...application, ...(installationId !== undefined && { installationId }) };
  return { ok: true, hook: { ...hook, hint } };
}

/** `app`, or `namespace_app`; no name can hold an underscore. */
function applicationIn(
  text: string,
): (Partial<Pick<ApplicationName, "namespace">> & { name: string }) | undefined {
  const parts = text.split("_");
  if (text === "" || parts.length > 2 || parts.includes("")) return undefined;
  return parts.length === 1 ? { name: text } : { namespace: parts[0]!, name: parts[1]! };
}

function no(status: 401 | 403, reason: string): Identified {
  return { ok: false, status, reason };
}
