import type { IncomingMessage } from "node:http";

/** What a request does, in the words of the rules of access (Kubernetes, "Authorization overview"). */
export type ApiVerb = "get" | "list" | "watch" | "create" | "patch";

/** A request as the rules of access see it, and as it came. */
export interface ApiRequest {
  readonly verb: ApiVerb;
  /** Empty for the core group. */
  readonly group: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  /** Of a list or watch: from a field selector. */
  readonly name: string | undefined;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly accept: string;
  readonly authorization: string | undefined;
  /** The path without the object's name. */
  readonly collection: string;
}

const PATH =
  /^(?<collection>(?:\/api|\/apis\/(?<group>[^/]+))\/[^/]+(?:\/namespaces\/(?<namespace>[^/]+)(?=\/))?\/(?<resource>[^/]+))(?:\/(?<name>[^/]+))?$/;
const WRITING: Record<string, ApiVerb> = { POST: "create", PATCH: "patch" };

interface PathParts {
  readonly collection: string;
  readonly group?: string;
  readonly namespace?: string;
  readonly resource: string;
  readonly name?: string;
}

/** Reads a request; undefined where its path is none of the API's. */
export function parseApiRequest(message: IncomingMessage): ApiRequest | undefined {
  const { pathname: path, searchParams: query } = new URL(message.url ?? "/", "http://fake");
  const parts = PATH.exec(path)?.groups as PathParts | undefined;
  if (parts === undefined) return undefined;
  const { collection, group = "", namespace, resource, name } = parts;
  const selected = /^metadata\.name=(.*)$/.exec(query.get("fieldSelector") ?? "")?.[1];
  const { accept = "", authorization } = message.headers;
  const verb = verbOf(message.method, name, query);
  return {
    verb,
    group,
    resource,
    namespace,
    name: name ?? selected,
    path,
    query,
    accept,
    authorization,
    collection,
  };
}

function verbOf(method: string | undefined, name: string | undefined, query: URLSearchParams): ApiVerb {
  const writing = WRITING[method ?? "GET"];
  if (writing !== undefined) return writing;
  if (name !== undefined) return "get";
  return query.has("watch") ? "watch" : "list";
}
