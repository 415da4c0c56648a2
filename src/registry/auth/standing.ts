import { createBoundedMap } from "../../core/index.ts";
import type { Endpoint } from "../http/hosts.ts";
import type { Exchange } from "../http/http.ts";
import type { Authorizer } from "./authorizer.ts";

const MAX_HOSTS = 2048;
const MAX_BODY = 64 * 1024;
const MAX_WAIT_MS = 2000;
const LIFETIME_MS = { open: 300_000, asks: 300_000, unclear: 60_000 } as const;

/** Whether a registry asks who reads it for credentials; `unclear` where it did not say so in time, or in no known way. */
export type Standing = "asks" | "open" | "unclear";

/** What the registry at an endpoint does. Never rejects. */
export type StandingOf = (endpoint: Endpoint) => Promise<Standing>;

export interface StandingDeps {
  readonly authorizer: Pick<Authorizer, "knownScheme" | "learnScheme">;
  readonly exchange: Exchange;
  readonly now: () => Date;
}

interface Known {
  readonly standing: Promise<Standing>;
  /** When it is asked again, ms. */
  until: number;
}

/**
 * Asks `GET /v2/` without credentials, once for each origin and some minutes (distribution-spec v1.1, "Determining
 * Support"): a registry that asks for credentials says there how, and may show more to who has some than it does to who
 * sends none. One that has asked for them anywhere asks.
 */
export function createStandingOf({ authorizer, exchange, now }: StandingDeps): StandingOf {
  const known = createBoundedMap<Known>(MAX_HOSTS);

  return async (endpoint) => {
    if (authorizer.knownScheme(endpoint) !== undefined) return "asks";
    const { origin } = endpoint.origin;
    const at = now().getTime();
    const last = known.get(origin);
    if (last !== undefined && at < last.until) return await last.standing;
    const entry: Known = {
      standing: ask(endpoint, exchange, authorizer), // for everyone, so in no namespace's share of the connections
      until: at + LIFETIME_MS.unclear,
    };
    known.set(origin, entry);
    const standing = await entry.standing;
    entry.until = at + LIFETIME_MS[standing];
    return standing;
  };
}

async function ask(
  endpoint: Endpoint,
  exchange: Exchange,
  { learnScheme }: StandingDeps["authorizer"],
): Promise<Standing> {
  try {
    const url = new URL("/v2/", endpoint.origin);
    const signal = AbortSignal.timeout(MAX_WAIT_MS);
    const answer = await exchange({ method: "GET", url, headers: {}, limit: MAX_BODY, signal });
    if (answer.url.origin !== endpoint.origin.origin) return "unclear";
    if (answer.status === 200) return "open";
    const challenge = answer.headers["www-authenticate"];
    if (answer.status !== 401 || challenge === undefined) return "unclear";
    learnScheme(endpoint, challenge);
    return "asks";
  } catch {
    return "unclear"; // why is said where something is read
  }
}
