import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { run, runOrThrow, type Outcome } from "./process.ts";
import { CLUSTER_SCRIPTS, kubectlProgram, program } from "./programs.ts";

/** A registry by its address for pods and kubelet, and by its address for the tests; plain HTTP. */
interface ClusterRegistry {
  readonly inside: string;
  readonly outside: string;
}

/** How to reach a running cluster: plain data, which goes from the global set-up to the test files. */
export interface ClusterAccess {
  readonly kubeconfig: string;
  /** On the node tier: one with the referrers API and, where there is one, one without it. */
  readonly registry?: ClusterRegistry;
  readonly plainRegistry?: ClusterRegistry;
  /** On the fast tier: the socket at which the API server asks, by HTTP CONNECT, for what it has for services. */
  readonly egressSocket?: string;
  /** On the fast tier: a file with the authority of the client certificate that the API server shows to webhooks. */
  readonly frontProxyCa?: string;
}

/** Text for standard input, and a time limit (default 60 s). */
interface KubectlOptions {
  readonly stdin?: string;
  readonly timeoutMs?: number;
}

/** A running cluster and its kubectl. */
export interface Cluster extends ClusterAccess {
  /** Runs kubectl as the cluster's administrator and reports how it ended, whichever way. */
  readonly kubectl: (args: readonly string[], options?: KubectlOptions) => Promise<Outcome>;
  /** The same where only success is expected: returns standard output, throws otherwise. */
  readonly kubectlOk: (args: readonly string[], options?: KubectlOptions) => Promise<string>;
}

/** A cluster that this process started. `stop` leaves nothing behind; `keepLogs` saves its logs to a folder first. */
export interface StartedCluster extends Cluster {
  readonly stop: (options?: { keepLogs?: string }) => Promise<void>;
}

/** A client for a cluster that runs already. */
export function connect(access: ClusterAccess): Cluster {
  const withConfig = (args: readonly string[]) => ["--kubeconfig", access.kubeconfig, ...args];
  return {
    ...access,
    kubectl: (args, options) => run(kubectlProgram(), withConfig(args), options),
    kubectlOk: (args, options) => runOrThrow(kubectlProgram(), withConfig(args), options),
  };
}

const SETTLE_MS = 5 * 60 * 1000;

/** Runs up.sh and gives its NAME=VALUE lines. The folder's path is short, since it holds sockets (108 bytes). */
async function up(
  tier: "fast" | "node",
  programs: string,
  owner = process.pid,
): Promise<{ state: string; values: Map<string, string> }> {
  const parent = await mkdtemp(join(tmpdir(), "mc-e2e-"));
  const state = join(parent, tier);
  const args = [tier, state, programs, String(owner)];
  try {
    const lines = await runOrThrow(join(CLUSTER_SCRIPTS, "up.sh"), args, { timeoutMs: SETTLE_MS });
    const pairs = lines
      .trim()
      .split("\n")
      .map((line) => line.split("=", 2) as [string, string]);
    return { state, values: new Map(pairs) };
  } catch (cause) {
    await rm(parent, { recursive: true, force: true });
    throw cause;
  }
}

async function down(state: string, keepLogs?: string): Promise<void> {
  if (keepLogs) await cp(join(state, "log"), keepLogs, { recursive: true });
  await runOrThrow(join(CLUSTER_SCRIPTS, "down.sh"), [state]);
  await rm(join(state, ".."), { recursive: true, force: true });
}

function required(values: ReadonlyMap<string, string>, name: string): string {
  const value = values.get(name);
  if (!value) throw new Error(`up.sh did not print ${name}`);
  return value;
}

/**
 * etcd, API server and controller manager on loopback, as any user. KUBEBUILDER_ASSETS (envtest) is used where it is
 * set; it has no controller manager, so workloads get no pods there. It ends with its owner: by default this process.
 */
export async function startFastCluster(owner?: number): Promise<StartedCluster> {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  const { state, values } = await up("fast", assets ?? join(program("etcd"), ".."), owner);
  const access: ClusterAccess = {
    kubeconfig: required(values, "kubeconfig"),
    egressSocket: required(values, "egressSocket"),
    frontProxyCa: required(values, "frontProxyCa"),
  };
  return { ...connect(access), stop: (options) => down(state, options?.keepLogs) };
}

/** A whole one-node cluster with two registries, in namespaces of its own; needs root. */
export async function startNodeCluster(): Promise<StartedCluster> {
  const { state, values } = await up("node", join(program("etcd"), ".."));
  const access: ClusterAccess = {
    kubeconfig: required(values, "kubeconfig"),
    registry: { inside: required(values, "registry"), outside: required(values, "registryOutside") },
    plainRegistry: {
      inside: required(values, "plainRegistry"),
      outside: required(values, "plainRegistryOutside"),
    },
  };
  return { ...connect(access), stop: (options) => down(state, options?.keepLogs) };
}

/**
 * The user's own cluster, named by E2E_KUBECONFIG (never by KUBECONFIG, which may be somebody's production), with a
 * registry that it can pull from over plain HTTP: E2E_REGISTRY, and E2E_REGISTRY_OUTSIDE where the tests reach it by
 * another address. Gives undefined where E2E_KUBECONFIG is not set; `stop` leaves that cluster running.
 */
export function userCluster(env: NodeJS.ProcessEnv = process.env): StartedCluster | undefined {
  const kubeconfig = env["E2E_KUBECONFIG"];
  if (!kubeconfig) return undefined;
  const inside = env["E2E_REGISTRY"];
  if (!inside)
    throw new Error("E2E_KUBECONFIG needs E2E_REGISTRY: a registry that this cluster pulls from over HTTP");
  const access = { kubeconfig, registry: { inside, outside: env["E2E_REGISTRY_OUTSIDE"] ?? inside } };
  return { ...connect(access), stop: () => Promise.resolve() };
}
