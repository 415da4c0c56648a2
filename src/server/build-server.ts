import fastify, { type FastifyInstance } from "fastify";

import type { CertificateSource } from "./certificate-pair.ts";

const REQUEST_MS = 35_000; // the API server waits 30 s at most
const KEEP_ALIVE_MS = 120_000; // longer than the 90 s that Go keeps an idle connection, so that the client ends it first

/**
 * The HTTPS server that the API server calls, over HTTP/1.1 as it calls every admission webhook (kubernetes #82090). It
 * does not try a review again on a connection that ended under it, so none is ended while one may be on its way: each
 * answer of a server that drains says that its connection ends, and only idle ones are closed. A changed certificate
 * serves new connections at once. Without `isDraining` it drains from the moment that it closes.
 */
export function buildServer(
  certificate: CertificateSource,
  register: (app: FastifyInstance) => void,
  isDraining: () => boolean = () => false,
): FastifyInstance {
  const app = fastify({
    https: certificate.current(),
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: "idle",
    return503OnClosing: false,
    logger: false,
  });
  certificate.onChange((pair) => app.server.setSecureContext(pair));
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
