import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { parse } from "yaml";

import { ARGOCD_NAMESPACE } from "./argocd-objects.ts";
import type { ArgoCdAccess } from "./argocd.ts";
import { type ChartObject, EMPTY_DOCUMENTS, objectsIn, renderChart, webhooksAt } from "./chart.ts";
import type { Cluster } from "./cluster.ts";
import type { KeyPair } from "./cosign.ts";
import { certificateFolder, serveFrom } from "./gate-process.ts";
import { keyPolicy } from "./policies.ts";
import { eventually } from "./process.ts";
import { accountKubeconfig } from "./rights.ts";

/** What the gate of these scenarios runs with. */
export interface SyncGateOptions {
  readonly cluster: Cluster;
  readonly argo: ArgoCdAccess;
  /** `host:port` of a registry on loopback, all images of which need a signature by this key. */
  readonly registry: string;
  readonly keys: KeyPair;
  /** `repository@digest` of the image that its hook runs. */
  readonly image?: string;
}

/**
 * A gate as its chart sets it up, with every namespace held to `enforce`: the chart's documents, account, rights and
 * settings, and `mc serve` from the sources with that account as a process of this machine.
 */
export interface SyncGate {
  readonly url: string;
  /** PEM. */
  readonly authority: string;
  readonly log: () => string;
  /** Puts these in the place of all waivers. */
  readonly setWaivers: (...waivers: readonly object[]) => Promise<void>;
  /** Gives it a token that Argo CD does not know, until the function that comes back is called. */
  readonly loseArgoCd: () => Promise<() => Promise<void>>;
  /** Installs the chart's webhooks, and returns when the API server asks about syncs. */
  readonly installWebhooks: () => Promise<void>;
  /** Kills it; `up` starts it on the same port again. */
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
  readonly stop: () => Promise<void>;
}

function inMinutes(minutes: number): string {
  return new Date(Date.now() + minutes * 60_000).toISOString();
}

/** A waiver of an image's signature, in force for an hour. */
export function signatureWaiver(image: string): object {
  return {
    id: "W-1",
    class: "signature",
    digest: image.split("@")[1],
    reason: "The supplier signs from the next release on.",
    owners: ["team-web"],
    created: inMinutes(-1),
    expires: inMinutes(60),
  };
}

const RELEASE = "mc-gate";
/** Kinds that a gate needs which runs beside the cluster; its Deployment and Service stay out, and the webhooks until asked for. */
const INSTALLED = ["ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding", "ConfigMap"];

/** Installs what the chart renders, and starts the gate. */
export async function startSyncGate(options: SyncGateOptions): Promise<SyncGate> {
  const { cluster, argo } = options;
  const { folder, authority } = await certificateFolder();
  const tokenFile = join(folder, "argocd-token");
  await writeFile(tokenFile, argo.gateToken, { mode: 0o600 });
  const objects = objectsIn(await renderChart(valuesOf(options, { tokenFile, authority })));
  await apply(cluster, NAMESPACE, ...objects.filter(({ kind }) => INSTALLED.includes(kind)));
  const kubeconfig = await accountKubeconfig(cluster, { name: RELEASE, namespace: RELEASE });
  const start = (port: number) => serveFrom(folder, settingsOf(objects, { folder, kubeconfig, port }));
  let running = await start(0);
  const { port } = running;
  const url = `https://127.0.0.1:${port}`;
  return {
    url,
    authority,
    log: () => running.service.output(),
    setWaivers: (...waivers) => setWaivers(cluster, waivers),
    loseArgoCd: async () => {
      await writeFile(tokenFile, "nobody");
      return () => writeFile(tokenFile, argo.gateToken);
    },
    installWebhooks: () => installWebhooks(cluster, webhooksAt(url, objects)),
    down: () => running.kill(),
    up: async () => {
      running = await start(port);
    },
    stop: async () => {
      await cluster.kubectl(["delete", "validatingwebhookconfiguration", RELEASE, "--ignore-not-found"]);
      if (running.service.ended() === undefined) await running.service.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const NAMESPACE = { apiVersion: "v1", kind: "Namespace", metadata: { name: RELEASE } };

async function apply({ kubectlOk }: Cluster, ...items: readonly object[]): Promise<void> {
  await kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items }) });
}

interface Placed {
  readonly tokenFile: string;
  readonly authority: string;
}

function valuesOf(
  { argo, registry, keys, image }: SyncGateOptions,
  { tokenFile, authority }: Placed,
): object {
  const [repository, digest] = image?.split("@") ?? [];
  const instances = [{ namespace: ARGOCD_NAMESPACE, url: argo.url, tokenFile }];
  const hosts = { [registry]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } };
  return {
    ...EMPTY_DOCUMENTS,
    defaultMode: "enforce",
    ...(digest !== undefined && { image: { repository, digest } }),
    certificate: { mode: "provided", secretName: "tls", caBundle: authority },
    policy: { text: keyPolicy(readFileSync(keys.publicKey, "utf8"), [`${registry}/**`]) },
    argocd: {
      enabled: true,
      settings: { instances, wait: "7s", judge: "10s" }, // a hook of these scenarios asks for nine seconds
      operationGate: { enabled: true },
    },
    settings: { registries: { hosts }, tuf: { enabled: false } },
  };
}

interface Local {
  readonly folder: string;
  readonly kubeconfig: string;
  readonly port: number;
}

/** The chart's settings, with this machine's addresses and files. */
function settingsOf(objects: readonly ChartObject[], { folder, kubeconfig, port }: Local): object {
  const found = objects.find(({ metadata }) => metadata.name === `${RELEASE}-settings`);
  const { data } = found as ChartObject & { readonly data: Readonly<Record<string, string>> };
  const settings = parse(data["settings.yaml"]!) as Readonly<Record<string, object>>;
  const certificate = { mode: "directory", directory: join(folder, "tls") };
  return {
    ...settings,
    server: { address: "127.0.0.1", port, probePort: 0, drain: "1s", certificate },
    cluster: { ...settings["cluster"], kubeconfig },
    evidence: { ...settings["evidence"], folder: join(folder, "evidence") },
  };
}

async function setWaivers(cluster: Cluster, waivers: readonly object[]): Promise<void> {
  const metadata = { name: `${RELEASE}-waivers`, namespace: RELEASE };
  const data = { "waivers.yaml": JSON.stringify({ waivers }) };
  await apply(cluster, { apiVersion: "v1", kind: "ConfigMap", metadata, data });
}

/** An Application that there is not, whose sync nobody could judge. */
const PROBE = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Application",
  metadata: { name: "probe", namespace: ARGOCD_NAMESPACE },
  spec: {
    project: "default",
    destination: { namespace: "probe" },
    source: { repoURL: "https://nowhere.example" },
  },
  operation: { sync: { revision: "main" } },
};

async function installWebhooks(cluster: Cluster, webhooks: object): Promise<void> {
  await apply(cluster, webhooks);
  await eventually("the webhook for Applications", async () => {
    const { stderr } = await cluster.kubectl(["apply", "--dry-run=server", "-f", "-"], {
      stdin: JSON.stringify(PROBE),
    });
    return stderr.includes('"operations.mc-gate.dev" denied the request') || undefined;
  });
}
