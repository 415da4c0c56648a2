import { Fault } from "../../core/index.ts";
import type { HttpAnswer } from "./http.ts";
import { type Link, parseLinks } from "./link-header.ts";

/**
 * Path with query of the next page of a list: distribution-spec v1.1, "Listing Referrers" and "Listing Tags", by a `Link`
 * (RFC 8288), here on the same origin only. Undefined where every link was read and none leads on; a list that continues in a
 * way that cannot be read is a fault, never a whole list.
 */
export function nextPage({ headers, url }: HttpAnswer, list: string): string | undefined {
  const links = parseLinks(headers["link"] ?? "");
  if (links === undefined) throw unreadable(url, "a Link header that cannot be read (RFC 8288)");
  const targets = links
    .filter(({ relations }) => relations.includes("next"))
    .map((link) => targetOf(link, url, list));
  const [next, ...others] = new Set(targets);
  if (others.length > 0) throw unreadable(url, "several next pages");
  return next;
}

/** Path with query. A link that speaks of another page than this one says nothing that could be relied on. */
function targetOf({ target, anchor }: Link, { href, origin, host }: URL, list: string): string {
  if (anchor !== undefined && URL.parse(anchor, href)?.href !== href)
    throw new Fault("registry/invalid", `${host} sends a next page of something else`);
  const next = URL.parse(target, href);
  if (next?.origin !== origin)
    throw new Fault("registry/invalid", `${host} continues its ${list} somewhere else`);
  return `${next.pathname}${next.search}`;
}

/** The fault of a registry that sends something that cannot be read. */
export function unreadable({ host }: URL, what: string): Fault {
  return new Fault("registry/invalid", `${host} sends ${what}`);
}
