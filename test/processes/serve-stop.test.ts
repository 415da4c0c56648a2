import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:https";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { PROGRAM } from "../support/bundled.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";

/** The `connection` header of an answer over a kept connection. */
function connectionOf(port: number, agent: Agent): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: "127.0.0.1", port, path: "/nowhere", agent }, (answer) => {
      answer.resume().on("end", () => resolve(answer.headers.connection));
    }).on("error", reject);
  });
}

const KUBECONFIG = {
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "gone", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "gate", user: { token: "t" } }],
  contexts: [{ name: "gone", context: { cluster: "gone", user: "gate" } }],
  "current-context": "gone",
};

const HAS_IPV6 = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);

describe("mc serve, told to stop", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mc-stop-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  // A graceful close may take forty seconds.
  it("ends at once while it waits for a certificate of a silent cluster", { timeout: 30_000 }, async () => {
    const certificate = { mode: "selfManaged", secret: "s", service: "gate", webhookConfiguration: "gate" };
    const kubeconfig = join(folder, "kubeconfig");
    writeFileSync(kubeconfig, JSON.stringify(KUBECONFIG));
    const settings = {
      server: { address: "127.0.0.1", port: 0, probePort: 0, certificate },
      cluster: { kubeconfig, namespace: "gate" },
      tuf: { enabled: false },
    };
    const file = join(folder, "settings.json");
    writeFileSync(file, JSON.stringify(settings));
    const child = spawn(process.execPath, [PROGRAM, "serve", "--settings", file]);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    expect(String(line)).toContain("{");
    child.kill("SIGTERM");
    await once(child, "exit");
  });

  it("answers at IPv4 and IPv6 addresses, goes on for a while, sends its clients elsewhere, and ends well", async () => {
    const { ca, cert, key } = await createTestCertificate();
    const directory = join(folder, "tls");
    mkdirSync(directory);
    writeFileSync(join(directory, "tls.crt"), cert);
    writeFileSync(join(directory, "tls.key"), key);
    writeFileSync(join(folder, "policy.yaml"), "rules: []\n");
    const certificate = { mode: "directory", directory };
    const settings = {
      server: { port: 0, probePort: 0, certificate, drain: "2s" },
      files: { policy: join(folder, "policy.yaml") },
      tuf: { enabled: false },
    };
    const file = join(folder, "settings.json");
    writeFileSync(file, JSON.stringify(settings));
    const child = spawn(process.execPath, [PROGRAM, "serve", "--settings", file]);
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const line = await nextLine(lines, "listening");
    const { port, probePort } = JSON.parse(line) as { port: number; probePort: number };
    const agent = new Agent({ keepAlive: true, ca });
    expect(await connectionOf(port, agent)).toBe("keep-alive");
    const hosts = HAS_IPV6 ? ["127.0.0.1", "[::1]"] : ["127.0.0.1"];
    for (const host of hosts) expect((await fetch(`http://${host}:${probePort}/readyz`)).status).toBe(200);
    child.kill("SIGTERM");
    await nextLine(lines, "stopping");
    await expect.poll(async () => (await fetch(`http://127.0.0.1:${probePort}/readyz`)).status).toBe(503);
    expect(await connectionOf(port, agent)).toBe("close");
    const [code] = (await once(child, "exit")) as [number];
    expect(code).toBe(0);
    agent.destroy();
  });
});

/** The next line of a log that holds a word. */
async function nextLine(lines: AsyncIterator<string>, word: string): Promise<string> {
  for (let next = await lines.next(); next.done !== true; next = await lines.next())
    if (next.value.includes(word)) return next.value;
  throw new Error(`the program ended without saying ${word}`);
}
