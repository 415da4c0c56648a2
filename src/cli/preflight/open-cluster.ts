import {
  type AuditCluster,
  type AuditGap,
  exemptNamespaces,
  type PreflightNamespace,
} from "../../audit/index.ts";
import { asFault, UsageError } from "../../core/index.ts";

/** Which namespaces are asked about, and how the cluster is reached. */
export interface ClusterOptions {
  readonly namespace: readonly string[];
  readonly all: boolean;
  readonly kubeconfig?: string;
  readonly webhookConfiguration: string;
}

/** A cluster, and the namespaces that are asked about. */
export interface OpenedCluster {
  readonly cluster: AuditCluster;
  readonly namespaces: readonly PreflightNamespace[];
  readonly gaps: readonly AuditGap[];
  readonly close: () => Promise<void>;
}

/** Rejects with UsageError where it cannot be reached by this configuration, or does not have a namespace. */
export async function openCluster(options: ClusterOptions): Promise<OpenedCluster> {
  if (options.all === options.namespace.length > 0)
    throw new UsageError("name what to check: either --namespace or --all");
  const { connect, eachRunningPod, eachTemplate, KubeError, listNamespaces, readWebhookConfiguration } =
    await import("../../kube/index.ts");
  const codeOf = (error: unknown): string | undefined => {
    if (!(error instanceof KubeError)) return undefined;
    return error.status === 401 || error.status === 403 ? "cluster/forbidden" : "cluster/unavailable";
  };
  try {
    const client = connect({ kubeconfig: options.kubeconfig });
    const [listed, configuration] = await Promise.all([
      listNamespaces(client),
      readWebhookConfiguration(client, options.webhookConfiguration).then(
        (value) => ({ value }),
        (error: unknown) => ({ why: asFault(error).message, code: codeOf(error) ?? "cluster/unavailable" }),
      ),
    ]);
    const exempt = exemptIn(configuration, options);
    return {
      cluster: {
        pods: (take, namespace) => eachRunningPod(client, take, namespace),
        templates: (kind, take, namespace) => eachTemplate(client, kind, take, namespace),
        codeOf,
      },
      namespaces: chosen(listed, exempt.names, options),
      gaps: exempt.gaps,
      close: client.close,
    };
  } catch (error) {
    if (error instanceof KubeError)
      throw new UsageError(`${error.message}; name a kubeconfig with --kubeconfig`);
    throw error;
  }
}

type Read = { readonly value: unknown } | { readonly why: string; readonly code: string };

/** Where the gate is not installed, nothing is left out. */
function exemptIn(
  read: Read,
  { webhookConfiguration }: ClusterOptions,
): { readonly names: ReadonlySet<string>; readonly gaps: AuditGap[] } {
  const what = "the namespaces that the webhook leaves out";
  if ("why" in read) return { names: new Set(), gaps: [{ what, why: read.why, code: read.code }] };
  const names = exemptNamespaces(read.value);
  if (names !== undefined) return { names, gaps: [] };
  const why = `there is no ValidatingWebhookConfiguration ${webhookConfiguration} of the gate; all are judged`;
  return { names: new Set(), gaps: [{ what, why }] };
}

interface Listed {
  readonly name: string;
  readonly mode?: string;
  readonly isTerminating: boolean;
}

function chosen(
  listed: readonly Listed[],
  exempt: ReadonlySet<string>,
  { namespace: named, all }: ClusterOptions,
): PreflightNamespace[] {
  const missing = named.find((name) => !listed.some((each) => each.name === name));
  if (missing !== undefined) throw new UsageError(`the cluster has no namespace ${missing}`);
  return listed
    .filter(({ name }) => all || named.includes(name))
    .map(({ name, mode, isTerminating }) => ({
      name,
      ...(mode !== undefined && { mode }),
      ...leftOut(isTerminating, exempt.has(name)),
    }));
}

function leftOut(isTerminating: boolean, isExempt: boolean): Pick<PreflightNamespace, "leftOut"> {
  if (isExempt) return { leftOut: "exempt" };
  return isTerminating ? { leftOut: "terminating" } : {};
}
