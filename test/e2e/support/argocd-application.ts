import { application, type ApplicationOptions, ARGOCD_NAMESPACE } from "./argocd-objects.ts";
import type { Cluster } from "./cluster.ts";
import { eventually } from "./process.ts";

/** What Argo CD says about one object of a sync. */
interface SyncedObject {
  readonly kind: string;
  readonly name: string;
  readonly status?: string;
  readonly hookType?: string;
  readonly hookPhase?: string;
  readonly message?: string;
}

/** What a person finds in an Application's status. */
export interface ApplicationStatus {
  /** `Synced` or `OutOfSync`; absent until Argo CD has looked at it. */
  readonly sync?: {
    readonly status: string;
    readonly revision?: string;
    readonly revisions?: readonly string[];
  };
  readonly health?: { readonly status: string };
  readonly conditions?: readonly { readonly type: string; readonly message: string }[];
  readonly operationState?: {
    readonly phase: string;
    readonly message?: string;
    readonly retryCount?: number;
    readonly startedAt: string;
    readonly syncResult?: { readonly revision?: string; readonly resources?: readonly SyncedObject[] };
  };
}

/** An Application in a cluster. */
export interface RunningApplication {
  readonly name: string;
  readonly status: () => Promise<ApplicationStatus>;
  /** Polls until the condition gives something other than undefined. */
  readonly until: <T>(
    what: string,
    condition: (status: ApplicationStatus) => T | undefined,
    timeoutMs?: number,
  ) => Promise<T>;
  /** Has Argo CD look at git again, and waits until it knows this revision. */
  readonly refresh: (revision: string) => Promise<void>;
}

/** Creates an Application and waits until Argo CD has looked at it. */
export async function createApplication(
  { kubectlOk }: Cluster,
  options: ApplicationOptions,
): Promise<RunningApplication> {
  const { name, namespace = ARGOCD_NAMESPACE } = options;
  const inNamespace = ["-n", namespace];
  await kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(application(options)) });
  const status = async () => {
    const text = await kubectlOk([...inNamespace, "get", "application", name, "-o", "json"]);
    return (JSON.parse(text) as { readonly status?: ApplicationStatus }).status ?? {};
  };
  const until: RunningApplication["until"] = (what, condition, timeoutMs = 60_000) =>
    eventually(`${what} of ${name}`, async () => condition(await status()), timeoutMs);
  await until("a first look", ({ sync }) => sync?.status);
  return {
    name,
    status,
    until,
    refresh: async (revision) => {
      const annotate = ["annotate", "--overwrite", "application", name, "argocd.argoproj.io/refresh=normal"];
      await kubectlOk([...inNamespace, ...annotate]);
      await until("the new revision", ({ sync }) => {
        return [sync?.revision, ...(sync?.revisions ?? [])].includes(revision) || undefined;
      });
    },
  };
}

/** What the gate's Event on an Application says about a refused sync, once there is one. */
export function refusalEvent(
  { kubectlOk }: Cluster,
  name: string,
  namespace = ARGOCD_NAMESPACE,
): Promise<string> {
  return applicationEvent({ kubectlOk }, { name, namespace, reason: "SyncRefused" });
}

/** The text of the gate's Event of this reason on an Application. */
export function applicationEvent(
  { kubectlOk }: Pick<Cluster, "kubectlOk">,
  { name, namespace, reason }: Readonly<Record<"name" | "namespace" | "reason", string>>,
): Promise<string> {
  const selector = `reason=${reason},involvedObject.kind=Application,involvedObject.name=${name}`;
  const only = ["--field-selector", selector, "-o", "jsonpath={.items[*].message}"];
  return eventually("an Event on the Application", async () => {
    return (await kubectlOk(["-n", namespace, "get", "events", ...only])) || undefined;
  });
}
