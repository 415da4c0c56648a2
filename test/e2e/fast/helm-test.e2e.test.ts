import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type ChartObject, objectsIn, renderTests } from "../support/chart.ts";
import { type GateProcess, startGate } from "../support/gate.ts";
import { type Outcome, run } from "../support/process.ts";
import { cluster } from "../support/scenario.ts";

type Hook = ChartObject & {
  readonly data?: Readonly<Record<string, string>>;
  readonly spec?: { readonly containers: readonly { readonly args: readonly string[] }[] };
};

const ADMITTED = `registry.example/acme/app@sha256:${"a".repeat(64)}`;
const POLICY = `rules: [{ name: pinned, images: ["registry.example/**"], require: { reference: { pinned: true } } }]\n`;

/** The files that a pod has of its service account. */
async function writeAccount(path: string): Promise<void> {
  await mkdir(path);
  const token = await cluster().kubectlOk(["create", "token", "mc-gate-test", "--namespace", "mc-gate"]);
  await writeFile(join(path, "token"), token);
  const config = JSON.parse(await cluster().kubectlOk(["config", "view", "--raw", "-o", "json"]));
  const authority = config.clusters[0].cluster["certificate-authority-data"];
  await writeFile(join(path, "ca.crt"), Buffer.from(authority, "base64"));
}

/** What `helm test` makes, applied but for its pod, which nothing runs here: its program is run with the pod's arguments. */
describe("helm test", () => {
  let gate: GateProcess;
  let folder: string;
  let hooks: readonly Hook[];

  beforeAll(async () => {
    gate = await startGate({ cluster: cluster(), registries: [], policy: POLICY });
    hooks = objectsIn(await renderTests({ test: { admittedImage: ADMITTED } }));
    folder = await mkdtemp(join(tmpdir(), "mc-helm-test-"));
    for (const hook of hooks.filter(({ kind }) => kind !== "Pod"))
      await cluster().kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(hook) });
    await writeAccount(join(folder, "account"));
  });
  afterAll(async () => {
    for (const hook of hooks.filter(({ kind }) => kind === "Namespace"))
      await cluster().kubectl(["delete", "namespace", hook.metadata.name, "--wait=false"]);
    await gate?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function runProgram(...images: readonly string[]): Promise<Outcome> {
    const program = hooks.find(({ kind }) => kind === "ConfigMap")!.data!["helm-test.mjs"]!;
    const soon = program.replace("ATTEMPTS = 15", "ATTEMPTS = 5");
    if (soon === program) throw new Error("the program has another number of attempts");
    await writeFile(join(folder, "helm-test.mjs"), soon);
    const [, ...args] = hooks.find(({ kind }) => kind === "Pod")!.spec!.containers[0]!.args;
    const namespaces = args.slice(0, 2);
    const admitted = images.length > 0 ? images : args.slice(2);
    const server = new URL(
      await cluster().kubectlOk(["config", "view", "-o", "jsonpath={.clusters[0].cluster.server}"]),
    );
    const account = join(folder, "account");
    const env = {
      KUBERNETES_SERVICE_HOST: server.hostname,
      KUBERNETES_SERVICE_PORT: server.port,
      NODE_EXTRA_CA_CERTS: join(account, "ca.crt"),
    };
    const parts = [join(folder, "helm-test.mjs"), account, ...namespaces, ...admitted];
    return run(process.execPath, parts, { env, timeoutMs: 170_000 });
  }

  it("passes where the gate refuses, warns and admits", async () => {
    const { code, stdout, stderr } = await runProgram();
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout.trim().split("\n")).toEqual([
      "ok: an unknown image is refused where the mode is enforce",
      "ok: an unknown image starts with a warning where it is advisory",
      `ok: ${ADMITTED} is admitted`,
    ]);
  });

  it("fails, with the refusal, where an image is refused that should be admitted", async () => {
    const { code, stdout } = await runProgram("registry.example/acme/app:1");
    expect(code).toBe(1);
    expect(stdout).toMatch(/^not ok: registry\.example\/acme\/app:1 is admitted: [^]*reference\/unpinned/m);
  });

  it("fails where nothing refuses: without the webhooks", async () => {
    await cluster().kubectlOk(["delete", "validatingwebhookconfiguration", "mc-gate"]);
    const { code, stdout } = await runProgram();
    expect(code).toBe(1);
    expect(stdout).toContain("not ok: an unknown image is refused where the mode is enforce");
    expect(stdout).toContain("not ok: an unknown image starts with a warning");
  });
});
