import { createHash } from "node:crypto";

import { createBoundedMap, type DockerAuth, Fault } from "../../core/index.ts";
import { ADVICE } from "../advice.ts";
import type { Endpoint } from "../http/hosts.ts";
import type { Exchange } from "../http/http.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { checkRealm } from "./realm.ts";
import { basicHeader, requestToken, type Token } from "./token.ts";

const MAX_HOSTS = 2048;
const MAX_TOKENS = 4096;

/** What a token is for: a repository's content, or the list of all repositories. */
export type Actions = "pull" | "pull,push" | "catalog";

/** How a host wants its callers to sign in. */
export type Scheme =
  | { readonly kind: "basic" }
  | { readonly kind: "bearer"; readonly realm: URL; readonly service: string | undefined };

/** Makes `authorization` headers, and remembers tokens and how each host wants to be signed in to. */
export interface Authorizer {
  /** How the host wanted it the last time, where that is known. */
  readonly knownScheme: (endpoint: Endpoint) => Scheme | undefined;
  /**
   * How the host wants it by its `WWW-Authenticate`; Basic or Bearer, the first that is offered. Throws Fault
   * `registry/forbidden` where it offers neither, or a realm that may not be asked.
   */
  readonly learnScheme: (endpoint: Endpoint, header: string) => Scheme;
  /** The header for one repository and credential; undefined where that credential is refused or of no use. */
  readonly header: (wish: HeaderWish) => Promise<Authorization | undefined>;
}

/** An `authorization` header. */
export interface Authorization {
  readonly header: string;
  /** Whether it was made before, for another request: the registry may have given up its token since. */
  readonly remembered: boolean;
}

/** For what a header is wanted. */
interface HeaderWish {
  readonly endpoint: Endpoint;
  readonly repository: string;
  readonly actions: Actions;
  readonly scheme: Scheme;
  readonly credential: DockerAuth | undefined;
  /** Asks a token service, in the requester's share. */
  readonly exchange: Exchange;
  /** A header that the registry has just refused; its token is forgotten. */
  readonly refused: string | undefined;
  readonly signal: AbortSignal;
}

export interface AuthorizerDeps {
  /** Hosts that may issue a registry's tokens in addition to its own. */
  readonly tokenHosts: (registry: string) => readonly string[];
  readonly now: () => Date;
}

/** An authorizer with empty memory. */
export function createAuthorizer({ tokenHosts, now }: AuthorizerDeps): Authorizer {
  const schemes = createBoundedMap<Scheme>(MAX_HOSTS);
  const tokens = createBoundedMap<Token>(MAX_TOKENS);

  async function bearer(
    wish: HeaderWish,
    scheme: Scheme & { kind: "bearer" },
  ): Promise<Authorization | undefined> {
    const scope = scopeOf(wish);
    const key = keyOf(wish, scheme, scope);
    const held = tokens.get(key);
    if (held !== undefined && held.until > now().getTime() && `Bearer ${held.token}` !== wish.refused)
      return { header: `Bearer ${held.token}`, remembered: true };
    tokens.delete(key);
    const { credential, exchange, signal } = wish;
    const fresh = await requestToken(exchange, { ...scheme, scope, credential, signal }, now);
    if (fresh === undefined) return undefined;
    tokens.set(key, fresh);
    return { header: `Bearer ${fresh.token}`, remembered: false };
  }

  return {
    knownScheme({ origin: { origin } }) {
      const scheme = schemes.get(origin);
      if (scheme !== undefined) schemes.set(origin, scheme); // hosts that are in use outlive those that images name once
      return scheme;
    },
    learnScheme(endpoint, header) {
      const scheme = chooseScheme(parseChallenges(header), endpoint, tokenHosts(endpoint.registry));
      schemes.set(endpoint.origin.origin, scheme);
      return scheme;
    },
    async header(wish) {
      if (wish.scheme.kind === "bearer") return await bearer(wish, wish.scheme);
      if (wish.credential?.kind !== "password") return undefined;
      return { header: basicHeader(wish.credential), remembered: false };
    },
  };
}

function chooseScheme(
  challenges: readonly Challenge[],
  endpoint: Endpoint,
  tokenHosts: readonly string[],
): Scheme {
  for (const { scheme, params } of challenges) {
    if (scheme === "basic") return { kind: "basic" };
    if (scheme !== "bearer") continue;
    const realm = checkRealm(params["realm"] ?? "", endpoint.origin, tokenHosts);
    if (!realm.ok)
      throw new Fault(
        "registry/forbidden",
        `the token service that ${endpoint.registry} names ${realm.why}`,
        {
          advice: ADVICE.tokenService,
        },
      );
    return { kind: "bearer", realm: realm.url, service: params["service"] };
  }
  throw new Fault("registry/forbidden", `${endpoint.registry} asks for credentials in an unknown way`);
}

/** Source: distribution, docs/content/spec/auth/scope.md. */
function scopeOf({ endpoint, repository, actions }: HeaderWish): string {
  return actions === "catalog"
    ? "registry:catalog:*"
    : `repository:${endpoint.prefix}${repository}:${actions}`;
}

/** A digest, so that no secret is kept as a key. */
function keyOf(
  { endpoint, credential }: HeaderWish,
  { realm, service }: Scheme & { kind: "bearer" },
  scope: string,
): string {
  const parts = [endpoint.origin.origin, realm.href, service, scope, credential];
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex");
}
