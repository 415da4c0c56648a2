import {
  type AuditCluster,
  type AuditGap,
  exemptNamespaces,
  type PreflightNamespace,
} from "../audit/index.ts";
import { asFault, type Credential, type PullAccess, UsageError } from "../core/index.ts";
import type { KubeClient } from "../kube/index.ts";
import { say } from "./terminal.ts";

/** Which namespaces are asked about, and how the cluster is reached. */
export interface ClusterOptions {
  readonly namespace: readonly string[];
  readonly all: boolean;
  readonly kubeconfig?: string;
  /** Whose namespaces are left out; none where absent. */
  readonly webhookConfiguration?: string;
  /** Whether the pull secrets are read that workloads and their service accounts name. */
  readonly pullSecrets: boolean;
}

/** A cluster, and the namespaces that are asked about. */
export interface OpenedCluster {
  readonly cluster: AuditCluster;
  readonly namespaces: readonly PreflightNamespace[];
  readonly gaps: readonly AuditGap[];
  /** What the pull secrets of a workload hold; absent where they are not read. */
  readonly credentials?: (registry: string, access: PullAccess) => Promise<readonly Credential[]>;
  readonly close: () => Promise<void>;
}

/** Rejects with UsageError where it cannot be reached by this configuration, or does not have a namespace. */
export async function openCluster(options: ClusterOptions): Promise<OpenedCluster> {
  if (options.all === options.namespace.length > 0)
    throw new UsageError("name what to check: either --namespace or --all");
  const kube = await import("../kube/index.ts");
  let client: KubeClient | undefined;
  try {
    client = kube.connect({ kubeconfig: options.kubeconfig });
    return await openedBy(client, kube, options);
  } catch (error) {
    await client?.close();
    if (error instanceof kube.KubeError)
      throw new UsageError(`${error.message}; name a kubeconfig with --kubeconfig`);
    throw error;
  }
}

type Kube = typeof import("../kube/index.ts");

async function openedBy(client: KubeClient, kube: Kube, options: ClusterOptions): Promise<OpenedCluster> {
  const codeOf = (error: unknown): string | undefined => {
    if (!(error instanceof kube.KubeError)) return undefined;
    return error.status === 401 || error.status === 403 ? "cluster/forbidden" : "cluster/unavailable";
  };
  const readConfiguration = (name: string): Promise<unknown> => kube.readWebhookConfiguration(client, name);
  const [listed, exempt] = await Promise.all([
    kube.listNamespaces(client),
    readExempt(options, { readConfiguration, codeOf }),
  ]);
  return {
    cluster: { ...listsOf(client, kube), codeOf },
    ...(options.pullSecrets && {
      credentials: kube.createPullSecrets({ client, workloadSecrets: true, onTrouble: tellUnread }),
    }),
    namespaces: chosen(listed, exempt.names, options),
    gaps: exempt.gaps,
    close: client.close,
  };
}

function tellUnread({ message }: Error, place: string): void {
  say(`pull secret ${place}: ${message}`);
}

function listsOf(client: KubeClient, kube: Kube): Omit<AuditCluster, "codeOf"> {
  return {
    pods: (take, namespace) => kube.eachRunningPod(client, take, namespace),
    templates: (kind, take, namespace) => kube.eachTemplate(client, kind, take, namespace),
    owned: (kind, take, namespace) => kube.eachOwned(client, kind, take, namespace),
    nodes: (take) => kube.eachNode(client, take),
  };
}

const LEFT_OUT = "the namespaces that the webhook leaves out";

interface Exempt {
  readonly names: ReadonlySet<string>;
  readonly gaps: readonly AuditGap[];
}

interface ReadingExempt {
  readonly readConfiguration: (name: string) => Promise<unknown>;
  readonly codeOf: AuditCluster["codeOf"];
}

async function readExempt(
  { webhookConfiguration: name }: ClusterOptions,
  { readConfiguration, codeOf }: ReadingExempt,
): Promise<Exempt> {
  if (name === undefined) return { names: new Set(), gaps: [] };
  try {
    return exemptIn(name, await readConfiguration(name));
  } catch (error) {
    const code = codeOf(error) ?? "cluster/unavailable";
    return { names: new Set(), gaps: [{ what: LEFT_OUT, why: asFault(error).message, code }] };
  }
}

/** Where the gate is not installed, nothing is left out. */
function exemptIn(name: string, configuration: unknown): Exempt {
  const names = exemptNamespaces(configuration);
  if (names !== undefined) return { names, gaps: [] };
  const why = `there is no ValidatingWebhookConfiguration ${name} of the gate; all are judged`;
  return { names: new Set(), gaps: [{ what: LEFT_OUT, why }] };
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
