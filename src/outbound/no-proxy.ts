import { BlockList, isIP } from "node:net";

/** A host as URLs have it, without brackets, and its port. */
interface Target {
  readonly host: string;
  readonly port: string;
}

type Matcher = (target: Target) => boolean;

/**
 * Whether a host is reached without the proxy by a NO_PROXY list, as Go's tools read it: `*`, an address, a CIDR range, a
 * name with the names below it, `.name` or `*.name` for those below it alone; all but ranges with a port where that counts.
 * Source: golang.org/x/net/http/httpproxy, type Config.
 */
export function parseNoProxy(text: string): Matcher {
  const entries = text.toLowerCase().split(",");
  const matchers = entries.map((entry) => matcherOf(entry.trim())).filter((each) => each !== undefined);
  return (target) => matchers.some((matches) => matches(target));
}

/** Undefined where an entry says nothing. */
function matcherOf(entry: string): Matcher | undefined {
  if (entry === "*") return () => true;
  const range = rangeOf(entry);
  if (range !== undefined) return range;
  const { host, port } = split(entry);
  if (host === "") return undefined;
  const samePort = (target: Target): boolean => port === "" || port === target.port;
  const family = familyOf(host);
  if (family !== undefined) {
    const list = new BlockList();
    list.addAddress(host, family);
    return (target) => samePort(target) && isIn(list, target.host);
  }
  const below = host.replace(/^\*?\./, ".");
  const suffix = below.startsWith(".") ? below : `.${below}`;
  return (target) =>
    samePort(target) && (target.host.endsWith(suffix) || (below !== suffix && target.host === below));
}

function rangeOf(entry: string): Matcher | undefined {
  const [, network = "", bits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
  const family = familyOf(network);
  if (family === undefined || Number(bits) > (family === "ipv4" ? 32 : 128)) return undefined;
  const list = new BlockList();
  list.addSubnet(network, Number(bits), family);
  return ({ host }) => isIn(list, host);
}

/** Host and port of an entry; an IPv6 address has brackets where a port follows. */
function split(entry: string): Target {
  const [, inBrackets, host = entry, port = ""] = /^(?:\[(.+)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  return { host: inBrackets ?? host, port };
}

function isIn(list: BlockList, host: string): boolean {
  const family = familyOf(host);
  return family !== undefined && list.check(host, family);
}

function familyOf(host: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(host);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}
