import { type IncomingMessage } from "node:http";
import { request } from "node:https";

import { boundedBytes } from "../core/index.ts";

const MAX_BYTES = 4 * 1024 * 1024;

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
}

export interface GateReply {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Sends a request, and reads an answer of at most 4 MiB. Rejects where none comes. */
export function requestGate({
  url,
  address,
  method,
  token,
  contentType,
  body,
  ca,
  signal,
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
  outgoing.on("response", (incoming) => void readReply(incoming).then(resolve, reject));
  outgoing.end(body);
  return promise;
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
