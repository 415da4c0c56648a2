import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import {
  APPLICATION_NAMESPACES,
  ARGOCD_NAMESPACE,
  ARGOCD_SETTINGS,
  DEFAULT_PROJECT,
  GATE_ACCOUNT,
} from "./argocd-objects.ts";
import type { Cluster } from "./cluster.ts";
import { eventually, run, startService, type Outcome, type Service } from "./process.ts";
import { program } from "./programs.ts";
import { LOGS_VARIABLE } from "./setup.ts";

/** How to reach a running Argo CD: plain data, which goes from the global set-up to the test files. */
export interface ArgoCdAccess {
  /** `http://127.0.0.1:PORT` of its API server. */
  readonly url: string;
  /** May do everything. */
  readonly adminToken: string;
  /** The gate's: may read Applications and what they render to. */
  readonly gateToken: string;
}

/** Options of one run of the argocd program. */
interface CliOptions {
  readonly token?: string;
  readonly timeoutMs?: number;
}

/** A running Argo CD and its command line. */
export interface ArgoCd extends ArgoCdAccess {
  /** Runs `argocd` as its administrator, or by another token, and reports how it ended, whichever way. */
  readonly argocd: (args: readonly string[], options?: CliOptions) => Promise<Outcome>;
}

/** An Argo CD that this process started. */
export interface StartedArgoCd {
  readonly access: ArgoCdAccess;
  /** The folder of everything that it writes; gone after `stop`. */
  readonly home: string;
  /** Ends it and leaves nothing on this machine; what it wrote into the cluster stays. */
  readonly stop: (options?: { keepLogs?: string }) => Promise<void>;
}

/** A command line for an Argo CD that runs already. */
export function connectArgoCd(access: ArgoCdAccess): ArgoCd {
  const server = new URL(access.url).host;
  return {
    ...access,
    argocd: (args, { token = access.adminToken, timeoutMs = 90_000 } = {}) => {
      const env = { ARGOCD_SERVER: server, ARGOCD_AUTH_TOKEN: token, ARGOCD_CONFIG_DIR: "/nonexistent" };
      return run(program("argocd"), ["--plaintext", ...args], { env, timeoutMs });
    },
  };
}

/** Which Argo CD. */
export interface ArgoCdOptions {
  readonly cluster: Cluster;
  /** With its source hydrator, of which a machine has one at a time: the commit server has fixed paths. */
  readonly hydrator?: boolean;
}

/**
 * Starts the application controller, the repository server and the API server of a real Argo CD as processes on
 * loopback, with a redis of their own, against a cluster, which they take for the one they run in.
 */
export async function startArgoCd({ cluster, hydrator = false }: ArgoCdOptions): Promise<StartedArgoCd> {
  const home = await mkdtemp(join(tmpdir(), "mc-argo-"));
  const services: Service[] = [];
  const stop = async ({ keepLogs }: { keepLogs?: string } = {}) => {
    await Promise.all(services.map((service) => service.stop()));
    if (keepLogs) await cp(join(home, "log"), keepLogs, { recursive: true });
    await rm(home, { recursive: true, force: true, maxRetries: 5 });
    if (hydrator) for (const path of COMMIT_SERVER_PATHS) await rm(path, { recursive: true, force: true });
  };
  try {
    await Promise.all([install(cluster), makeFolders(home)]);
    const url = await startProcesses({ home, cluster, services, hydrator });
    return { access: { url, ...(await tokens(url, cluster)) }, home, stop };
  } catch (cause) {
    const logs = process.env[LOGS_VARIABLE];
    await stop(logs ? { keepLogs: join(logs, "argocd") } : {});
    throw cause;
  }
}

async function install({ kubectlOk }: Cluster): Promise<void> {
  const items = ARGOCD_SETTINGS;
  const settings = JSON.stringify({ apiVersion: "v1", kind: "List", items });
  await kubectlOk(["apply", "-f", "-"], { stdin: settings });
  // By the server: they are too large for the annotation of a client-side apply.
  const definitions = ["application", "appproject", "applicationset"].flatMap((kind) => {
    return ["-f", join(program("argocd-crds"), `${kind}-crd.yaml`)];
  });
  await kubectlOk(["apply", "--server-side", ...definitions]);
  const kinds = ["applications", "appprojects"].map((name) => `crd/${name}.argoproj.io`);
  await kubectlOk(["wait", "--for=condition=Established", ...kinds, "--timeout=60s"]);
  await kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(DEFAULT_PROJECT) });
}

async function makeFolders(home: string): Promise<void> {
  const folders = ["tls", "ssh", "gpg", "plugins", "tmp", "log"];
  await Promise.all(folders.map((name) => mkdir(join(home, name), { mode: 0o700 })));
}

function environment(home: string, { kubeconfig }: Cluster): Record<string, string> {
  return {
    KUBECONFIG: kubeconfig,
    PATH: `${dirname(program("helm"))}:${process.env["PATH"]}`, // the repository server renders charts by helm
    HOME: home,
    TMPDIR: join(home, "tmp"),
    GIT_CONFIG_NOSYSTEM: "1",
    ARGOCD_FAKE_IN_CLUSTER: "true",
    ARGOCD_GPG_ENABLED: "false",
    ARGOCD_TLS_DATA_PATH: join(home, "tls"),
    ARGOCD_SSH_DATA_PATH: join(home, "ssh"),
    ARGOCD_GNUPGHOME: join(home, "gpg"),
    ARGOCD_GPG_DATA_PATH: join(home, "gpg"),
    ARGOCD_PLUGINSOCKFILEPATH: join(home, "plugins"),
    ARGOCD_APPLICATION_NAMESPACES: APPLICATION_NAMESPACES,
    ARGOCD_SYNC_WAVE_DELAY: "1", // seconds; by default 2, during which an Application does not list its hook yet
    ARGOCD_K8S_CLIENT_QPS: "200",
    ARGOCD_K8S_CLIENT_BURST: "400",
    HOSTNAME: "argocd-application-controller-0",
  };
}

interface Parts {
  readonly home: string;
  readonly cluster: Cluster;
  /** Those that were started so far. */
  readonly services: Service[];
  readonly hydrator: boolean;
}

/** Source: argo-cd, util/askpass/common.go and commitserver/commit/commit.go. */
const COMMIT_SERVER_PATHS = ["/tmp/commit-server-ask-pass.sock", "/tmp/_commit-service"];

/** Starts the programs, in the order in which they need each other; gives the address of the API. */
async function startProcesses(parts: Parts): Promise<string> {
  const redis = join(parts.home, "redis.sock");
  await start(parts, {
    name: "redis",
    path: "redis-server",
    ready: /ready to accept connections/i,
    args: ["--port", "0", "--unixsocket", redis, "--save", "", "--appendonly", "no", "--dir", parts.home],
  });
  const common = ["--redis", redis, "--logformat", "text"];
  const listening = /is listening on (127\.0\.0\.1:\d+)/;
  const repositories = await start(parts, {
    name: "argocd-repo-server",
    ready: listening,
    args: [...common, ...ON_LOOPBACK, "--port", "0", "--disable-tls"],
  });
  const address = listening.exec(repositories.output())?.[1] ?? "";
  const toRepositories = ["--repo-server", address, "--repo-server-plaintext"];
  const both = [...common, ...toRepositories, "--namespace", ARGOCD_NAMESPACE];
  const hydrating = parts.hydrator ? await startCommitServer(parts) : [];
  const port = await freePort();
  const noLogin = ["--insecure", "--dex-server", "http://127.0.0.1:1"];
  await Promise.all([
    start(parts, {
      name: "argocd-application-controller",
      ready: /appResyncPeriod=/,
      // Its metrics have no option for the address.
      args: [...both, ...hydrating, "--app-resync", "5", "--app-resync-jitter", "0", "--metrics-port", "0"],
    }),
    start(parts, {
      name: "argocd-server",
      ready: /serving on port/,
      args: [...both, ...ON_LOOPBACK, "--port", String(port), ...noLogin],
    }),
  ]);
  return `http://127.0.0.1:${port}`;
}

/** Starts what pushes hydrated manifests; gives the flags by which the controller finds it. */
async function startCommitServer(parts: Parts): Promise<readonly string[]> {
  const port = String(await freePort());
  await start(parts, {
    name: "argocd-commit-server",
    path: program("argocd"),
    env: { ARGOCD_BINARY_NAME: "argocd-commit-server" },
    ready: /starting grpc server/,
    args: ["--logformat", "text", ...ON_LOOPBACK, "--port", port],
  });
  return ["--hydrator-enabled", "--commit-server", `127.0.0.1:${port}`];
}

const ON_LOOPBACK = ["--address", "127.0.0.1", "--metrics-address", "127.0.0.1", "--metrics-port", "0"];

interface ProcessOptions {
  readonly name: string;
  /** Default: the program of that name that was built. */
  readonly path?: string;
  readonly ready: RegExp;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

async function start(parts: Parts, { name, path, ready, args, env }: ProcessOptions): Promise<Service> {
  const { home, cluster, services } = parts;
  const service = await startService({
    program: path ?? program(name),
    args,
    env: { ...environment(home, cluster), ...env },
    cwd: home,
    logFile: join(home, "log", `${name}.log`),
    ready,
    timeoutMs: 90_000,
  });
  services.push(service);
  return service;
}

/** The API server dials its own port, so it has to be told one. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

async function tokens(url: string, { kubectl }: Cluster): Promise<Omit<ArgoCdAccess, "url">> {
  const password = await eventually("the administrator's password", async () => {
    const secret = ["get", "secret", "argocd-initial-admin-secret", "-o", "jsonpath={.data.password}"];
    const { stdout } = await kubectl(["-n", ARGOCD_NAMESPACE, ...secret]);
    return stdout ? Buffer.from(stdout, "base64").toString("utf8") : undefined;
  });
  const adminToken = await eventually("a session", async () => {
    return tokenOf(`${url}/api/v1/session`, { username: "admin", password }).catch(() => undefined);
  });
  const gateToken = await tokenOf(`${url}/api/v1/account/${GATE_ACCOUNT}/token`, {}, adminToken);
  return { adminToken, gateToken };
}

async function tokenOf(url: string, body: object, bearer?: string): Promise<string> {
  const headers = {
    "content-type": "application/json",
    ...(bearer && { authorization: `Bearer ${bearer}` }),
  };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { readonly token: string }).token;
}
