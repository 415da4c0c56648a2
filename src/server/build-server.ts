import type { ServerOptions } from "node:https";

import fastify, { type FastifyInstance, type FastifyRequest } from "fastify";

import type { CertificatePair, CertificateSource } from "./certificate-pair.ts";
import type { ClientAuthorities } from "./client-authorities.ts";
import { limitConnections } from "./connection-limit.ts";

/** How long a request may take to arrive: the API server sends one at once. */
const REQUEST_MS = 10_000;
const HANDSHAKE_MS = 10_000;
/** How often connections are checked that are late. */
const CHECK_MS = 1_000;
const KEEP_ALIVE_MS = 120_000; // longer than the 90 s that Go keeps an idle connection, so that the client ends it first

/** Bytes of a body, where a route does not say otherwise. */
const MAX_BODY = 64 * 1024;
/** Connections at once: three API servers with all that they have under way, and callers of other endpoints. */
const MAX_CONNECTIONS = 2_048;

/** What a server may do without. */
export interface GateServerOptions {
  /** Whether clients are to leave; without it the server drains from the moment that it closes. */
  readonly isDraining?: () => boolean;
  /** Authorities of client certificates. With them every client is asked for one, and none has to show it. */
  readonly clientAuthorities?: ClientAuthorities | undefined;
  /** Connections at once. */
  readonly maxConnections?: number;
  readonly onEvicted?: () => void;
}

/**
 * The HTTPS server that the API server calls, over HTTP/1.1 as it calls every admission webhook (kubernetes #82090). It
 * does not try a review again on a connection that ended under it, so none is ended while one may be on its way: each
 * answer of a server that drains says that its connection ends, and only idle ones are closed. A changed certificate
 * serves new connections at once, and so do changed authorities of clients.
 */
export function buildServer(
  certificate: CertificateSource,
  register: (app: FastifyInstance) => void,
  options: GateServerOptions = {},
): FastifyInstance {
  const { isDraining = () => false, clientAuthorities, maxConnections = MAX_CONNECTIONS } = options;
  const app = fastify({
    https: httpsOptions(certificate.current(), clientAuthorities),
    requestTimeout: REQUEST_MS,
    bodyLimit: MAX_BODY,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    logger: false,
  });
  const renew = (): void => app.server.setSecureContext(contextOf(certificate.current(), clientAuthorities));
  certificate.onChange(renew);
  clientAuthorities?.onChange(renew);
  limitConnections(app.server, maxConnections, options.onEvicted);
  app.addHook("onRequest", (request, reply, next) => {
    if (!request.is404) return next();
    reply.code(404).send({ error: "no such endpoint" }); // before its body is read
  });
  let isClosing = false;
  app.addHook("preClose", (done) => {
    isClosing = true;
    done();
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    if (isClosing || isDraining() || isLongUnread(request)) reply.header("connection", "close");
    done(null, payload);
  });
  register(app);
  return app;
}

/** Whether more of a body is on its way than is worth waiting for, because the answer was given without it. */
function isLongUnread({ raw, headers }: FastifyRequest): boolean {
  if (raw.complete) return false;
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > MAX_BODY;
}

function httpsOptions(pair: CertificatePair, authorities: ClientAuthorities | undefined): ServerOptions {
  return {
    ...contextOf(pair, authorities),
    requestCert: authorities !== undefined,
    rejectUnauthorized: false, // callers with a bearer token have no certificate: each route says whom it answers
    handshakeTimeout: HANDSHAKE_MS,
    headersTimeout: REQUEST_MS,
    requestTimeout: REQUEST_MS,
    connectionsCheckingInterval: CHECK_MS,
  };
}

function contextOf(
  pair: CertificatePair,
  authorities: ClientAuthorities | undefined,
): CertificatePair & { readonly ca?: string } {
  return { ...pair, ...(authorities !== undefined && { ca: authorities.current().pem }) };
}
