import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";

type Failure = number | "silent" | "endless";

/** A forward proxy on 127.0.0.1 that knows every name as this machine, and keeps the port. */
export interface ForwardProxy {
  readonly url: string;
  readonly host: string;
  /** `CONNECT registry.example:443`, or `GET http://registry.example/v2/`, in their order. */
  readonly requests: readonly string[];
  /** The `proxy-authorization` of each. */
  readonly credentials: readonly (string | undefined)[];
  /** From now on: answers with a status, not at all, or with informational answers without end. */
  readonly fail: (how: Failure) => void;
  readonly close: () => Promise<void>;
}

/** Starts one. */
export async function startForwardProxy(): Promise<ForwardProxy> {
  const requests: string[] = [];
  const credentials: (string | undefined)[] = [];
  const open = new Set<Duplex>();
  let failing: Failure | undefined;
  const note = ({ method, url, headers }: IncomingMessage): void => {
    requests.push(`${method} ${url}`);
    credentials.push(headers["proxy-authorization"]);
  };
  const server = createServer((incoming, outgoing) => {
    note(incoming);
    if (failing === "endless") endless(incoming.socket);
    else if (failing === undefined) pass(incoming, outgoing);
    else if (failing !== "silent") outgoing.writeHead(failing).end();
  });
  server.on("connection", (socket: Socket) => open.add(socket));
  server.on("connect", (incoming: IncomingMessage, client: Duplex) => {
    note(incoming);
    client.on("error", () => undefined);
    if (failing === undefined) open.add(tunnel(incoming, client));
    else if (typeof failing === "number") client.end(`HTTP/1.1 ${failing} No\r\n\r\n`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    for (const socket of open) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return { host, url: `http://${host}`, requests, credentials, fail: (how) => (failing = how), close };
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { hostname, port, pathname, search } = new URL(incoming.url ?? "");
  const headers = { ...incoming.headers, host: `${hostname}:${port}` };
  const onward = request({ host: "127.0.0.1", port, path: `${pathname}${search}`, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  incoming.pipe(onward);
}

function tunnel(incoming: IncomingMessage, client: Duplex): Socket {
  const onward = connect(Number(incoming.url?.split(":").at(-1)), "127.0.0.1", () => {
    client.write("HTTP/1.1 200 Connected\r\n\r\n");
    onward.pipe(client).pipe(onward);
  });
  return onward.on("error", () => client.destroy());
}

function endless(socket: Socket): void {
  const informational = "HTTP/1.1 102 Processing\r\n\r\n".repeat(1000);
  const more = (): void => {
    if (!socket.destroyed) socket.write(informational, () => setImmediate(more));
  };
  socket.on("error", () => undefined);
  more();
}
