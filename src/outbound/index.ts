export { followCaFile } from "./ca-file.ts";
export { type Environment, NO_FORWARD_PROXY, type ProxyFor, proxyFromEnvironment } from "./forward-proxy.ts";
export { createForwarding, forwardFetch, type Forwarding, type ForwardingOptions } from "./forwarding.ts";
export { ProxyError } from "./proxy-error.ts";
export { trustAuthorities, type TrustedAuthorities } from "./trust-authorities.ts";
