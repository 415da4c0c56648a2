import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { applyPatch } from "./fake-api-patch.ts";
import { type ApiRequest, parseApiRequest } from "./fake-api-request.ts";
import {
  createFakeStore,
  type FakeStore,
  isWithin,
  type NewObject,
  type StoredChange,
  type StoredObject,
} from "./fake-api-store.ts";

/** What goes wrong with a request. */
export type ApiFault =
  | { readonly kind: "status"; readonly status: number; readonly body?: string }
  | { readonly kind: "silence" }
  | { readonly kind: "trickle" }
  | { readonly kind: "drop" }
  | { readonly kind: "delay"; readonly ms: number }
  | { readonly kind: "text"; readonly text: string };

/** A small API server on 127.0.0.1: list with pages, watch with history, create, patch; plain HTTP. */
export interface FakeApiServer {
  readonly store: FakeStore;
  readonly url: string;
  /** A file, which names this server and the namespace `gate`. */
  readonly kubeconfig: string;
  readonly requests: ApiRequest[];
  /** The connections that were ever opened. */
  readonly connections: () => number;
  /** Decides about each request; undefined is the ordinary answer. */
  onRequest: (request: ApiRequest) => ApiFault | undefined;
  /** Sends raw text to everyone who watches. */
  readonly interject: (text: string) => void;
  /** Cuts all connections. */
  readonly dropConnections: () => void;
  /** Cuts every connection, open and new, until `resume`; the port stays taken. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** What its authorizer answers to a SubjectAccessReview's spec. */
  grants: (spec: unknown) => boolean;
  /** The status that a TokenReview's spec is answered with. */
  identifies: (spec: { readonly token: string; readonly audiences: readonly string[] }) => object;
  readonly close: () => Promise<void>;
}

/** Starts one with an empty store. */
export async function startFakeApiServer(): Promise<FakeApiServer> {
  const store = createFakeStore();
  const watchers = new Set<ServerResponse>();
  const requests: ApiRequest[] = [];
  const listener = await listenOn((message, response) => void answer(message, response));
  const folder = await mkdtemp(join(tmpdir(), "fake-api-"));
  const kubeconfig = join(folder, "config");
  const url = `http://127.0.0.1:${listener.port}`;
  await writeFile(kubeconfig, JSON.stringify(config(url)));
  const fake: FakeApiServer = {
    ...listener,
    store,
    url,
    kubeconfig,
    requests,
    onRequest: () => undefined,
    grants: () => false,
    identifies: () => ({ authenticated: false, user: {} }),
    interject: (text) => watchers.forEach((watcher) => watcher.write(text)),
    async close() {
      await listener.close();
      await rm(folder, { recursive: true, force: true });
    },
  };

  async function answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await textOf(message);
    const request = parseApiRequest(message);
    if (request === undefined) return status(response, 404);
    requests.push(request);
    const fault = fake.onRequest(request);
    if (fault?.kind === "delay") await sleep(fault.ms);
    else if (fault !== undefined) return spoil(response, fault);
    if (request.verb === "watch") return watch(store, request, response, watchers);
    if (request.verb === "list") return list(store, request, response);
    if (request.resource.endsWith("reviews")) return review(fake, request, body, response);
    return one(store, request, response, { body, contentType: message.headers["content-type"] ?? "" });
  }
  return fake;
}

interface Listener extends Pick<
  FakeApiServer,
  "connections" | "dropConnections" | "pause" | "resume" | "close"
> {
  readonly port: number;
}

async function listenOn(onRequest: RequestListener): Promise<Listener> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let paused = false;
  const server = createServer(onRequest);
  server.on("connection", (socket) => {
    if (paused) return void socket.destroy();
    connections += 1;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const dropConnections = (): void => sockets.forEach((socket) => socket.destroy());
  return {
    port,
    connections: () => connections,
    dropConnections,
    resume: () => (paused = false),
    pause() {
      paused = true;
      dropConnections();
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      dropConnections();
      await closed;
    },
  };
}

function config(server: string): object {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "fake",
    clusters: [{ name: "fake", cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: "fake", user: { token: "the-token" } }],
    contexts: [{ name: "fake", context: { cluster: "fake", user: "fake", namespace: "gate" } }],
  };
}

async function textOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

function spoil(response: ServerResponse, fault: Exclude<ApiFault, { kind: "delay" }>): void {
  if (fault.kind === "drop") response.destroy();
  if (fault.kind === "trickle") {
    const timer = setInterval(() => response.write(" "), 10);
    response.on("close", () => clearInterval(timer));
  }
  if (fault.kind === "status") status(response, fault.status, fault.body);
  if (fault.kind === "text") response.writeHead(200).end(fault.text);
}

const REASONS: Record<number, string> = {
  403: "Forbidden",
  404: "NotFound",
  409: "Conflict",
  410: "Expired",
};

function status(response: ServerResponse, code: number, body?: string): void {
  const reason = REASONS[code] ?? "Unknown";
  const object = { kind: "Status", code, reason, message: `fake ${reason}` };
  response.writeHead(code, { "content-type": "application/json" }).end(body ?? JSON.stringify(object));
}

function json(response: ServerResponse, code: number, value: unknown): void {
  response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(value));
}

/** Of `metadata.name=x` and `status.phase!=y,status.phase!=z`, as Kubernetes joins them. */
function isSelected(object: StoredObject, selector: string | null): boolean {
  const terms = (selector ?? "").split(",").filter((term) => term !== "");
  return terms.every((term) => {
    const [, path = "", not, value] = /^([^!=]+)(!?)=(.*)$/.exec(term) ?? [];
    const field = path.split(".").reduce<unknown>((at, key) => (at as Fields | undefined)?.[key], object);
    return (field === value) === (not === "");
  });
}

type Fields = Readonly<Record<string, unknown>>;

function list(store: FakeStore, { collection, query }: ApiRequest, response: ServerResponse): void {
  const all = store.list(collection).filter((object) => isSelected(object, query.get("fieldSelector")));
  const start = Number(query.get("continue") ?? "0");
  const limit = Number(query.get("limit") ?? "0") || all.length;
  const rest = start + limit < all.length ? { continue: String(start + limit) } : {};
  const metadata = { resourceVersion: String(store.version()), ...rest };
  json(response, 200, { kind: "List", metadata, items: all.slice(start, start + limit) });
}

function watch(
  store: FakeStore,
  { collection, name, query }: ApiRequest,
  response: ServerResponse,
  watchers: Set<ServerResponse>,
): void {
  const past = store.since(Number(query.get("resourceVersion")));
  if (past === undefined) return status(response, 410);
  response.writeHead(200, { "content-type": "application/json" }).flushHeaders();
  const send = (change: StoredChange): void => {
    const isWanted =
      isWithin(change.collection, collection) &&
      (name ?? change.object.metadata.name) === change.object.metadata.name;
    if (isWanted) response.write(`${JSON.stringify({ type: change.type, object: change.object })}\n`);
  };
  past.forEach(send);
  const off = store.onChange(send);
  watchers.add(response);
  const seconds = Number(query.get("timeoutSeconds") ?? "300");
  const timer = setTimeout(() => response.end(), seconds * 1000);
  response.on("close", () => {
    off();
    clearTimeout(timer);
    watchers.delete(response);
  });
}

function review(
  { grants, identifies }: FakeApiServer,
  { resource }: ApiRequest,
  body: string,
  response: ServerResponse,
): void {
  const { spec } = JSON.parse(body) as { spec: Parameters<FakeApiServer["identifies"]>[0] };
  const isToken = resource === "tokenreviews";
  json(response, 201, { status: isToken ? identifies(spec) : { allowed: grants(spec) } });
}

function one(
  store: FakeStore,
  { verb, collection, name = "" }: ApiRequest,
  response: ServerResponse,
  { body, contentType }: { body: string; contentType: string },
): void {
  if (verb === "create") {
    const object = JSON.parse(body) as NewObject;
    if (store.get(collection, object.metadata.name) !== undefined) return status(response, 409);
    return json(response, 201, store.put(collection, object));
  }
  const found = store.get(collection, name);
  if (found === undefined) return status(response, 404);
  if (verb === "get") return json(response, 200, found);
  const patched = applyPatch(found, contentType, JSON.parse(body));
  if ("status" in patched) return status(response, patched.status);
  return json(response, 200, store.put(collection, patched.object));
}
