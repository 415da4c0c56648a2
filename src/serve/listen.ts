import { createServer, type Server, type Socket } from "node:net";

import { type AdmissionDeps, registerAdmission } from "../admission/index.ts";
import { registerSync, type SyncDeps } from "../argocd/index.ts";
import type { Metrics } from "../metrics/index.ts";
import {
  buildProbeServer,
  buildServer,
  type CertificateSource,
  type ClientAuthorities,
} from "../server/index.ts";
import { listenAddress } from "./listen-address.ts";
import { settingError } from "./settings/setting-error.ts";
import { registerState, type StateDeps } from "./state/plugin.ts";

export interface ListenOptions {
  readonly admission: AdmissionDeps;
  /** Without it no one is answered about syncs and rollouts. */
  readonly sync?: SyncDeps | undefined;
  /** Without it the state of this replica cannot be read. */
  readonly state?: StateDeps | undefined;
  readonly certificate: CertificateSource;
  /** Authorities of the API server's client certificate; without them no client is asked for one. */
  readonly clientAuthorities?: ClientAuthorities | undefined;
  readonly metrics: Metrics;
  /** Names of parts that are not ready. */
  readonly missing: () => readonly string[];
  /** Whether clients are to leave for another replica; it is not ready then. */
  readonly isDraining?: () => boolean;
  readonly address: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly probePort: number;
  /** Another port on which the HTTPS server answers; none where absent. */
  readonly fallback?: { readonly port: number } | undefined;
}

/** The servers, listening. */
export interface Listening {
  readonly port: number;
  readonly fallbackPort: number | undefined;
  readonly probePort: number;
  /** Stops taking requests, answers those under way, and ends. */
  readonly close: () => Promise<void>;
}

/** Starts the HTTPS server for the API server and the plain one for kubelet and scraper. */
export async function listen(options: ListenOptions): Promise<Listening> {
  const { admission, sync, state, certificate, clientAuthorities, metrics, missing, isDraining, address } =
    options;
  const register: Parameters<typeof buildServer>[1] = (app) => {
    registerAdmission(app, admission);
    if (sync !== undefined) registerSync(app, sync);
    if (state !== undefined) registerState(app, state);
  };
  const server = buildServer(certificate, register, {
    clientAuthorities,
    onEvicted: metrics.evicted,
    ...(isDraining && { isDraining }),
  });
  const probes = buildProbeServer({
    missing: () => [...missing(), ...(isDraining?.() ? ["draining"] : [])],
    metrics: metrics.render,
  });
  const fallback = options.fallback === undefined ? undefined : secondDoor(server.server);
  const close = async (): Promise<void> => {
    await Promise.all([fallback?.close(), server.close()]);
    await probes.close();
  };
  const host = await listenAddress(address);
  try {
    await bind(server, { host, port: options.port, setting: "server.port" });
    if (fallback !== undefined)
      await bind(fallback, { host, port: options.fallback!.port, setting: "server.fallback.port" });
    await bind(probes, { host, port: options.probePort, setting: "server.probePort" });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    port: portOf(server.server),
    fallbackPort: fallback && portOf(fallback.server),
    probePort: portOf(probes.server),
    close,
  };
}

/** Another port of a server: what connects there is that server's connection. */
function secondDoor(to: Server): {
  readonly server: Server;
  readonly listen: (place: Pick<Place, "host" | "port">) => Promise<void>;
  readonly close: () => Promise<void>;
} {
  const server = createServer({ noDelay: true }, (socket: Socket) => void to.emit("connection", socket));
  return {
    server,
    listen: (place) =>
      new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen(place, resolve);
      }),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

interface Place {
  readonly host: string;
  readonly port: number;
  /** The key in the settings that the port comes from. */
  readonly setting: string;
}

/** Throws UsageError where no one can listen there: the port is taken, or the address is not this machine's. */
async function bind(
  server: { readonly listen: (place: Pick<Place, "host" | "port">) => Promise<unknown> },
  { host, port, setting }: Place,
): Promise<void> {
  try {
    await server.listen({ host, port });
  } catch (error) {
    throw settingError(setting, error);
  }
}

function portOf(server: Pick<Server, "address">): number {
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("the server listens on no port");
  return bound.port;
}
