import fastify, { type FastifyInstance } from "fastify";

import { limitConnections } from "./connection-limit.ts";

/** Kubelets and scrapers are few. */
const MAX_CONNECTIONS = 256;

/** What the plain port answers from. */
export interface ProbeDeps {
  /** Names of parts that are not ready yet; empty means ready. Never asks a registry. */
  readonly missing: () => readonly string[];
  /** The metrics, in the format that an `Accept` header asks for. */
  readonly metrics: (
    accept: string | undefined,
  ) => Promise<{ readonly contentType: string; readonly text: string }>;
}

/** The plain server for the kubelet and the scraper: `/livez`, `/readyz` and `/metrics`. */
export function buildProbeServer({ missing, metrics }: ProbeDeps): FastifyInstance {
  const app = fastify({ logger: false, requestTimeout: 10_000, bodyLimit: 1024 });
  limitConnections(app.server, MAX_CONNECTIONS);
  app.get("/livez", () => "ok\n");
  app.get("/readyz", (_, reply) => {
    const parts = missing();
    if (parts.length === 0) return reply.send("ok\n");
    return reply.code(503).send(`not ready: ${parts.join(", ")}\n`);
  });
  app.get("/metrics", async (request, reply) => {
    const { contentType, text } = await metrics(request.headers.accept);
    return reply.type(contentType).send(text);
  });
  return app;
}
