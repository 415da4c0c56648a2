export { type Environment, NO_FORWARD_PROXY, type ProxyFor, proxyFromEnvironment } from "./forward-proxy.ts";
export { createForwarding, forwardFetch, type Forwarding, type ForwardingOptions } from "./forwarding.ts";
export { ProxyError } from "./proxy-error.ts";
