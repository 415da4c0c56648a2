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
  const { host, stop } = await startDistribution(folder, { port });
  return {
    host,
    stop: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** CNCF distribution over a folder, with more of its configuration; one folder can be served at several addresses. */
async function startDistribution(
  folder: string,
  { port = 0, ...more }: { readonly port?: number; readonly auth?: object },
): Promise<RegistryServer> {
  const config = join(folder, `config-${"auth" in more ? "locked" : "open"}.yaml`);
  const storage = { filesystem: { rootdirectory: join(folder, "data") } };
  await writeFile(
    config,
    JSON.stringify({ version: 0.1, storage, http: { addr: `127.0.0.1:${port}` }, ...more }),
  );
  const service = await startService({
    program: program("distribution"),
    args: ["serve", config],
    env: { OTEL_TRACES_EXPORTER: "none" },
    ready: /listening on /,
  });
  return { host: hostOf(service), stop: service.stop };
}

/** A registry that answers 401 to who has no password. */
export interface PrivateRegistry extends RegistryServer {
  readonly username: string;
  readonly password: string;
  /** Serves what it holds without a password, at another address, for as long as `use` takes. */
  readonly unlocked: <T>(use: (host: string) => Promise<T>) => Promise<T>;
}

const USERNAME = "robot";
/** A password and its hash. Source: crypt_blowfish, test vectors. */
const PASSWORD = "U*U";
const HASH = "$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

/** Starts CNCF distribution with a password file. */
export async function startPrivateRegistry(): Promise<PrivateRegistry> {
  const folder = await mkdtemp(join(tmpdir(), "mc-private-"));
  const path = join(folder, "htpasswd");
  await writeFile(path, `${USERNAME}:${HASH}\n`);
  const own = await startDistribution(folder, { auth: { htpasswd: { realm: "private", path } } });
  return {
    host: own.host,
    username: USERNAME,
    password: PASSWORD,
    unlocked: async (use) => {
      const open = await startDistribution(folder, {});
      try {
        return await use(open.host);
      } finally {
        await open.stop();
      }
    },
    stop: async () => {
      await own.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
