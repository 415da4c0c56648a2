import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

import { boundedBytes, printable } from "../../core/index.ts";
import { type GateReply, requestGate } from "../../outbound/index.ts";

const MAX_BODY = 64 * 1024;
const MAX_AT_ONCE = 32;
const MAX_CONNECTIONS = 256;
const PATH = "/v1/verdict";

/** Where questions go, and with what. */
export interface ForwarderOptions {
  readonly gate: URL;
  readonly tokenFile: string;
  /** PEM; the well-known authorities where absent. */
  readonly ca: string | undefined;
  /** How long the gate may take for an answer. */
  readonly timeoutMs: number;
}

/**
 * A server that passes questions for `/v1/verdict` on to the gate with the token of its pod. What the gate does not answer is
 * pending, as the gate's own faults are.
 */
export function createForwarder(options: ForwarderOptions): Server {
  let running = 0;
  const server = createServer((incoming, outgoing) => {
    if (incoming.url === "/livez") return send(outgoing, plain(200, "ok"));
    if (incoming.url?.split("?")[0] !== PATH) return send(outgoing, plain(404, `only ${PATH} is forwarded`));
    if (running >= MAX_AT_ONCE)
      return send(outgoing, plain(409, `pending: ${MAX_AT_ONCE} requests are already being forwarded`));
    running += 1;
    void answer(incoming, options)
      .then((reply) => send(outgoing, reply))
      .finally(() => (running -= 1));
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.requestTimeout = 10_000;
  return server;
}

/** Never rejects. */
async function answer(incoming: IncomingMessage, options: ForwarderOptions): Promise<GateReply> {
  const { gate, tokenFile, ca, timeoutMs } = options;
  try {
    const body = await boundedBytes(incoming, MAX_BODY);
    if (body === undefined) return plain(413, `a request has at most ${MAX_BODY} bytes`);
    const url = new URL(PATH, gate);
    url.search = new URL(incoming.url ?? "", gate).search;
    return await requestGate({
      url,
      method: incoming.method === "POST" ? "POST" : "GET",
      token: readFileSync(tokenFile, "utf8").trim(),
      contentType: incoming.headers["content-type"],
      body,
      ca,
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    const why = error instanceof Error ? printable(error.message, 200) : "unknown failure";
    return plain(409, `pending: the gate could not be reached: ${why}`);
  }
}

function plain(status: number, line: string): GateReply {
  return { status, contentType: "text/plain; charset=utf-8", text: `${line}\n` };
}

function send(outgoing: ServerResponse, { status, contentType, text }: GateReply): void {
  outgoing.writeHead(status, { "content-type": contentType, "cache-control": "no-store" }).end(text);
}
