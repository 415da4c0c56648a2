import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

import { afterEach, beforeEach, expect, it } from "vitest";
import { parse } from "yaml";

import { type AttestedWorld, attestedWorld, policyFor } from "../support/attested-world.ts";
import { PROGRAM } from "../support/bundled.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";
import { postReview } from "../support/post-review.ts";
import { aPod, aReview } from "../support/review.ts";

const SCAN_BYTES = 60_000_000;
const MIB = 1024 * 1024;

let folder: string;
let world: AttestedWorld;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "mc-large-"));
  world = await attestedWorld();
});
afterEach(async () => {
  await world.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Starts `mc serve` on files, with the registry reachable. */
async function serve() {
  const { ca, cert, key } = await createTestCertificate();
  const directory = join(folder, "tls");
  mkdirSync(directory);
  writeFileSync(join(directory, "tls.crt"), cert);
  writeFileSync(join(directory, "tls.key"), key);
  writeFileSync(join(folder, "policy.json"), policyFor(world.registry));
  writeFileSync(join(folder, "revocations.yaml"), "revocations: []\n");
  const certificate = { mode: "directory", directory };
  const settings = {
    server: { address: "127.0.0.1", port: 0, probePort: 0, certificate },
    files: { policy: join(folder, "policy.json"), revocations: join(folder, "revocations.yaml") },
    registries: { hosts: { [world.registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } } },
    tuf: { enabled: false },
  };
  const file = join(folder, "settings.json");
  writeFileSync(file, JSON.stringify(settings));
  const child = spawn(process.execPath, [PROGRAM, "serve", "--settings", file]);
  for await (const line of createInterface(child.stdout)) {
    const { port } = JSON.parse(line) as { port?: number };
    if (port !== undefined) return { child, ca, url: `https://127.0.0.1:${port}` };
  }
  throw new Error("mc serve ended");
}

/** Most resident memory of a process so far, bytes; Linux says it. */
function peakOf(pid: number): number {
  const [, kib] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1024;
}

function memoryLimit(): number {
  const values = parse(readFileSync("charts/mc-gate/values.yaml", "utf8")) as {
    readonly resources: { readonly limits: { readonly memory: string } };
  };
  const [, gib] = /^(\d+)Gi$/.exec(values.resources.limits.memory) ?? [];
  return Number(gib) * 1024 * MIB;
}

it(
  "two images with a scan of 60 MB each at once: both admitted, within the memory that the chart gives",
  { timeout: 180_000 },
  async () => {
    const digests = [world.image(), world.image()];
    for (const digest of digests) await world.attachScan(digest, 0, "clean", SCAN_BYTES);
    const { child, ca, url } = await serve();
    const allowed = async (digest: string): Promise<boolean> => {
      const object = aPod(`${world.registry.host}/acme/app@${digest}`);
      const review = aReview({ object, namespace: "scan" });
      return (
        (await postReview(`${url}/validate/enforce?timeout=30s`, ca, review)).body.response?.allowed === true
      );
    };
    try {
      const both = digests.map((digest) =>
        expect.poll(() => allowed(digest), { timeout: 150_000 }).toBe(true),
      );
      await Promise.all(both);
      expect(peakOf(child.pid!)).toBeGreaterThan(SCAN_BYTES);
      expect(peakOf(child.pid!)).toBeLessThan(memoryLimit());
    } finally {
      child.kill("SIGKILL");
      await once(child, "exit");
    }
  },
);
