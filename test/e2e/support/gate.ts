import { rm } from "node:fs/promises";
import { join } from "node:path";

import { type AdmissionAnswer, postReview } from "../../support/post-review.ts";
import { objectsIn, renderChart, webhooksAt } from "./chart.ts";
import type { Cluster } from "./cluster.ts";
import { certificateFolder, serveFrom } from "./gate-process.ts";

/** The gate's own namespace in these tests. */
const OWN_NAMESPACE = "mc-gate";

/** What the gate runs with. */
export interface GateOptions {
  readonly cluster: Cluster;
  /** `host:port` of registries on loopback over plain HTTP. */
  readonly registries: readonly string[];
  readonly policy: string;
  readonly waivers?: string;
  readonly revocations?: string;
  /** What it is told of Argo CD; without it, it answers about neither syncs nor rollouts. */
  readonly argocd?: object;
}

/** A gate as a process of this machine, and the chart's webhooks in the cluster. */
export interface GateProcess {
  /** Of the running process; empty again after `start`. */
  readonly log: () => string;
  readonly url: string;
  /** PEM of the authority that vouches for its certificate. */
  readonly authority: string;
  /** The text of its settings. */
  readonly settings: string;
  readonly setPolicy: (text: string) => Promise<{ code: number; stderr: string }>;
  readonly setWaivers: (text: string) => Promise<{ code: number; stderr: string }>;
  readonly setRevocations: (text: string) => Promise<{ code: number; stderr: string }>;
  readonly metrics: () => Promise<string>;
  /** Kills it without a word. */
  readonly kill: () => Promise<void>;
  readonly start: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

/** Installs documents and webhooks, and starts `mc serve` from the sources against a cluster. */
export async function startGate(options: GateOptions): Promise<GateProcess> {
  const { cluster, policy, waivers = "waivers: []\n", revocations = "revocations: []\n" } = options;
  const { folder, authority } = await certificateFolder();
  const apply = (object: unknown) => cluster.kubectl(["apply", "-f", "-"], { stdin: JSON.stringify(object) });
  const setPolicy = (text: string) => apply(configMap("mc-gate-policy", "policy.yaml", text));
  const setWaivers = (text: string) => apply(configMap("mc-gate-waivers", "waivers.yaml", text));
  const setRevocations = (text: string) => apply(configMap("mc-gate-revocations", "revocations.yaml", text));
  await apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: OWN_NAMESPACE } });
  await setPolicy(policy);
  await setWaivers(waivers);
  await setRevocations(revocations);
  let running = await serveFrom(folder, settingsOf(folder, options, 0));
  const { port } = running;
  const url = `https://127.0.0.1:${port}`;
  const certificate = { mode: "provided", secretName: "tls", caBundle: authority };
  const objects = objectsIn(await renderChart({ certificate }, OWN_NAMESPACE));
  await apply(webhooksAt(url, objects));
  return {
    log: () => running.service.output(),
    url,
    authority,
    settings: JSON.stringify(settingsOf(folder, options, port)),
    setPolicy,
    setWaivers,
    setRevocations,
    metrics: async () => (await fetch(`http://127.0.0.1:${running.probePort}/metrics`)).text(),
    kill: () => running.kill(),
    start: async () => {
      running = await serveFrom(folder, settingsOf(folder, options, port));
    },
    stop: async () => {
      await cluster.kubectl(["delete", "validatingwebhookconfiguration", "mc-gate", "--ignore-not-found"]);
      await running.service.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** What a replica is started with in its own settings; the rest is as in the chart's defaults. */
export type ReplicaOptions = Pick<GateOptions, "cluster" | "registries"> & {
  /** Of `settings.cluster`: another ConfigMap of a document, another default mode. */
  readonly inCluster?: object;
};

/** Another replica, which is asked directly, or by whom a webhook configuration names. */
export interface Replica extends Pick<GateProcess, "url" | "authority" | "log"> {
  /** Where it serves probes and metrics. */
  readonly probeUrl: string;
  readonly ask: (path: string, review: unknown) => Promise<AdmissionAnswer>;
  readonly stop: () => Promise<void>;
}

/** Starts `mc serve` once more beside `startGate`'s. */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { folder, authority } = await certificateFolder();
  const { service, port, probePort } = await serveFrom(folder, settingsOf(folder, options, 0));
  const url = `https://127.0.0.1:${port}`;
  return {
    url,
    probeUrl: `http://127.0.0.1:${probePort}`,
    authority,
    log: () => service.output(),
    ask: async (path, review) => {
      const { body } = await postReview(`${url}${path}?timeout=10s`, authority, review);
      return body.response!;
    },
    stop: async () => {
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function settingsOf(
  folder: string,
  { cluster, registries, argocd, inCluster }: ReplicaOptions & Pick<GateOptions, "argocd">,
  port: number,
): unknown {
  const hosts = Object.fromEntries(
    registries.map((host) => [host, { plainHttpUnsafe: true, allowLoopbackUnsafe: true }]),
  );
  return {
    server: {
      address: "127.0.0.1",
      port,
      probePort: 0,
      drain: "1s",
      certificate: { mode: "directory", directory: join(folder, "tls") },
    },
    cluster: { kubeconfig: cluster.kubeconfig, namespace: OWN_NAMESPACE, ...inCluster },
    registries: { hosts },
    tuf: { enabled: false },
    ...(argocd && { argocd }),
  };
}

function configMap(name: string, key: string, text: string): unknown {
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace: OWN_NAMESPACE },
    data: { [key]: text },
  };
}
