const MAX_REALM = 2048;
const HUB_TOKENS = "auth.docker.io";
const HUB_API = "registry-1.docker.io";

/** The realm's URL, or one clause that says why it may not be asked. */
export type Realm = { readonly ok: true; readonly url: URL } | { readonly ok: false; readonly why: string };

/**
 * Whether a registry at `origin` may send us, and our credentials for it, to the token service `realm`: the
 * registry's own host, a domain above it (two labels at least), a name below it, or a host that is listed.
 * Never from https to http. Keeps a hostile registry or proxy from pointing us and our secrets elsewhere.
 */
export function checkRealm(realm: string, origin: URL, listed: readonly string[]): Realm {
  const url = realm.length > MAX_REALM ? null : URL.parse(realm);
  if (url === null) return no("is not a web address");
  const why = wrongForm(url, origin);
  if (why !== undefined) return no(why);
  if (listed.includes(url.host) || isHub(url, origin) || isRelated(url.hostname, origin.hostname))
    return { ok: true, url };
  return no(`is on ${url.host}, which is neither this registry's own nor among its tokenHosts`);
}

function wrongForm(url: URL, origin: URL): string | undefined {
  if (!/^https?:$/.test(url.protocol)) return "is not a web address";
  if (url.username !== "" || url.password !== "") return "contains a user name";
  return url.protocol === "http:" && origin.protocol === "https:" ? "is not https" : undefined;
}

function isHub(url: URL, origin: URL): boolean {
  return origin.host === HUB_API && url.host === HUB_TOKENS;
}

function isRelated(realm: string, registry: string): boolean {
  if (realm === registry) return true;
  const above = realm.includes(".") && registry.endsWith(`.${realm}`);
  return above || realm.endsWith(`.${registry}`);
}

function no(why: string): Realm {
  return { ok: false, why };
}
