import type { Session } from "./auth/session.ts";
import { statusFault } from "./http/failures.ts";
import type { Endpoint } from "./http/hosts.ts";
import type { Exchange, HttpAnswer } from "./http/http.ts";

const MAX_REFUSALS = 40; // more than there are credentials; a session ends the loop long before

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

/** One repository on one endpoint, signed in to as needed. */
export interface Source {
  readonly endpoint: Endpoint;
  /** The answer, whatever its status, but 401 and 403: those throw Fault `registry/forbidden` in the end. */
  readonly read: (read: Read) => Promise<HttpAnswer>;
}

export interface SourceDeps {
  readonly endpoint: Endpoint;
  readonly repository: string;
  readonly session: Session;
  readonly exchange: Exchange;
}

/** A repository's content on one endpoint. */
export function createSource({ endpoint, repository, session, exchange }: SourceDeps): Source {
  async function ask(read: Read, authorization: string | undefined): Promise<HttpAnswer> {
    const path = read.path.startsWith("/") ? read.path : `/v2/${endpoint.prefix}${repository}/${read.path}`;
    const url = new URL(path, endpoint.origin);
    const headers = { accept: read.accept, ...(authorization !== undefined && { authorization }) };
    const { limit, algorithm, signal } = read;
    return await exchange({ method: "GET", url, headers, limit, signal, ...(algorithm && { algorithm }) });
  }

  return {
    endpoint,
    async read(read) {
      for (let refusals = 0; ; refusals += 1) {
        const sent = await session.current(read.signal);
        const answer = await ask(read, sent);
        if (!isRefusal(answer)) {
          session.accepted(sent);
          return answer;
        }
        // A refusal by a host that we were redirected to is not this registry's, and gets no credentials.
        const isOwn = answer.url.origin === endpoint.origin.origin;
        const challenge = answer.headers["www-authenticate"];
        const again =
          isOwn &&
          refusals < MAX_REFUSALS &&
          (await session.refused({ sent, challenge, signal: read.signal }));
        if (!again) throw statusFault(answer.url.host, answer.status);
      }
    },
  };
}

function isRefusal({ status }: HttpAnswer): boolean {
  return status === 401 || status === 403;
}
