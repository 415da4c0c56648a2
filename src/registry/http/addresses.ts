import { BlockList, isIP } from "node:net";

/** `refused` never answers for a registry; `loopback` only where a host's settings say so. */
export type AddressKind = "ordinary" | "loopback" | "refused";

const LOOPBACK = blockList(["127.0.0.0/8", "::1/128"]);

/**
 * Addresses that no image reference may lead to: "this network", link-local (with it the metadata services of
 * AWS, GCP, Azure, OpenStack, DigitalOcean), multicast, reserved, unspecified, and metadata services that live
 * elsewhere. The last two rows are link-local again, written through NAT64 (RFC 6052) and 6to4 (RFC 3056).
 */
const REFUSED = blockList([
  "0.0.0.0/8",
  "169.254.0.0/16",
  "224.0.0.0/4",
  "240.0.0.0/4",
  "100.100.100.200/32", // Alibaba Cloud
  "168.63.129.16/32", // Azure WireServer
  "192.0.0.192/32", // Oracle Cloud
  "::/128",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
  "fd00:ec2::/32", // AWS, instance metadata and its neighbours
  "fd20:ce::254/128", // Google Cloud
  "64:ff9b::a9fe:0/112",
  "2002:a9fe::/32",
]);

/**
 * What may be done with an IP address; text that is not an address is refused. IPv4 written inside IPv6 counts as IPv4.
 */
export function classifyAddress(address: string): AddressKind {
  const bare = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const family = familyOf(bare);
  if (family === undefined || REFUSED.check(bare, family)) return "refused";
  return LOOPBACK.check(bare, family) ? "loopback" : "ordinary";
}

/** Whether a URL's host name is an address rather than a name. */
export function isAddress(hostname: string): boolean {
  return isIP(hostname.replace(/^\[|\]$/g, "")) !== 0;
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}

function blockList(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [address = "", prefix = ""] = subnet.split("/");
    list.addSubnet(address, Number(prefix), familyOf(address) ?? "ipv6");
  }
  return list;
}
