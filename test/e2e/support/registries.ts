import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startService, type Service } from "./process.ts";
import { program } from "./programs.ts";

/** A real registry on loopback over plain HTTP, without authentication. */
export interface RegistryServer {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Ends it; what it held is gone. */
  readonly stop: () => Promise<void>;
}

/** With or without the OCI 1.1 referrers API, and the port (default: a free one), so that one can come back. */
export interface RegistryOptions {
  readonly referrers: boolean;
  readonly port?: number;
}

function hostOf(service: Service): string {
  const port = /listening on [^ "]*:(\d+)/.exec(service.output())?.[1];
  return `127.0.0.1:${port}`;
}

/**
 * A registry with the referrers API (cuelabs ociregistry), or one without it, which answers 404 there, so that clients
 * fall back to the tag `sha256-<hex>` (CNCF distribution 3).
 */
export async function startRegistry({ referrers, port = 0 }: RegistryOptions): Promise<RegistryServer> {
  const address = `127.0.0.1:${port}`;
  const ready = /listening on /;
  if (referrers) {
    const service = await startService({ program: program("registry"), args: ["-addr", address], ready });
    return { host: hostOf(service), stop: service.stop };
  }
  const folder = await mkdtemp(join(tmpdir(), "mc-registry-"));
  const config = join(folder, "config.yaml");
  await writeFile(
    config,
    JSON.stringify({
      version: 0.1,
      storage: { filesystem: { rootdirectory: join(folder, "data") } },
      http: { addr: address },
    }),
  );
  const env = { OTEL_TRACES_EXPORTER: "none" };
  const service = await startService({
    program: program("distribution"),
    args: ["serve", config],
    env,
    ready,
  });
  const stop = async () => {
    await service.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { host: hostOf(service), stop };
}
