import { Fault } from "../../core/index.ts";
import { ADVICE } from "../advice.ts";
import type { RegistrySettings } from "../settings.ts";
import { isAllowedHost, registryOf } from "./hosts.ts";
import type { Exchange, HttpRequest } from "./http.ts";

const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const MAX_LOCATION = 8192;

/**
 * Follows redirects of GET requests, as registries use them for blobs in object storage. Never from https to
 * http, never to a host outside the allow list; `authorization` stays behind as soon as the origin changes.
 * Throws Fault `limits/exceeded` after too many, `registry/forbidden` or `registry/invalid` for a bad one.
 */
export function followRedirects(exchange: Exchange, settings: RegistrySettings): Exchange {
  return async (request) => {
    let current = request;
    for (let hops = 0; ; hops += 1) {
      const answer = await exchange(current);
      if (!REDIRECTS.includes(answer.status)) return answer;
      if (request.method !== "GET" && request.method !== "HEAD")
        throw new Fault("registry/invalid", `${request.url.host} redirects a ${request.method}`);
      if (hops >= settings.limits.redirects)
        throw new Fault(
          "limits/exceeded",
          `${request.url.host} redirects more than ${settings.limits.redirects} times`,
        );
      current = nextHop(current, answer.headers["location"], settings);
    }
  };
}

function nextHop(from: HttpRequest, location: string | undefined, settings: RegistrySettings): HttpRequest {
  const host = from.url.host;
  const url =
    location === undefined || location.length > MAX_LOCATION ? null : URL.parse(location, from.url.href);
  if (url === null || url.username !== "" || url.password !== "")
    throw new Fault("registry/invalid", `${host} redirects to an unusable address`);
  if (url.protocol !== "https:" && url.protocol !== from.url.protocol)
    throw new Fault("registry/forbidden", `${host} redirects away from https`, {
      advice: ADVICE.redirect,
    });
  if (!isAllowedHost(registryOf(url), settings.allowedHosts))
    throw new Fault("registry/forbidden", `${host} redirects to ${url.host}, which is not an allowed host`, {
      advice: ADVICE.redirect,
    });
  if (url.origin === from.url.origin) return { ...from, url };
  const { authorization: _left, ...headers } = from.headers;
  return { ...from, url, headers };
}
