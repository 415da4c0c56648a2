import { createHash } from "node:crypto";
import type { AgentOptions } from "node:https";
import type { ConnectionOptions } from "node:tls";

import {
  type Cluster,
  type ConnectOptions,
  type DispatcherOptions,
  HttpMethod,
  KubeConfig,
  RequestContext,
} from "@kubernetes/client-node";
import { Agent, type buildConnector, type Dispatcher, ProxyAgent } from "undici";

import { KubeError } from "./kube-error.ts";

/** What one call needs: where to, who is asking, over which connections. */
export interface AuthenticatedEndpoint {
  readonly server: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatcher: Dispatcher;
}

/** Sign-in and connections of one cluster. */
export interface Transport {
  /** Namespace of the pod, or of the kubeconfig's context. */
  readonly namespace: string | undefined;
  /** Asked again for each call, since tokens rotate. Rejects where a credential cannot be had. */
  readonly authenticate: () => Promise<AuthenticatedEndpoint>;
  readonly close: () => Promise<void>;
}

/** The library makes connections again for each call; this keeps its reading of the files and leaves that out. */
class SharedKubeConfig extends KubeConfig {
  wanted: DispatcherOptions = { type: "none" };

  override createDispatcherOptions(cluster: Cluster | null, options: AgentOptions): DispatcherOptions {
    this.wanted = super.createDispatcherOptions(cluster, options);
    return { type: "none" };
  }
}

/**
 * Reads a kubeconfig, or what Kubernetes mounts into a pod where no path is given. Throws KubeError where there is
 * neither, or it names no cluster.
 */
export function createTransport(kubeconfig: string | undefined): Transport {
  const config = load(kubeconfig);
  const server = config.getCurrentCluster()?.server;
  if (server === undefined) throw new KubeError("the kubeconfig names no current cluster");
  const connections = sharedConnections();
  return {
    namespace: config.getContextObject(config.getCurrentContext())?.namespace?.trim(),
    close: connections.close,
    async authenticate() {
      const context = new RequestContext(server, HttpMethod.GET);
      await config.applySecurityAuthentication(context);
      return { server, headers: context.getHeaders(), dispatcher: connections.over(config.wanted) };
    },
  };
}

function load(kubeconfig: string | undefined): SharedKubeConfig {
  const config = new SharedKubeConfig();
  if (kubeconfig === undefined && process.env["KUBERNETES_SERVICE_HOST"] === undefined) {
    throw new KubeError("this is not a pod in a cluster, and no kubeconfig is given");
  }
  try {
    if (kubeconfig === undefined) config.loadFromCluster();
    else config.loadFromFile(kubeconfig);
  } catch (cause) {
    throw new KubeError(`cannot read the kubeconfig ${kubeconfig ?? "of the pod"}`, { cause });
  }
  return config;
}

/** One set of connections, made again only when a certificate authority or a client certificate has changed. */
function sharedConnections(): {
  over: (wanted: DispatcherOptions) => Dispatcher;
  close: () => Promise<void>;
} {
  let current: { dispatcher: Dispatcher; fingerprint: string } | undefined;
  return {
    over(wanted) {
      const fingerprint = createHash("sha256").update(JSON.stringify(wanted)).digest("hex");
      if (current?.fingerprint !== fingerprint) {
        current?.dispatcher.close().catch(() => undefined); // what runs over it may end first
        current = { dispatcher: dispatcherFor(wanted), fingerprint };
      }
      return current.dispatcher;
    },
    close: async () => current?.dispatcher.destroy(),
  };
}

/** HTTP/1.1: a watch that has fallen silent then costs its own connection, not that of every call. */
function dispatcherFor(wanted: DispatcherOptions): Dispatcher {
  switch (wanted.type) {
    case "agent":
      return new Agent({ connect: undiciOptions(wanted.connect), allowH2: false });
    case "proxy":
      return new ProxyAgent({
        uri: wanted.uri,
        requestTls: undiciOptions(wanted.requestTls),
        connect: undiciOptions(wanted.connect),
        allowH2: false,
      });
    case "none":
      return new Agent({ allowH2: false });
    case "socks":
      throw new KubeError("the kubeconfig asks for a SOCKS proxy, which is not supported; use an HTTP one");
  }
}

/** The same options under undici's name for them: both are handed to `tls.connect` as they are. */
function undiciOptions(options: ConnectOptions | ConnectionOptions): buildConnector.BuildOptions {
  return options as buildConnector.BuildOptions;
}
