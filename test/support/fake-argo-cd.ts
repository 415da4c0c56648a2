import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A question that a fake Argo CD was asked. */
export interface ArgoCdQuestion {
  readonly path: string;
  readonly query: URLSearchParams;
  readonly authorization: string | undefined;
}

/** A small Argo CD API server on 127.0.0.1: Applications and their manifests, read only. */
export interface FakeArgoCd {
  readonly url: string;
  /** By `namespace/name`. An unknown one is answered with 403, as Argo CD does. */
  readonly applications: Map<string, unknown>;
  /** What renders, at once or later: the manifests, or nothing where the question shall stay open. */
  render: (query: URLSearchParams, name: string) => Rendered | Promise<Rendered>;
  /** Answers instead of all that, where it gives something. */
  onRequest: (question: ArgoCdQuestion) => SpoiltAnswer | undefined;
  readonly questions: ArgoCdQuestion[];
  /** Those of them that ask to render. */
  readonly renders: () => ArgoCdQuestion[];
  /** How many connections were opened. */
  readonly connections: () => number;
  /** Ends those that are open. */
  readonly disconnect: () => void;
  readonly close: () => Promise<void>;
}

interface SpoiltAnswer {
  readonly status: number;
  readonly body: string;
  /** Whether the connection ends with it. */
  readonly close?: boolean;
}

type Rendered = readonly object[] | undefined;

const LIST = "/api/v1/applications";
const PATH = /^\/api\/v1\/applications\/([^/]+)(\/manifests)?$/;

/** Starts one without Applications. */
export async function startFakeArgoCd(): Promise<FakeArgoCd> {
  const server = createServer((message, response) => {
    const { pathname, searchParams } = new URL(message.url ?? "/", "http://fake");
    const question = { path: pathname, query: searchParams, authorization: message.headers.authorization };
    fake.questions.push(question);
    const spoilt = fake.onRequest(question);
    if (spoilt === undefined) void answer(fake, question, response);
    else response.writeHead(spoilt.status, spoilt.close ? { connection: "close" } : {}).end(spoilt.body);
  });
  let connections = 0;
  server.on("connection", () => (connections += 1));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const fake: FakeArgoCd = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    applications: new Map(),
    render: () => [],
    onRequest: () => undefined,
    questions: [],
    renders: () => fake.questions.filter((each) => each.path.endsWith("/manifests")),
    connections: () => connections,
    disconnect: () => server.closeAllConnections(),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return fake;
}

async function answer(
  fake: FakeArgoCd,
  { path, query }: ArgoCdQuestion,
  response: ServerResponse,
): Promise<void> {
  if (path === LIST) {
    const found = fake.applications.get(`${query.get("appNamespace")}/${query.get("name")}`);
    return send(response, 200, { items: found === undefined ? null : [found] });
  }
  const [, name = "", manifests] = PATH.exec(path) ?? [];
  const application = fake.applications.get(`${query.get("appNamespace")}/${name}`);
  if (application === undefined) return send(response, 403, { error: "permission denied" });
  if (manifests === undefined) return send(response, 200, application);
  const rendered = await fake.render(query, name);
  if (rendered !== undefined)
    send(response, 200, { manifests: rendered.map((each) => JSON.stringify(each)) });
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}
