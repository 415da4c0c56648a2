import { Fault } from "../core/index.ts";
import { ADVICE } from "./advice.ts";
import type { Session } from "./auth/session.ts";
import { statusFault } from "./http/failures.ts";
import type { Endpoint } from "./http/hosts.ts";
import type { Exchange, HttpAnswer } from "./http/http.ts";

/** Nothing in the answer to a write is read but its headers. */
const NO_BODY = 64 * 1024;
const MAX_REFUSALS = 40; // more than there are credentials; a session ends the loop long before

const MAX_NAMED = 4;

/** One read of a registry. */
export interface Read {
  /** Absolute path with query, or a path below the repository: `manifests/v1`. */
  readonly path: string;
  readonly accept: string;
  readonly limit: number;
  /** By which algorithm the body is hashed as it comes; by none where absent. */
  readonly algorithm?: "sha256" | "sha512";
  readonly signal: AbortSignal;
}

/** One write to a registry. */
export interface Write {
  readonly method: "HEAD" | "POST" | "PUT";
  /** Absolute path with query, or a path below the repository. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly signal: AbortSignal;
}

/** One repository on one endpoint, signed in to as needed. */
export interface Source {
  readonly endpoint: Endpoint;
  /** The answer, whatever its status, but 401 and 403: those throw Fault `registry/forbidden` in the end. */
  readonly read: (read: Read) => Promise<HttpAnswer>;
}

/** A source that can be changed, too. */
export interface WritableSource extends Source {
  /** As `read`, for what changes the registry, or asks whether it has to be changed. */
  readonly write: (write: Write) => Promise<HttpAnswer>;
}

export interface SourceDeps {
  readonly endpoint: Endpoint;
  readonly repository: string;
  readonly session: Session;
  readonly exchange: Exchange;
}

/** A repository's content on one endpoint. */
export function createSource({ endpoint, repository, session, exchange }: SourceDeps): WritableSource {
  function urlOf(path: string): URL {
    const absolute = path.startsWith("/") ? path : `/v2/${endpoint.prefix}${repository}/${path}`;
    return new URL(absolute, endpoint.origin);
  }

  return {
    endpoint,
    read: ({ path, accept, limit, algorithm, signal }) =>
      signedIn({ endpoint, session, signal }, (authorized) =>
        exchange({
          method: "GET",
          url: urlOf(path),
          headers: { accept, ...authorized },
          limit,
          signal,
          ...(algorithm && { algorithm }),
        }),
      ),
    write: ({ method, path, headers, body, signal }) =>
      signedIn({ endpoint, session, signal }, (authorized) =>
        exchange({
          method,
          url: urlOf(path),
          headers: { ...headers, ...authorized },
          limit: NO_BODY,
          signal,
          ...(body && { body }),
        }),
      ),
  };
}

type Headers = Readonly<Record<string, string>>;

/** Asks until nothing is refused because another credential is missing. */
async function signedIn(
  { endpoint, session, signal }: Pick<SourceDeps, "endpoint" | "session"> & { readonly signal: AbortSignal },
  ask: (authorized: Headers) => Promise<HttpAnswer>,
): Promise<HttpAnswer> {
  for (let refusals = 0; ; refusals += 1) {
    const sent = await session.current(signal);
    const answer = await ask(sent === undefined ? {} : { authorization: sent });
    if (!isRefusal(answer)) {
      if (await session.mayShowMore(sent, signal)) continue;
      session.accepted(sent);
      return answer;
    }
    // A refusal by a host that we were redirected to is not this registry's, and gets no credentials.
    const isOwn = answer.url.origin === endpoint.origin.origin;
    const challenge = answer.headers["www-authenticate"];
    const again = isOwn && refusals < MAX_REFUSALS && (await session.refused({ sent, challenge, signal }));
    if (!again)
      throw isOwn ? refusedFault(answer, session.tried()) : statusFault(answer.url.host, answer.status);
  }
}

/** Whether there were credentials, and whose, says who can help: someone who adds them, or someone who renews them. */
function refusedFault({ url: { host }, status }: HttpAnswer, tried: readonly string[]): Fault {
  const [refused, advice] =
    tried.length === 0
      ? ["there are no credentials for it", ADVICE.noCredentials]
      : [`it refused the credentials of ${listed(tried)}`, ADVICE.refusedCredentials];
  return new Fault("registry/forbidden", `${host} answered HTTP ${status}, and ${refused}`, { advice });
}

function listed(tried: readonly string[]): string {
  const shown = [...new Set(tried)].slice(0, MAX_NAMED);
  const more = new Set(tried).size - shown.length;
  return more > 0 ? `${shown.join(", ")} and ${more} more` : shown.join(", ");
}

function isRefusal({ status }: HttpAnswer): boolean {
  return status === 401 || status === 403;
}
