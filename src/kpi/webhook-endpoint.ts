import type { FastifyInstance } from "fastify";

import type { WebhookRequest } from "./webhook.ts";

/** GitHub's own limit is 25 MB; the event of a run has less than 100 KB. */
const MAX_BODY = 1024 * 1024;

/** Statuses by what became of the webhook. GitHub shows them to its administrators, and sends nothing again by itself. */
const STATUS = { accepted: 202, ignored: 202, forged: 401, malformed: 400, dropped: 503 } as const;

/** Registers `POST /webhook`: the bytes are handed on as they came, since the signature is over them. */
export function registerWebhook(
  app: FastifyInstance,
  take: (request: WebhookRequest) => keyof typeof STATUS,
): void {
  app.register((own, _, done) => {
    own.removeAllContentTypeParsers();
    own.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: MAX_BODY }, (__, body, parsed) =>
      parsed(null, body),
    );
    own.post("/webhook", { bodyLimit: MAX_BODY }, (request, reply) => {
      const { "x-hub-signature-256": signature, "x-github-event": event } = request.headers;
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const outcome = take({ body, signature: single(signature), event: single(event) });
      return reply.code(STATUS[outcome]).send({ outcome });
    });
    done();
  });
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}
