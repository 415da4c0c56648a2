import type { IncomingMessage, ServerResponse } from "node:http";

import { IMAGE_INDEX } from "./oci-artifacts.ts";
import type { OciStore } from "./oci-store.ts";

/** How the test registry differs from a plain OCI 1.1 one. */
export interface RouteOptions {
  /** Whether `/referrers/` exists; 404 where not. */
  readonly referrers: boolean;
  /** Whether it lists its repositories by `_catalog`. */
  readonly catalog: boolean;
  /** Writes an empty list as `"manifests": null`, as some registries do. */
  readonly nullWhenEmpty: boolean;
  /** Entries on one page of a referrers list. */
  readonly pageSize: number;
  /** How the address of the next page is written into `Link`; several texts are several headers. */
  readonly linkTo: (next: string) => string | readonly string[];
}

const TAGS = /^\/v2\/(.+)\/tags\/list(?:\?(.*))?$/;
const CATALOG = /^\/v2\/_catalog(?:\?(.*))?$/;
const ROUTE = /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/?]+)(?:\?(.*))?$/;

/** The repository that a path names, or undefined where it names none. */
export function repositoryOf(path: string): string | undefined {
  return ROUTE.exec(path)?.[1] ?? TAGS.exec(path)?.[1];
}

/** Whether only this is asked: does it speak the API, and to whom? Source: distribution-spec v1.1, "Determining Support". */
export function isPing({ url }: IncomingMessage): boolean {
  return url === "/v2/";
}

/** Answers a read of a manifest, blob or referrers list. Source: distribution-spec v1.1, "Pull" and "Listing Referrers". */
export function serveRead(
  store: OciStore,
  options: RouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { url = "" } = request;
  const names = namesAt(store, options, url);
  if (isPing(request)) response.writeHead(200).end("{}");
  else if (names !== undefined) serveNames(names, url, response);
  else serveContent(store, options, request, response);
}

function serveContent(
  store: OciStore,
  options: RouteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const [, repo = "", what, reference = "", query = ""] = ROUTE.exec(request.url ?? "") ?? [];
  if (what === "manifests") serveManifest(store, { repo, reference }, request, response);
  else if (what === "blobs") serveBlob(store, { repo, reference }, response);
  else if (what === "referrers" && options.referrers)
    serveReferrers(store, { ...options, repo, reference, query }, response);
  else notFound(response, "UNSUPPORTED");
}

interface Names {
  readonly field: "repositories" | "tags";
  readonly all: readonly string[] | undefined;
  readonly pageSize: number;
}

/** Source: distribution, docs/content/spec/api.md, "Listing Repositories"; distribution-spec v1.1, "Listing Tags". */
function namesAt(store: OciStore, { catalog, pageSize }: RouteOptions, url: string): Names | undefined {
  if (CATALOG.test(url)) return { field: "repositories", all: catalog ? store.names() : undefined, pageSize };
  const [, repo] = TAGS.exec(url) ?? [];
  if (repo === undefined) return undefined;
  const tags = store.find(repo)?.tags.keys();
  return { field: "tags", all: tags && [...tags], pageSize };
}

function serveNames({ field, all, pageSize }: Names, url: string, response: ServerResponse): void {
  if (all === undefined) return notFound(response, "NAME_UNKNOWN");
  const { pathname, searchParams } = new URL(url, "http://registry");
  const left = all.toSorted().filter((name) => name > (searchParams.get("last") ?? ""));
  const page = left.slice(0, pageSize);
  if (page.length < left.length)
    response.setHeader("link", `<${pathname}?n=${pageSize}&last=${page.at(-1)}>; rel="next"`);
  response.writeHead(200, { "content-type": "application/json" });
  response.end(JSON.stringify({ [field]: page }));
}

function serveManifest(
  store: OciStore,
  { repo, reference }: { repo: string; reference: string },
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const found = store.manifest(repo, reference);
  if (found === undefined) return notFound(response, "MANIFEST_UNKNOWN");
  const { digest, stored } = found;
  if (!response.hasHeader("docker-content-digest")) response.setHeader("docker-content-digest", digest);
  response.writeHead(200, { "content-type": stored.mediaType, "content-length": stored.bytes.length });
  response.end(request.method === "HEAD" ? undefined : stored.bytes);
}

function serveBlob(
  store: OciStore,
  { repo, reference }: { repo: string; reference: string },
  response: ServerResponse,
): void {
  const bytes = store.find(repo)?.blobs.get(reference);
  if (bytes === undefined) return notFound(response, "BLOB_UNKNOWN");
  response.writeHead(200, { "content-type": "application/octet-stream", "content-length": bytes.length });
  response.end(bytes);
}

function serveReferrers(
  store: OciStore,
  list: RouteOptions & { repo: string; reference: string; query: string },
  response: ServerResponse,
): void {
  const all = store.find(list.repo)?.referrers.get(list.reference) ?? [];
  const from = Number(new URLSearchParams(list.query).get("from") ?? "0");
  const page = all.slice(from, from + list.pageSize);
  const next = from + list.pageSize;
  if (next < all.length)
    response.setHeader("link", list.linkTo(`/v2/${list.repo}/referrers/${list.reference}?from=${next}`));
  const manifests = page.length === 0 && list.nullWhenEmpty ? null : page;
  response.writeHead(200, { "content-type": IMAGE_INDEX });
  response.end(JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_INDEX, manifests }));
}

function notFound(response: ServerResponse, code: string): void {
  response.writeHead(404, { "content-type": "application/json" });
  response.end(JSON.stringify({ errors: [{ code, message: "not here" }] }));
}
