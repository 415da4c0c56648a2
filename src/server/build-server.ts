import fastify, { type FastifyInstance } from "fastify";

import type { CertificateSource } from "./certificate-pair.ts";

const REQUEST_MS = 35_000; // the API server waits 30 s at most
const KEEP_ALIVE_MS = 120_000; // longer than the 90 s that Go keeps an idle connection, so that the client ends it first

/**
 * The HTTPS server that the API server calls. HTTP/2 with HTTP/1.1 beside it: closing sends GOAWAY, so that clients
 * leave without losing a request. A changed certificate serves new connections at once.
 */
export function buildServer(
  certificate: CertificateSource,
  register: (app: FastifyInstance) => void,
): FastifyInstance {
  const app = fastify({
    http2: true,
    https: { ...certificate.current(), allowHTTP1: true, maxHeaderListPairs: 100 },
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    logger: false,
  });
  certificate.onChange((pair) => app.server.setSecureContext(pair));
  // Routes do not care which kind of server carries them, and fastify's types do not say so.
  const plain = app as unknown as FastifyInstance;
  register(plain);
  return plain;
}
