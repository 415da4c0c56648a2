import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { createTestCertificate } from "../test/support/oci-certificate.ts";
import { TOKEN } from "../test/support/presync-world.ts";
import { type DocumentSizes, documentsOf, SMALL } from "./documents.ts";
import { type GateOptions, listening, until } from "./gate-process.ts";
import { metricOf, readMetrics } from "./metrics.ts";
import type { SyncWorld } from "./sync-world.ts";

/** A gate with the endpoint of hooks: `mc serve` from a bundle, with documents in ConfigMaps. */
export interface SyncGate {
  readonly pid: number;
  readonly url: string;
  /** PEM of the authority of its certificate. */
  readonly ca: string;
  /** Puts a policy in force with an empty cache of evidence. Resolves when it counts. */
  readonly use: (sizes: DocumentSizes) => Promise<void>;
  /** Runs `mc presync` from the same bundle, as the hook's container does; gives its exit code. */
  readonly hook: () => Promise<number>;
  readonly stop: () => Promise<void>;
}

let salt = 0;

/** Starts a gate in these stand-ins for a cluster and an Argo CD, and waits until it is ready. */
export async function startSyncGate(options: GateOptions, world: SyncWorld): Promise<SyncGate> {
  const { bundle, folder, registry, nodeArguments } = options;
  mkdirSync(folder, { recursive: true });
  const { waivers, revocations } = documentsOf(registry, SMALL, salt);
  await world.document("waivers", waivers);
  await world.document("revocations", revocations);
  const policy = (sizes: DocumentSizes): Promise<void> => {
    salt += 1;
    return world.document("policy", documentsOf(registry, sizes, salt).policy);
  };
  await policy(SMALL);
  const ca = await writeSettings(options, world);
  const serve = [...nodeArguments, bundle, "serve", "--settings", join(folder, "settings.json")];
  const child = spawn(process.execPath, serve, { stdio: ["ignore", "pipe", "inherit"], cwd: folder });
  process.once("exit", () => child.kill()); // also where the bench ends early
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const { port, probePort } = await listening(child.stdout);
  child.stdout.resume();
  const probeUrl = `http://127.0.0.1:${probePort}`;
  const url = `https://127.0.0.1:${port}/v1/presync`;
  await until(async () => (await fetch(`${probeUrl}/readyz`)).ok);
  return {
    pid: child.pid ?? 0,
    url,
    ca,
    use: async (sizes) => {
      const since = await acceptedAt(probeUrl);
      await policy(sizes);
      await until(async () => (await acceptedAt(probeUrl)) > since);
    },
    hook: () => hook(bundle, folder, url),
    stop: async () => {
      child.kill();
      await gone;
    },
  };
}

async function writeSettings({ folder, registry }: GateOptions, world: SyncWorld): Promise<string> {
  const { ca, cert, key } = await createTestCertificate();
  const file = (name: string): string => join(folder, name);
  for (const [name, text] of [
    ["tls.crt", cert],
    ["tls.key", key],
    ["ca.pem", ca],
    ["registry-ca.pem", registry.ca],
    ["token", TOKEN],
    ["argocd-token", "any"],
  ] as const)
    writeFileSync(file(name), text);
  const certificate = { mode: "directory", directory: folder };
  const instances = [{ namespace: "argocd", url: world.argoCdUrl, tokenFile: file("argocd-token") }];
  const settings = {
    server: { address: "127.0.0.1", port: 0, probePort: 0, drain: "1s", certificate },
    cluster: { kubeconfig: world.kubeconfig, namespace: "mc-gate", defaultMode: "enforce" },
    argocd: { instances, events: false },
    registries: {
      hosts: { [registry.host]: { allowLoopbackUnsafe: true, caFile: file("registry-ca.pem") } },
    },
    tuf: { enabled: false },
  };
  writeFileSync(file("settings.json"), JSON.stringify(settings));
  return ca;
}

async function acceptedAt(probeUrl: string): Promise<number> {
  return metricOf(await readMetrics(probeUrl), 'mc_gate_document_good_timestamp_seconds{document="policy"}');
}

function hook(bundle: string, folder: string, url: string): Promise<number> {
  const files = ["--ca-file", "ca.pem", "--token-file", "token", "--termination-log", "reason"];
  const args = [bundle, "presync", "--gate", new URL(url).origin, ...files];
  const child = spawn(process.execPath, args, { stdio: "ignore", cwd: folder });
  return new Promise((resolve) => child.once("exit", (code) => resolve(code ?? -1)));
}
