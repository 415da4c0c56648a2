import { BlockList, isIP } from "node:net";

import { parseNoProxy } from "./no-proxy.ts";

/** The forward proxy that a URL is reached through; undefined where it is reached directly. */
export type ProxyFor = (url: URL) => URL | undefined;

/** Environment variables, as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A variable that names no proxy which can be used. Its message does not hold the value, which may have a password. */
class ProxySettingError extends Error {
  override readonly name = "ProxySettingError";
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };
const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Everything is reached directly. */
export const NO_FORWARD_PROXY: ProxyFor = () => undefined;

/**
 * Reads HTTPS_PROXY, HTTP_PROXY and NO_PROXY, or the same in lower case, as Go's tools do: HTTPS_PROXY is for https
 * alone, and this machine (`localhost` and loopback addresses) is always reached directly. Throws ProxySettingError.
 */
export function proxyFromEnvironment(env: Environment): ProxyFor {
  const proxies: Readonly<Record<string, URL | undefined>> = {
    "https:": readProxy("HTTPS_PROXY", env),
    "http:": readProxy("HTTP_PROXY", env),
  };
  if (proxies["https:"] === undefined && proxies["http:"] === undefined) return NO_FORWARD_PROXY;
  const isDirect = parseNoProxy(valueOf("NO_PROXY", env) ?? "");
  return (url) => {
    const proxy = proxies[url.protocol];
    const host = url.hostname.replace(/^\[|\]$/g, "").replace(/(?<=.)\.$/, "");
    const port = url.port === "" ? (DEFAULT_PORTS[url.protocol] ?? "") : url.port;
    return proxy === undefined || isThisMachine(host) || isDirect({ host, port }) ? undefined : proxy;
  };
}

function valueOf(name: string, env: Environment): string | undefined {
  const value = env[name] || env[name.toLowerCase()];
  return value === "" ? undefined : value;
}

function readProxy(name: string, env: Environment): URL | undefined {
  const text = valueOf(name, env);
  if (text === undefined) return undefined;
  const url = URL.parse(/^[a-z0-9+.-]+:\/\//i.test(text) ? text : `http://${text}`);
  if (url === null || url.hostname === "")
    throw new ProxySettingError(`${name} is not the address of a proxy`);
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  throw new ProxySettingError(
    `${name} names a proxy with ${url.protocol}//; only http:// and https:// are supported`,
  );
}

function isThisMachine(host: string): boolean {
  if (host === "localhost") return true;
  const version = isIP(host);
  return version !== 0 && LOOPBACK.check(host, version === 4 ? "ipv4" : "ipv6");
}
