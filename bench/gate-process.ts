import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { createTestCertificate } from "../test/support/oci-certificate.ts";
import { type DocumentSizes, documentsOf, SMALL } from "./documents.ts";
import { imageSettings } from "./image-settings.ts";
import { metricOf, readMetrics } from "./metrics.ts";
import type { RegistryReady } from "./registry.ts";

const STEP_MS = 10;
const MAX_MS = 60_000;
const MIB = 1024 * 1024;
/** The heap that V8 gives itself in a container of 1 GiB, the chart's limit; on a large machine it lets memory grow instead. */
const AS_IN_A_POD = ["--max-old-space-size=512"];

/** A gate that is measured: `mc serve` from a bundle, with documents in files. */
export interface GateProcess {
  readonly pid: number;
  readonly url: string;
  readonly probeUrl: string;
  /** From the start of the process to the first 200 of /readyz, ms. */
  readonly readyMs: number;
  /** Puts documents of these sizes in force, with an empty cache of evidence. Resolves when they count. */
  readonly use: (sizes: DocumentSizes) => Promise<void>;
  /** Writes the policy file and does not wait. */
  readonly edit: (sizes: DocumentSizes) => void;
  /** Resolves when it has ended, whichever way. */
  readonly gone: Promise<void>;
  readonly stop: () => Promise<void>;
}

/** What a gate is started from. */
export interface GateOptions {
  /** `mc.js` of a build. */
  readonly bundle: string;
  readonly folder: string;
  readonly registry: RegistryReady;
  /** Arguments for node itself, such as --cpu-prof. */
  readonly nodeArguments: readonly string[];
  /** The settings document's evidence section. */
  readonly evidence?: Readonly<Record<string, unknown>>;
  /** Hears every line of its log after it listens; dropped where absent, as a node's log collector would. */
  readonly onLine?: (line: string) => void;
}

let salt = 0;

/** Starts a gate with small documents and waits until it is ready. */
export async function startGate(options: GateOptions): Promise<GateProcess> {
  const { bundle, folder, registry, nodeArguments, evidence = {}, onLine } = options;
  mkdirSync(folder, { recursive: true });
  const write = (sizes: DocumentSizes): void => writeDocuments(folder, registry, sizes);
  write(SMALL);
  await writeSettings(folder, registry, evidence);
  const started = performance.now();
  const child = spawnServe({ bundle, folder, nodeArguments });
  const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const { port, probePort } = await Promise.race([
    listening(child.stdout),
    gone.then(() => Promise.reject(new Error("the gate ended before it listened"))),
  ]);
  if (onLine === undefined) child.stdout.resume();
  else createInterface(child.stdout).on("line", onLine);
  const probeUrl = `http://127.0.0.1:${probePort}`;
  await until(async () => (await fetch(`${probeUrl}/readyz`)).ok);
  const readyMs = performance.now() - started;
  return {
    pid: child.pid ?? 0,
    url: `https://127.0.0.1:${port}/validate/enforce?timeout=10s`,
    probeUrl,
    readyMs,
    use: async (sizes) => {
      const since = await acceptedAt(probeUrl);
      write(sizes);
      await until(async () => (await acceptedAt(probeUrl)).every((time, at) => time > since[at]!));
    },
    edit: write,
    gone,
    stop: async () => {
      child.kill();
      await gone;
    },
  };
}

/** `mc serve` as the image starts it. It ends with this process, also where that ends early. */
function spawnServe({
  bundle,
  folder,
  nodeArguments,
}: Pick<GateOptions, "bundle" | "folder" | "nodeArguments">) {
  const shipped = imageSettings();
  const node = [...shipped.nodeArguments, ...AS_IN_A_POD, ...nodeArguments];
  const serve = [...node, bundle, "serve", "--settings", join(folder, "settings.json")];
  const env = { ...process.env, ...shipped.environment };
  const child = spawn(process.execPath, serve, { stdio: ["ignore", "pipe", "inherit"], cwd: folder, env });
  process.once("exit", () => child.kill());
  return child;
}

/** Every text differs from the one before, so that each of them is seen to be accepted. */
function writeDocuments(folder: string, registry: RegistryReady, sizes: DocumentSizes): void {
  salt += 1;
  const { policy, waivers, revocations } = documentsOf(registry, sizes, salt);
  const blank = " ".repeat(salt % 64);
  writeFileSync(join(folder, "waivers.yaml"), waivers + blank);
  writeFileSync(join(folder, "revocations.yaml"), revocations + blank);
  writeFileSync(join(folder, "policy.yaml"), policy);
}

/** Issues another serving certificate into the folder of a gate, by an authority of its own. */
export async function rotateCertificate(folder: string): Promise<void> {
  const { cert, key } = await createTestCertificate();
  writeFileSync(join(folder, "tls.crt"), cert);
  writeFileSync(join(folder, "tls.key"), key);
}

async function writeSettings(
  folder: string,
  { host, ca, silent = [], plain = [] }: RegistryReady,
  evidence: Readonly<Record<string, unknown>>,
): Promise<void> {
  await rotateCertificate(folder);
  const file = (name: string): string => join(folder, name);
  writeFileSync(file("registry-ca.pem"), ca);
  const settings = {
    server: {
      address: "127.0.0.1",
      port: 0,
      probePort: 0,
      drain: "1s",
      certificate: { mode: "directory", directory: folder },
    },
    files: {
      policy: file("policy.yaml"),
      waivers: file("waivers.yaml"),
      revocations: file("revocations.yaml"),
    },
    registries: {
      hosts: Object.fromEntries([
        ...[host, ...silent].map((each) => [
          each,
          { allowLoopbackUnsafe: true, caFile: file("registry-ca.pem") },
        ]),
        ...plain.map((each) => [each, { allowLoopbackUnsafe: true, plainHttpUnsafe: true }]),
      ]),
      limits: { blobBytes: 64 * MIB, totalBytes: 128 * MIB },
    },
    evidence,
    tuf: { enabled: false },
  };
  writeFileSync(file("settings.json"), JSON.stringify(settings));
}

/** The ports that the log's first lines tell. */
export function listening(
  log: NodeJS.ReadableStream,
): Promise<{ readonly port: number; readonly probePort: number }> {
  const { promise, resolve } = Promise.withResolvers<{ port: number; probePort: number }>();
  let text = "";
  const look = (chunk: Buffer): void => {
    text += chunk.toString("utf8");
    const line = text.split("\n").find((each) => each.includes('"msg":"listening"'));
    if (line === undefined) return;
    log.off("data", look);
    resolve(JSON.parse(line) as { port: number; probePort: number });
  };
  log.on("data", look);
  return promise;
}

async function acceptedAt(probeUrl: string): Promise<readonly number[]> {
  const text = await readMetrics(probeUrl);
  return ["policy", "waivers", "revocations"].map((name) =>
    metricOf(text, `mc_gate_document_good_timestamp_seconds{document="${name}"}`),
  );
}

/** Waits until something is so. Throws after a minute. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + MAX_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error("the gate does not get ready");
    await new Promise((resolve) => setTimeout(resolve, STEP_MS));
  }
}
