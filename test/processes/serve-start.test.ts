import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { PROGRAM } from "../support/bundled.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";

interface Outcome {
  readonly code: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

type Merge = Readonly<Record<string, unknown>>;

function settingsWith(server: Merge, rest: Merge): string {
  return JSON.stringify({
    server: {
      address: "127.0.0.1",
      port: 0,
      probePort: 0,
      certificate: { mode: "directory", directory: "good" },
      ...server,
    },
    files: { policy: "policy.yaml" },
    tuf: { enabled: false },
    ...rest,
  });
}

describe("mc serve, with what it cannot start with", () => {
  let folder: string;
  let taken: Server;
  let port: number;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "mc-start-"));
    const [own, foreign] = await Promise.all([createTestCertificate(), createTestCertificate()]);
    const pairs = { good: own, mixed: { cert: own.cert, key: foreign.key } };
    for (const [name, { cert, key }] of Object.entries(pairs)) {
      mkdirSync(join(folder, name));
      writeFileSync(join(folder, name, "tls.crt"), cert);
      writeFileSync(join(folder, name, "tls.key"), key);
    }
    writeFileSync(join(folder, "policy.yaml"), "rules: []\n");
    taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    ({ port } = taken.address() as AddressInfo);
  });
  afterAll(() => {
    taken.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** The process as it is started in earnest: what is still open in it must not keep it. */
  function serve(settings: string): Promise<Outcome> {
    const file = join(folder, "settings.json");
    writeFileSync(file, settings);
    const args = [PROGRAM, "serve", "--settings", file];
    return new Promise((resolve) => {
      execFile(process.execPath, args, { cwd: folder, timeout: 60_000 }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : error.code, stdout, stderr });
      });
    });
  }

  const cluster = { files: undefined, cluster: { namespace: "gate", kubeconfig: "nowhere" } };
  const root = { enabled: true, mirror: { url: "https://tuf.example", rootPath: "nowhere.json" } };
  const nowhere = { mode: "directory", directory: "nowhere" };
  const mixed = { mode: "directory", directory: "mixed" };
  it.each([
    [
      "a folder without a certificate",
      { certificate: nowhere },
      {},
      /^server\.certificate\.directory: ENOENT/,
    ],
    [
      "another certificate's key",
      { certificate: mixed },
      {},
      /^server\.certificate\.directory: .*key does not/,
    ],
    ["an address of another machine", { address: "192.0.2.1" }, {}, /^server\.port: listen EADDRNOTAVAIL/],
    ["a kubeconfig that is not there", {}, cluster, /^cluster\.kubeconfig: cannot read the kubeconfig/],
    ["a policy that is not there", {}, { files: { policy: "nowhere.yaml" } }, /^files\.policy: ENOENT/],
    [
      "a root of another TUF repository that is not there",
      {},
      { tuf: root },
      /^tuf\.mirror\.rootPath: ENOENT/,
    ],
  ])("%s: one sentence that names the setting, and exit code 12", async (_, server, rest, sentence) => {
    const { code, stderr } = await serve(settingsWith(server, rest));
    expect(stderr).toMatch(sentence);
    expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    expect(code).toBe(12);
  });

  it.each(["port", "probePort"])(
    "server.%s is taken: the lines so far are written, and it ends",
    async (key) => {
      const { code, stdout, stderr } = await serve(settingsWith({ [key]: port }, {}));
      expect(stderr).toBe(`server.${key}: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`);
      expect(stdout).toContain('"msg":"document in force"');
      expect(code).toBe(12);
    },
  );
});
