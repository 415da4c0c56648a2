import { Agent, type Dispatcher, setGlobalDispatcher } from "undici";

import { NO_FORWARD_PROXY, type ProxyFor } from "./forward-proxy.ts";
import { createProxyDispatcher, type ProxyDispatcherOptions } from "./proxy-dispatcher.ts";

const FETCH_CONNECT_MS = 10_000;

/** Dispatchers by where a URL leads: directly, or through its proxy. */
export interface Forwarding {
  readonly dispatcherFor: (url: URL) => Dispatcher;
  /** Ends connections as what runs over them ends; nothing new is taken. */
  readonly close: () => Promise<void>;
  /** Ends every connection at once, direct ones as well. */
  readonly destroy: () => Promise<void>;
}

/** What connections through a proxy are made of, and when there is one. */
export interface ForwardingOptions extends Omit<ProxyDispatcherOptions, "proxy"> {
  readonly proxyFor: ProxyFor;
}

/** Sends what needs no proxy over `direct`, and everything else through its proxy. */
export function createForwarding(direct: Dispatcher, options: ForwardingOptions): Forwarding {
  const { proxyFor, ...connections } = options;
  const proxied = new Map<string, Dispatcher>();
  return {
    dispatcherFor(url) {
      const proxy = proxyFor(url);
      if (proxy === undefined) return direct;
      const dispatcher = proxied.get(proxy.href) ?? createProxyDispatcher({ ...connections, proxy });
      proxied.set(proxy.href, dispatcher);
      return dispatcher;
    },
    async close() {
      await Promise.all([direct, ...proxied.values()].map((each) => each.close()));
    },
    async destroy() {
      await Promise.all([direct, ...proxied.values()].map((each) => each.destroy()));
    },
  };
}

/** Has the process's own `fetch` use the forward proxy: for libraries that take no dispatcher. */
export function forwardFetch(proxyFor: ProxyFor): void {
  if (proxyFor === NO_FORWARD_PROXY) return;
  const direct = new Agent();
  const { dispatcherFor } = createForwarding(direct, { proxyFor, pool: {}, timeoutMs: FETCH_CONNECT_MS });
  setGlobalDispatcher(
    direct.compose((dispatch) => (request, handler) => {
      const dispatcher = dispatcherFor(new URL(String(request.origin)));
      return dispatcher === direct ? dispatch(request, handler) : dispatcher.dispatch(request, handler);
    }),
  );
}
