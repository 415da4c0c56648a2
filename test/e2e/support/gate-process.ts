import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { makeServingCertificate } from "./certificates.ts";
import { eventually, type Service, startService } from "./process.ts";
import { PROJECT } from "./programs.ts";

/** `mc serve` as a process of this machine. */
export interface ServingGate {
  readonly service: Service;
  readonly port: number;
  readonly probePort: number;
  /** Kills it without a word, and returns when it is gone. */
  readonly kill: () => Promise<void>;
}

/** A fresh folder for a gate, with a serving certificate for 127.0.0.1 in `tls`, and the PEM of its authority. */
export async function certificateFolder(): Promise<{ readonly folder: string; readonly authority: string }> {
  const folder = await mkdtemp(join(tmpdir(), "mc-gate-"));
  const { key, certificate, authority } = await makeServingCertificate(["127.0.0.1"]);
  await mkdir(join(folder, "tls"));
  await writeFile(join(folder, "tls/tls.crt"), certificate);
  await writeFile(join(folder, "tls/tls.key"), key);
  return { folder, authority };
}

/** Starts `mc serve` from the sources with these settings, which go into its folder, and waits until it is ready. */
export async function serveFrom(folder: string, settings: unknown): Promise<ServingGate> {
  const file = join(folder, "settings.json");
  await writeFile(file, JSON.stringify(settings));
  const args = [join(PROJECT, "src/cli/main.ts"), "serve", "--settings", file];
  const ready = /"msg":"listening"/;
  const service = await startService({ program: process.execPath, args, ready, timeoutMs: 90_000 });
  const [, port, probePort] = /"port":(\d+),"probePort":(\d+)/.exec(service.output())!;
  await eventually("readiness", async () => {
    const answer = await fetch(`http://127.0.0.1:${probePort}/readyz`);
    return answer.ok ? true : undefined;
  });
  return {
    service,
    port: Number(port),
    probePort: Number(probePort),
    kill: async () => {
      service.signal("SIGKILL");
      await eventually("the gate's end", () => service.ended());
    },
  };
}
