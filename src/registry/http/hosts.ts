import { Fault } from "../../core/index.ts";
import { ADVICE } from "../advice.ts";
import type { RegistrySettings } from "../settings.ts";

const HUB = "docker.io";
const HUB_API = "registry-1.docker.io";

/** A place that speaks the distribution API. */
export interface Endpoint {
  /** The name that settings and credentials go by: `docker.io`, `ghcr.io`, `localhost:5000`. */
  readonly registry: string;
  /** Scheme, host and port that are asked. */
  readonly origin: URL;
  /** Goes before the repository: empty, or a mirror's path with a slash at its end. */
  readonly prefix: string;
}

/** Where a registry's API is. Throws Fault `registry/invalid` where the name makes no URL. */
export function endpointOf(registry: string, settings: RegistrySettings): Endpoint {
  const scheme = settings.hosts[registry]?.plainHttpUnsafe === true ? "http" : "https";
  const url = `${scheme}://${registry === HUB ? HUB_API : registry}`;
  if (!URL.canParse(url)) throw new Fault("registry/invalid", `${registry} cannot be an address`);
  return { registry, origin: new URL(url), prefix: "" };
}

/** Where a registry's tags, lists and content come from: its own API, or the place that stands in for it. */
export function upstreamOf(registry: string, settings: RegistrySettings): Endpoint {
  const place = settings.hosts[registry]?.replacedBy;
  return place === undefined ? endpointOf(registry, settings) : placeAt(place, settings);
}

/** The mirrors of a registry, in their order. */
export function mirrorsOf(registry: string, settings: RegistrySettings): Endpoint[] {
  return (settings.hosts[registry]?.mirrors ?? []).map((mirror) => placeAt(mirror, settings));
}

/** `host[:port][/path]`: settings and credentials are those of that host. */
function placeAt(place: string, settings: RegistrySettings): Endpoint {
  const slash = place.indexOf("/");
  const host = slash < 0 ? place : place.slice(0, slash);
  const prefix = slash < 0 ? "" : `${place.slice(slash + 1).replace(/\/+$/, "")}/`;
  return { ...endpointOf(host, settings), prefix };
}

/** The name that settings go by for a URL: the URL's host, with Docker Hub's API brought back to `docker.io`. */
export function registryOf(url: URL): string {
  return url.host === HUB_API ? HUB : url.host;
}

/** Whether the allow list takes a host; every host where there is no list. */
export function isAllowedHost(host: string, allowed: readonly string[] | undefined): boolean {
  if (allowed === undefined) return true;
  return allowed.some((pattern) =>
    pattern.startsWith("*.") ? host.endsWith(pattern.slice(1)) : host === pattern,
  );
}

/** Throws Fault `registry/forbidden` where images may not name this registry. */
export function refuseOtherHosts(
  registry: string,
  { allowedHosts }: Pick<RegistrySettings, "allowedHosts">,
): void {
  if (isAllowedHost(registry, allowedHosts)) return;
  throw new Fault("registry/forbidden", `${registry} is not among the hosts that images may name`, {
    advice: ADVICE.otherHost,
  });
}
