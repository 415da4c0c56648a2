import fastify, { type FastifyInstance } from "fastify";

import type { CertificatePair, CertificateSource } from "./certificate-pair.ts";
import type { ClientAuthorities } from "./client-authorities.ts";

const REQUEST_MS = 35_000; // the API server waits 30 s at most
const KEEP_ALIVE_MS = 120_000; // longer than the 90 s that Go keeps an idle connection, so that the client ends it first

/** What a server may do without. */
export interface ServerOptions {
  /** Whether clients are to leave; without it the server drains from the moment that it closes. */
  readonly isDraining?: () => boolean;
  /** Authorities of client certificates. With them every client is asked for one, and none has to show it. */
  readonly clientAuthorities?: ClientAuthorities | undefined;
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
  { isDraining = () => false, clientAuthorities }: ServerOptions = {},
): FastifyInstance {
  const app = fastify({
    https: {
      ...contextOf(certificate.current(), clientAuthorities),
      requestCert: clientAuthorities !== undefined,
      rejectUnauthorized: false, // callers with a bearer token have no certificate: each route says whom it answers
    },
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    logger: false,
  });
  const renew = (): void => app.server.setSecureContext(contextOf(certificate.current(), clientAuthorities));
  certificate.onChange(renew);
  clientAuthorities?.onChange(renew);
  let isClosing = false;
  app.addHook("preClose", (done) => {
    isClosing = true;
    done();
  });
  app.addHook("onSend", (_, reply, payload, done) => {
    if (isClosing || isDraining()) reply.header("connection", "close");
    done(null, payload);
  });
  register(app);
  return app;
}

function contextOf(
  pair: CertificatePair,
  authorities: ClientAuthorities | undefined,
): CertificatePair & { readonly ca?: string } {
  return { ...pair, ...(authorities !== undefined && { ca: authorities.current().pem }) };
}
