import { type IncomingMessage } from "node:http";
import { request } from "node:https";
import type { Socket } from "node:net";

import { boundedBytes } from "../core/index.ts";

const MAX_BYTES = 4 * 1024 * 1024;
/** A network that drops packets answers nothing: without this, only the deadline of the whole request would say so. */
const CONNECT_MS = 10_000;

export interface GateRequest {
  readonly url: URL;
  /** Where to connect instead of the host that the URL names, whose certificate is asked for all the same. */
  readonly address?: string;
  readonly method: "GET" | "POST" | "PUT";
  readonly token: string;
  readonly contentType?: string | undefined;
  readonly body?: Uint8Array;
  /** PEM; the well-known authorities where absent. */
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
  /** How long connecting may take, the look-up of the name and the TLS handshake included. */
  readonly connectMs?: number;
}

export interface GateReply {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/**
 * Sends a request, and reads an answer of at most 4 MiB. Rejects where none comes, and where there is no connection after
 * 10 s, with the code ETIMEDOUT.
 */
export function requestGate({
  url,
  address,
  method,
  token,
  contentType,
  body,
  ca,
  signal,
  connectMs = CONNECT_MS,
}: GateRequest): Promise<GateReply> {
  const { promise, resolve, reject } = Promise.withResolvers<GateReply>();
  const outgoing = request(url, {
    method,
    ...(address !== undefined && { hostname: address, servername: url.hostname }),
    headers: {
      host: url.host,
      authorization: `Bearer ${token}`,
      "content-length": body?.length ?? 0,
      ...(contentType !== undefined && { "content-type": contentType }),
    },
    signal,
    ...(ca !== undefined && ca !== "" && { ca }),
  });
  outgoing.on("error", reject);
  outgoing.on("socket", (socket) => {
    if (socket.connecting) failUnlessConnected(socket, connectMs);
  });
  outgoing.on("response", (incoming) => void readReply(incoming).then(resolve, reject));
  outgoing.end(body);
  return promise;
}

function failUnlessConnected(socket: Socket, connectMs: number): void {
  const late = Object.assign(new Error(`no connection within ${connectMs / 1000} s`), { code: "ETIMEDOUT" });
  const timer = setTimeout(() => socket.destroy(late), connectMs);
  for (const event of ["secureConnect", "close"] as const) socket.once(event, () => clearTimeout(timer));
}

async function readReply(incoming: IncomingMessage): Promise<GateReply> {
  const bytes = await boundedBytes(incoming, MAX_BYTES);
  if (bytes === undefined) throw new Error("the answer is too large");
  return {
    status: incoming.statusCode ?? 0,
    contentType: incoming.headers["content-type"] ?? "text/plain; charset=utf-8",
    text: bytes.toString("utf8"),
  };
}
