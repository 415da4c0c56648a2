import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { documentsOf, type DocumentSizes, SMALL } from "../../bench/documents.ts";
import { type Load, startLoad } from "../../bench/load.ts";
import { type BenchRegistry, startRegistry } from "../../bench/registry.ts";
import { reviewOf } from "../../bench/reviews.ts";
import { type StartedCluster, startNodeCluster } from "../e2e/support/cluster.ts";
import { pushGateImage } from "../e2e/support/gate-image.ts";
import { CHART, RELEASE } from "../e2e/support/gate-release.ts";
import { helm } from "../e2e/support/helm.ts";
import { insideNode, type NodePrograms, nodePrograms } from "../e2e/support/node-programs.ts";
import { type ApiClient, createApiClient } from "./api-client.ts";
import { type Replicas, replicasOf } from "./replicas.ts";

const NODE_ADDRESS = "10.89.0.10";
const SIGNED = 1600;
const HOT = 40;
/** Evidence grows old within each scenario. */
const REFRESH_AFTER = "20s";
/** The namespace that enforces. */
export const NAMESPACE = "shop";
/** The documents of the run: every signed image has a signature and provenance that they ask for. */
const DOCUMENTS: DocumentSizes = { ...SMALL, policy: "provenance" };

/** A whole cluster with the gate in it, a registry whose faults can be set, and what acts on both. */
export interface World {
  readonly cluster: StartedCluster;
  readonly programs: NodePrograms;
  readonly replicas: Replicas;
  readonly registry: BenchRegistry;
  readonly api: ApiClient;
  readonly images: ImageSource;
  /** Puts a text in the place of one of the gate's documents, as `kubectl apply` does. */
  readonly setDocument: (name: "policy" | "revocations", text: string) => Promise<void>;
  /** The texts of the run's documents; another salt is another generation of trust material. */
  readonly documents: (salt?: number) => ReturnType<typeof documentsOf>;
  /** Has every replica judge all hot images, so that each has seen them. */
  readonly warm: () => Promise<void>;
  /** Removes everything; the cluster's logs go to a folder where one is named. */
  readonly stop: (keepLogs?: string) => Promise<void>;
}

/** Images by what is known of them. */
export interface ImageSource {
  /** Signed by the key, asked about all the time, and known to every replica once it is warm. */
  readonly hot: readonly string[];
  readonly unsigned: readonly string[];
  /** Signed, by the key or by a certificate, and never seen by anybody. */
  readonly fresh: (signer?: "key" | "keyless") => string;
}

/** Starts all of it. Takes a minute or two where everything is built. */
export async function startWorld(say: (text: string) => void): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "mc-chaos-"));
  say("starting a cluster");
  const cluster = await startNodeCluster();
  const via = insideNode(cluster.kubeconfig);
  try {
    say(`signing ${SIGNED} images`);
    const file = join(folder, "registry.bin");
    const registry = await startRegistry({
      file,
      signed: SIGNED,
      withSbom: 0,
      port: 0,
      address: NODE_ADDRESS,
      via,
    });
    say("installing the gate");
    await install(cluster, registry);
    return createWorld({ cluster, registry, load: startLoad(via), folder });
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

interface Parts {
  readonly cluster: StartedCluster;
  readonly registry: BenchRegistry;
  readonly load: Load;
  readonly folder: string;
}

function createWorld({ cluster, registry, load, folder }: Parts): World {
  const programs = nodePrograms(cluster.kubeconfig);
  const replicas = replicasOf(cluster, programs);
  const images = imageSource(registry);
  const api = createApiClient(cluster.kubeconfig);
  const bodies = images.hot.map((image, at) => reviewOf(at, [image]));
  return {
    cluster,
    programs,
    replicas,
    registry,
    api,
    images,
    setDocument: (name, text) => applyDocument(cluster, name, text),
    documents: (salt = 0) => documentsOf(registry, DOCUMENTS, salt),
    warm: async () => {
      for (const { address } of await replicas.list()) {
        const url = `https://${address}:8443/validate/enforce?timeout=10s`;
        const { denied, failed, complaint } = await load.run({ url, bodies, concurrency: 4 });
        if (denied + failed > 0) throw new Error(`a replica cannot be warmed: ${complaint}`);
      }
    },
    stop: async (keepLogs) => {
      api.close();
      load.stop();
      registry.stop();
      await cluster.stop(keepLogs === undefined ? {} : { keepLogs });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function imageSource({ host, images }: BenchRegistry): ImageSource {
  const of = (signer: string): string[] =>
    images
      .filter(({ kind }) => kind.startsWith(signer))
      .map(({ repository, digest }) => `${host}/${repository}@${digest}`);
  const left = { key: of("key-"), keyless: of("keyless-") };
  const hot = left.key.splice(0, HOT);
  let turn = 0;
  return {
    hot,
    unsigned: of("unsigned"),
    fresh: (signer = turn++ % 2 === 0 ? "key" : "keyless") => {
      const image = left[signer].pop();
      if (image === undefined) throw new Error("all images were seen; the run needs more of them");
      return image;
    },
  };
}

async function applyDocument(cluster: StartedCluster, name: string, text: string): Promise<void> {
  const patch = JSON.stringify({ data: { [`${name}.yaml`]: text } });
  const config = `mc-gate-${name}`;
  await cluster.kubectlOk(["-n", RELEASE, "patch", "configmap", config, "--type=merge", "-p", patch]);
}

/**
 * The gate by its chart, as two replicas, with the preload that can move a replica's clock and end its threads. On top of
 * the chart comes a small memory volume in the place of the evidence folder, so that its disk can be filled.
 */
async function install(cluster: StartedCluster, registry: BenchRegistry): Promise<void> {
  const { kubectlOk } = cluster;
  for (const name of [RELEASE, NAMESPACE]) await kubectlOk(["create", "namespace", name]);
  await kubectlOk(["label", "namespace", NAMESPACE, "mc-gate.dev/mode=enforce"]);
  await configMap(cluster, "chaos-ca", { "ca.crt": registry.ca });
  const preload = readFileSync(new URL("preload.ts", import.meta.url), "utf8");
  await configMap(cluster, "chaos-preload", { "preload.ts": preload });
  const inner = cluster.registry!;
  const { digest } = await pushGateImage(inner.outside);
  const values = {
    image: { repository: `${inner.inside}/mc-gate`, digest },
    policy: { text: documentsOf(registry, DOCUMENTS, 0).policy },
    files: [
      { configMap: "chaos-ca", path: "/etc/mc-gate/ca" },
      { configMap: "chaos-preload", path: "/etc/mc-gate/chaos" },
    ],
    env: [{ name: "NODE_OPTIONS", value: "--import=/etc/mc-gate/chaos/preload.ts" }],
    settings: {
      registries: { hosts: { [registry.host]: { caFile: "/etc/mc-gate/ca/ca.crt" } } },
      evidence: { refreshAfter: REFRESH_AFTER },
      tuf: { enabled: false },
    },
  };
  const set = Object.entries(values).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const flags = [
    "--namespace",
    RELEASE,
    "--wait",
    "--timeout",
    "180s",
    ...set.flatMap((each) => ["--set-json", each]),
  ];
  const { code, stderr } = await helm(cluster.kubeconfig, ["install", RELEASE, CHART, ...flags], 240_000);
  if (code !== 0) throw new Error(stderr);
  await kubectlOk(["-n", RELEASE, "patch", "deployment", RELEASE, "-p", JSON.stringify(SMALL_DISK)]);
  const rollout = ["-n", RELEASE, "rollout", "status", `deployment/${RELEASE}`, "--timeout=180s"];
  await kubectlOk(rollout, { timeoutMs: 190_000 });
}

const SMALL_DISK = {
  spec: {
    template: {
      spec: {
        containers: [{ name: "gate", volumeMounts: [{ name: "evidence", mountPath: "/tmp/evidence" }] }],
        volumes: [{ name: "evidence", emptyDir: { medium: "Memory", sizeLimit: "24Mi" } }],
      },
    },
  },
};

async function configMap(
  { kubectlOk }: StartedCluster,
  name: string,
  data: Readonly<Record<string, string>>,
): Promise<void> {
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: RELEASE }, data };
  await kubectlOk(["create", "-f", "-"], { stdin: JSON.stringify(object) });
}
