import { credentialHelpers, proxyOfProcess } from "../../composition/index.ts";
import { UsageError } from "../../core/index.ts";
import {
  createGitHubPackages,
  createOutbound,
  type GitHubPackages,
  type Outbound,
  OutboundError,
} from "../../outbound/index.ts";
import {
  catalogSource,
  clusterImages,
  type ClusterPort,
  githubSource,
  imagesSource,
  inventory,
  type InventoryLine,
  type Source,
} from "../../promotion/index.ts";
import { createRegistryCatalog, type RegistryCatalog } from "../../registry/index.ts";
import { patient, registrySettings, type RegistryOptions } from "../offline-gate.ts";
import { readText } from "../terminal.ts";

/** Whose packages are read on GitHub. */
export interface GitHubOptions {
  readonly github: readonly string[];
  readonly githubToken?: string;
  readonly githubApi: string;
  readonly githubRegistry: string;
}

/** Where images are looked for. */
export interface SourceOptions extends RegistryOptions, GitHubOptions {
  readonly catalog: readonly string[];
  readonly cluster: boolean;
  readonly kubeconfig?: string;
  readonly images?: string;
  /** ms */
  readonly since?: number;
  /** Seconds for each image. */
  readonly timeout: number;
}

interface Opened {
  readonly lines: AsyncIterable<InventoryLine>;
  readonly close: () => Promise<void>;
}

/** An inventory of the sources that are named. Rejects with UsageError where there is none, or one cannot be used. */
export async function openInventory(
  options: SourceOptions,
  { signal, now }: { readonly signal: AbortSignal; readonly now: Date },
): Promise<Opened> {
  const catalog = openCatalog(options);
  const outbound = createOutbound(proxyOfProcess());
  const github = packagesOf(options, outbound);
  const cluster = options.cluster ? await openCluster(options.kubeconfig) : undefined;
  const task = { catalog, timeoutMs: options.timeout * 1000 };
  const { images } = options;
  const sources: Source[] = [
    ...options.catalog.map((place) => catalogSource(place, task)),
    ...github.map(({ packages }) => githubSource(packages, task)),
    ...(images === undefined ? [] : [imagesSource(readText(images), images, task)]),
  ];
  if (sources.length === 0 && cluster === undefined)
    throw new UsageError("name what to list: --catalog, --github, --cluster or --images");
  return {
    lines: inventory({
      ...task,
      sources,
      ...(cluster !== undefined && { cluster: cluster.port }),
      ...(options.since !== undefined && { since: new Date(now.getTime() - options.since) }),
      now: () => new Date(),
      signal,
    }),
    close: async () => {
      await Promise.all([catalog.close(), outbound.close(), cluster?.close()]);
    },
  };
}

/** Reads registries as patiently as a backfill may. Throws UsageError. */
export function openCatalog(options: RegistryOptions): RegistryCatalog {
  const settings = patient(registrySettings(options));
  const credentials = credentialHelpers(settings.dockerConfigFile);
  try {
    return createRegistryCatalog(settings, { credentials, proxyFor: proxyOfProcess() });
  } catch (error) {
    throw error instanceof Error ? new UsageError(`registries.hosts: ${error.message}`) : error;
  }
}

/** The packages of each owner that is named. Throws UsageError where they cannot be asked for. */
export function packagesOf(
  { github, githubToken: token, githubApi: url, githubRegistry: registry }: GitHubOptions,
  outbound: Outbound,
): { readonly owner: string; readonly packages: GitHubPackages }[] {
  if (github.length > 0 && token === undefined)
    throw new UsageError("--github needs a token: --github-token, or the variable GITHUB_TOKEN");
  try {
    return github.map((owner) => ({
      owner,
      packages: createGitHubPackages({ outbound, url, token: token ?? "", owner, registry }),
    }));
  } catch (error) {
    throw error instanceof OutboundError ? new UsageError(`--github: ${error.message}`) : error;
  }
}

/** What a cluster runs. Rejects with UsageError where it cannot be reached by this configuration. */
export async function openCluster(
  kubeconfig: string | undefined,
): Promise<{ readonly port: ClusterPort; readonly close: () => Promise<void> }> {
  const { connect, eachRunningPod, eachTemplate, KubeError } = await import("../../kube/index.ts");
  try {
    const client = connect({ kubeconfig });
    const port = clusterImages({
      pods: (take) => eachRunningPod(client, take),
      templates: (kind, take) => eachTemplate(client, kind, take),
      codeOf: (error) => {
        if (!(error instanceof KubeError)) return undefined;
        return error.status === 401 || error.status === 403 ? "cluster/forbidden" : "cluster/unavailable";
      },
    });
    return { port, close: client.close };
  } catch (error) {
    if (error instanceof KubeError)
      throw new UsageError(`${error.message}; name a kubeconfig with --kubeconfig`);
    throw error;
  }
}
