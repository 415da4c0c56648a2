import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";

/** How the test registry asks who is there. */
export type TestAuth =
  | {
      readonly kind: "token";
      /** User → password. */
      readonly users?: Readonly<Record<string, string>>;
      /** Identity (refresh) tokens that `grant_type=refresh_token` accepts. */
      readonly identityTokens?: readonly string[];
      /** Whether a token is given to nobody in particular. */
      readonly anonymous?: boolean;
      /** Seconds that a token lives; 300 where absent. */
      readonly expiresIn?: number;
      /** Realm in place of the registry's own `/token`. */
      readonly realm?: string;
      /** Clock of the expiry; the machine's where absent. */
      readonly now?: () => number;
    }
  | {
      readonly kind: "basic";
      readonly users: Readonly<Record<string, string>>;
      /** Whether a request without a name may read, although one with a wrong password may not. */
      readonly anonymous?: boolean;
    };

/** Guards `/v2/` and serves `/token`. */
export interface AuthGuard {
  /** Whether the request may read `repo`; otherwise a 401 with a challenge has been sent. */
  readonly admit: (request: IncomingMessage, response: ServerResponse, repo: string) => boolean;
  /** Answers a request for `/token`. */
  readonly issue: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

/** A guard for one registry; `base` is its URL, known once it listens. */
export function createAuthGuard(auth: TestAuth, base: () => string): AuthGuard {
  return auth.kind === "basic" ? basicGuard(auth) : tokenGuard(auth, base);
}

function basicGuard({ users, anonymous }: TestAuth & { kind: "basic" }): AuthGuard {
  return {
    admit(request, response) {
      const { authorization } = request.headers;
      if (authorization === undefined ? anonymous : knownUser(authorization, users)) return true;
      refuse(response, 'Basic realm="test registry"');
      return false;
    },
    async issue(_request, response) {
      response.writeHead(404).end();
    },
  };
}

function tokenGuard(auth: TestAuth & { kind: "token" }, base: () => string): AuthGuard {
  const tokens = new Map<string, { scope: string; until: number }>();
  const now = auth.now ?? Date.now;

  function grant(response: ServerResponse, scope: string): void {
    const token = `token-${tokens.size + 1}`;
    const seconds = auth.expiresIn ?? 300;
    tokens.set(token, { scope, until: now() + seconds * 1000 });
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ token, access_token: token, expires_in: seconds }));
  }

  return {
    admit(request, response, repo) {
      const actions = request.method === "GET" ? "pull" : "pull,push";
      const scope = repo === "" ? "registry:catalog:*" : `repository:${repo}:${actions}`;
      const held = tokens.get(/^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "");
      if (held !== undefined && held.scope.startsWith(scope) && held.until > now()) return true;
      const realm = auth.realm ?? `${base()}/token`;
      refuse(response, `Bearer realm="${realm}",service="test-registry",scope="${scope}"`);
      return false;
    },
    async issue(request, response) {
      const form =
        request.method === "POST"
          ? new URLSearchParams(await textOf(request))
          : new URL(request.url ?? "/", base()).searchParams;
      const known =
        request.method === "POST"
          ? auth.identityTokens?.includes(form.get("refresh_token") ?? "") === true
          : mayHaveToken(request.headers.authorization, auth);
      if (known) grant(response, form.get("scope") ?? "");
      else refuse(response, undefined);
    },
  };
}

function mayHaveToken(header: string | undefined, auth: TestAuth & { kind: "token" }): boolean {
  return header === undefined ? auth.anonymous === true : knownUser(header, auth.users ?? {});
}

function knownUser(header: string | undefined, users: Readonly<Record<string, string>>): boolean {
  const encoded = /^Basic (.+)$/.exec(header ?? "")?.[1] ?? "";
  const pair = Buffer.from(encoded, "base64").toString("utf8");
  const colon = pair.indexOf(":");
  return colon > 0 && users[pair.slice(0, colon)] === pair.slice(colon + 1);
}

function refuse(response: ServerResponse, challenge: string | undefined): void {
  response.writeHead(401, {
    "content-type": "application/json",
    ...(challenge !== undefined && { "www-authenticate": challenge }),
  });
  response.end(JSON.stringify({ errors: [{ code: "UNAUTHORIZED", message: "authentication required" }] }));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  await once(request, "end");
  return Buffer.concat(chunks).toString("utf8");
}
