import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { connect, type KubeClient } from "../../../src/kube/index.ts";
import type { Cluster } from "./cluster.ts";
import { eventually, startService } from "./process.ts";

/** How an image starts out here: the program and its first arguments. */
export type Entrypoints = Readonly<Record<string, readonly string[]>>;

/** A stand-in for the kubelet. */
export interface StandInKubelet {
  /** What each finished container was and how it ended, for failures' messages. */
  readonly log: () => readonly string[];
  readonly stop: () => Promise<void>;
}

interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly terminationMessagePath: string;
  readonly terminationMessagePolicy: string;
}

interface Projection {
  readonly serviceAccountToken?: { readonly audience?: string; readonly path: string };
  readonly configMap?: { readonly name: string };
}

interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly deletionTimestamp?: string;
  };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly containers: readonly Container[];
    readonly volumes?: readonly {
      readonly name: string;
      readonly projected?: { readonly sources: readonly Projection[] };
      readonly configMap?: { readonly name: string };
    }[];
  };
  readonly status: { readonly phase: string };
}

const EVERY_MS = 100;
const MAX_RUN_MS = 120_000;
const MAX_MESSAGE = 2048;

/**
 * Stands in for the kubelet where there is no node. A pod whose only container has a command, or an image with a known
 * entrypoint, runs once as a process of this machine, whatever its restart policy: with the arguments and variables of
 * its container, in which mount paths and the path of the termination message become those of a folder that holds the
 * same files, with a token that the API server issued for this pod. All other pods are called running and ready. What
 * decides about Jobs, tokens and hooks is the real one; images are not pulled and nothing is isolated.
 */
export function startStandInKubelet(cluster: Cluster, entrypoints: Entrypoints = {}): StandInKubelet {
  const client = connect({ kubeconfig: cluster.kubeconfig });
  const lines: string[] = [];
  const seen = new Set<string>();
  const running = new Set<Promise<unknown>>();
  const begin = (pod: Pod): void => {
    const { namespace, name } = pod.metadata;
    const work = runPod(client, pod, entrypoints)
      .catch(String)
      .then((line) => lines.push(`${namespace}/${name}: ${line}`));
    running.add(work);
  };
  const look = async (): Promise<void> => {
    const pods = await pendingPods(client);
    for (const pod of pods.filter(({ metadata }) => !seen.has(metadata.uid))) {
      seen.add(pod.metadata.uid);
      begin(pod);
    }
  };
  const stopped = new AbortController();
  const loop = repeat(() => look().catch((error: unknown) => lines.push(String(error))), stopped.signal);
  return {
    log: () => lines,
    stop: async () => {
      stopped.abort();
      await loop;
      await Promise.all(running);
      await client.close();
    },
  };
}

async function repeat(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await work();
    await pause(EVERY_MS);
  }
}

async function pendingPods(client: KubeClient): Promise<readonly Pod[]> {
  const query = { fieldSelector: "status.phase=Pending" };
  const { items } = (await client.call({ path: "/api/v1/pods", query })) as {
    readonly items: readonly Pod[];
  };
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
}

/** Runs a pod to its end, or calls it running for ever; says which. */
async function runPod(client: KubeClient, pod: Pod, entrypoints: Entrypoints): Promise<string> {
  const [container] = pod.spec.containers;
  const command = container && (container.command ?? entrypoints[container.image]);
  if (!container || !command || pod.spec.containers.length > 1) {
    await callReady(client, pod);
    return "ready";
  }
  const folder = await mkdtemp(join(tmpdir(), "mc-pod-"));
  try {
    const startedAt = now();
    await mountVolumes(client, pod, folder);
    await setStatus(client, pod, {
      phase: "Running",
      startTime: startedAt,
      ...state(container, { running: { startedAt } }),
    });
    const { exitCode, message } = await runContainer(container, command, folder);
    const terminated = {
      exitCode,
      message,
      startedAt,
      finishedAt: now(),
      reason: exitCode ? "Error" : "Completed",
    };
    await setStatus(client, pod, {
      phase: exitCode ? "Failed" : "Succeeded",
      ...state(container, { terminated }),
    });
    return `exit ${exitCode} ${message}`;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, "Z");
}

async function callReady(client: KubeClient, pod: Pod): Promise<void> {
  const startedAt = now();
  const containerStatuses = pod.spec.containers.flatMap(
    (each) => state(each, { running: { startedAt } }).containerStatuses,
  );
  const conditions = [{ type: "Ready", status: "True", lastTransitionTime: startedAt }];
  await setStatus(client, pod, { phase: "Running", startTime: startedAt, conditions, containerStatuses });
}

function state({ name, image }: Container, of: object): { readonly containerStatuses: readonly object[] } {
  const isRunning = "running" in of;
  const base = { name, image, imageID: image, restartCount: 0, ready: isRunning, started: isRunning };
  return { containerStatuses: [{ ...base, state: of }] };
}

async function setStatus(client: KubeClient, { metadata }: Pod, status: object): Promise<void> {
  await client.call({
    method: "PATCH",
    path: `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}/status`,
    contentType: "application/strategic-merge-patch+json",
    body: { metadata: { uid: metadata.uid }, status },
  });
}

/** Writes what the pod mounts into `folder/VOLUME`. */
async function mountVolumes(client: KubeClient, pod: Pod, folder: string): Promise<void> {
  for (const { name, projected, configMap } of pod.spec.volumes ?? []) {
    const sources = projected?.sources ?? (configMap ? [{ configMap }] : []);
    await mkdir(join(folder, name));
    for (const source of sources) {
      for (const [path, text] of await filesOf(client, pod, source)) {
        await mkdir(dirname(join(folder, name, path)), { recursive: true });
        await writeFile(join(folder, name, path), text, { mode: 0o600 });
      }
    }
  }
}

async function filesOf(
  client: KubeClient,
  { metadata: { name, namespace, uid }, spec }: Pod,
  { serviceAccountToken, configMap }: Projection,
): Promise<readonly (readonly [string, string])[]> {
  const inNamespace = `/api/v1/namespaces/${namespace}`;
  if (configMap) {
    const { data = {} } = (await client.call({ path: `${inNamespace}/configmaps/${configMap.name}` })) as {
      readonly data?: Readonly<Record<string, string>>;
    };
    return Object.entries(data);
  }
  if (!serviceAccountToken) return [];
  const { audience, path } = serviceAccountToken;
  const boundObjectRef = { apiVersion: "v1", kind: "Pod", name, uid };
  const { status } = (await client.call({
    method: "POST",
    path: `${inNamespace}/serviceaccounts/${spec.serviceAccountName}/token`,
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { ...(audience && { audiences: [audience] }), expirationSeconds: 600, boundObjectRef },
    },
  })) as { readonly status: { readonly token: string } };
  return [[path, status.token]];
}

async function runContainer(
  container: Container,
  command: readonly string[],
  folder: string,
): Promise<{ readonly exitCode: number; readonly message: string }> {
  const messageFile = join(folder, "termination-message");
  const places = [
    [container.terminationMessagePath, messageFile] as const,
    ...(container.volumeMounts ?? []).map(({ name, mountPath }) => [mountPath, join(folder, name)] as const),
  ];
  const here = (text: string) =>
    places.reduce((so, [inside, outside]) => so.replaceAll(inside, outside), text);
  const [program = "", ...args] = [...command, ...(container.args ?? [])].map(here);
  const env = Object.fromEntries((container.env ?? []).map(({ name, value = "" }) => [name, here(value)]));
  await writeFile(messageFile, "");
  const service = await startService({ program, args, env, cwd: folder });
  try {
    const exitCode = await eventually(`the end of ${program}`, () => service.ended(), MAX_RUN_MS);
    const written = await readFile(messageFile, "utf8");
    const fromLogs = exitCode !== 0 && container.terminationMessagePolicy === "FallbackToLogsOnError";
    const message = written === "" && fromLogs ? service.output().slice(-MAX_MESSAGE) : written;
    return { exitCode, message: message.slice(0, 2 * MAX_MESSAGE) };
  } finally {
    if (service.ended() === undefined) await service.stop();
  }
}
