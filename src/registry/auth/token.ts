import { z } from "zod";

import { type DockerAuth, Fault, readJson } from "../../core/index.ts";
import { statusFault } from "../http/failures.ts";
import type { Exchange, HttpAnswer, HttpRequest } from "../http/http.ts";

const ANSWER_BYTES = 64 * 1024;
const DEFAULT_SECONDS = 60; // distribution: docs/content/spec/auth/token.md, "expires_in"
const MAX_SECONDS = 3600;
const EARLY_SECONDS = 5; // a token is not used in its last seconds
const CLIENT = "mc-gate";
const REFUSALS: readonly number[] = [400, 401, 403];

const Printable = z
  .string()
  .max(32_768)
  .regex(/^[\x21-\x7e]+$/);
const TokenAnswer = z.object({
  token: Printable.optional(),
  access_token: Printable.optional(),
  expires_in: z.number().optional().catch(undefined),
});

/** What to ask a token service for. */
export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  /** `repository:NAME:pull`, or `:pull,push`. */
  readonly scope: string;
  /** Anonymous where undefined. */
  readonly credential: DockerAuth | undefined;
  readonly signal: AbortSignal;
}

/** A bearer token and the instant, in milliseconds, from which it is not used any more. */
export interface Token {
  readonly token: string;
  readonly until: number;
}

/**
 * Asks for a token: GET with Basic credentials or none, POST with an identity token (OAuth 2 refresh).
 * Undefined where the service refuses the credential. Throws the Faults of the exchange, and `registry/invalid`
 * where the answer holds no token; what was answered is never repeated in a message.
 * Source: distribution, docs/content/spec/auth/{token,oauth}.md.
 */
export async function requestToken(
  exchange: Exchange,
  request: TokenRequest,
  now: () => Date,
): Promise<Token | undefined> {
  const answer = await exchange(
    request.credential?.kind === "identity-token"
      ? refreshRequest(request, request.credential.identityToken)
      : plainRequest(request, request.credential),
  );
  if (REFUSALS.includes(answer.status)) return undefined;
  if (answer.status !== 200) throw statusFault(request.realm.host, answer.status);
  return readToken(answer, request.realm.host, now());
}

function readToken({ body }: HttpAnswer, host: string, now: Date): Token {
  const parsed = TokenAnswer.safeParse(readJson(body)).data;
  const token = parsed?.token ?? parsed?.access_token;
  if (token === undefined)
    throw new Fault("registry/invalid", `the token service ${host} answered without a token`);
  const seconds = Math.min(parsed?.expires_in ?? DEFAULT_SECONDS, MAX_SECONDS) - EARLY_SECONDS;
  return { token, until: now.getTime() + seconds * 1000 };
}

/** The Basic header of a user name and password. */
export function basicHeader({ username, password }: { username: string; password: string }): string {
  return `Basic ${Buffer.from(`${username}:${password}`, "utf8").toString("base64")}`;
}

function plainRequest(
  { realm, service, scope, signal }: TokenRequest,
  credential: (DockerAuth & { kind: "password" }) | undefined,
): HttpRequest {
  const url = new URL(realm);
  if (service !== undefined) url.searchParams.set("service", service);
  url.searchParams.set("scope", scope);
  return {
    method: "GET",
    url,
    headers: credential === undefined ? {} : { authorization: basicHeader(credential) },
    limit: ANSWER_BYTES,
    signal,
  };
}

function refreshRequest({ realm, service, scope, signal }: TokenRequest, identityToken: string): HttpRequest {
  const form = new URLSearchParams({
    grant_type: "refresh_token",
    client_id: CLIENT,
    scope,
    refresh_token: identityToken,
  });
  if (service !== undefined) form.set("service", service);
  return {
    method: "POST",
    url: realm,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form.toString(),
    limit: ANSWER_BYTES,
    signal,
  };
}
