import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

const KUBECONFIG = {
  apiVersion: "v1",
  kind: "Config",
  clusters: [{ name: "gone", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "gate", user: { token: "t" } }],
  contexts: [{ name: "gone", context: { cluster: "gone", user: "gate" } }],
  "current-context": "gone",
};

describe("mc serve, told to stop", () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mc-stop-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it("ends at once while it still waits for a certificate out of a cluster that does not answer", async () => {
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
    const child = spawn(process.execPath, ["src/cli/main.ts", "serve", "--settings", file]);
    const [line] = (await once(child.stdout, "data")) as [Buffer];
    expect(String(line)).toContain("{");
    const started = performance.now();
    child.kill("SIGTERM");
    await once(child, "exit");
    expect(performance.now() - started).toBeLessThan(8000); // a graceful close may take forty seconds
  });
});
