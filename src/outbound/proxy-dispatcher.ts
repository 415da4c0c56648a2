import type { Socket } from "node:net";

import { type buildConnector, type Dispatcher, Pool, ProxyAgent } from "undici";

import { proxyErrorOf, unreachable } from "./proxy-error.ts";

/** How hosts behind a proxy are reached. */
export interface ProxyDispatcherOptions {
  readonly proxy: URL;
  /** Of each host's pool of connections. */
  readonly pool: Omit<Pool.Options, "connect">;
  /** Time for a connection to the proxy, and for its answer. */
  readonly timeoutMs: number;
  /** PEM of the only authorities that may vouch for the host; not for the proxy. */
  readonly ca?: string | undefined;
  /** Sees each connection before it is used. */
  readonly onConnected?: (socket: Socket, host: string) => void;
}

type Connect = buildConnector.connector;

/**
 * Reaches https hosts by CONNECT, so that the proxy sees no content, and http hosts by requests that name the whole URL.
 * The proxy looks names up: what they lead to cannot be checked here. Its failures are ProxyErrors.
 */
export function createProxyDispatcher({
  proxy,
  pool,
  timeoutMs,
  ca,
  onConnected,
}: ProxyDispatcherOptions): Dispatcher {
  const { host } = proxy;
  const agent = new ProxyAgent({
    ...pool,
    uri: proxy.href,
    requestTls: { timeout: timeoutMs, ...(ca !== undefined && { ca }) },
    connectTimeout: timeoutMs,
    factory: (origin, options) => {
      const connect = connectorIn(options);
      const isToProxy = new URL(origin).host === host; // an http host's requests go to the proxy itself
      return new Pool(origin, {
        ...pool,
        connect: watched(isToProxy ? toProxy(connect, proxy) : connect, onConnected),
      });
    },
    clientFactory: (origin, options) =>
      new Pool(origin, { ...pool, headersTimeout: timeoutMs, connect: toProxy(connectorIn(options), proxy) }),
  });
  return agent.compose((dispatch) => (options, handler) => dispatch(options, namesProxy(handler, proxy)));
}

/** ProxyAgent gives its factories the connector that they are to use. */
function connectorIn(options: object): Connect {
  return (options as { readonly connect: Connect }).connect;
}

function watched(connect: Connect, onConnected: ProxyDispatcherOptions["onConnected"]): Connect {
  return (options, callback) =>
    connect(options, (...outcome) => {
      const [error, socket] = outcome;
      if (error === null) onConnected?.(socket, options.host ?? options.hostname);
      callback(...outcome);
    });
}

function toProxy(connect: Connect, proxy: URL): Connect {
  return (options, callback) =>
    connect(options, (...outcome) => {
      const [error] = outcome;
      if (error === null) callback(...outcome);
      else callback(unreachable(error, proxy), null);
    });
}

/** The same handler, which names the proxy where a failure is the proxy's. */
function namesProxy(handler: Dispatcher.DispatchHandler, proxy: URL): Dispatcher.DispatchHandler {
  return {
    onRequestStart: (...args) => handler.onRequestStart?.(...args),
    onRequestUpgrade: (...args) => handler.onRequestUpgrade?.(...args),
    onResponseStart: (...args) => handler.onResponseStart?.(...args),
    onResponseData: (...args) => handler.onResponseData?.(...args),
    onResponseEnd: (...args) => handler.onResponseEnd?.(...args),
    onResponseError: (controller, error) => handler.onResponseError?.(controller, proxyErrorOf(error, proxy)),
  };
}
