import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { answerGuard } from "./answer-guard.ts";
import { decideReview, type PathMode } from "./decide-review.ts";
import type { AdmissionDeps } from "./ports.ts";
import type { AnsweredReview } from "./response.ts";

/** Bytes of a review: an object of etcd's 1.5 MiB twice, with room. */
const MAX_BODY = 7 * 1024 * 1024;

interface Query {
  readonly timeout?: unknown;
}

/** The endpoints that the API server calls: `/validate/enforce`, `/validate/advisory` and `/guard`. */
export function registerAdmission(app: FastifyInstance, deps: AdmissionDeps): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer", bodyLimit: MAX_BODY }, (_, body, done) =>
    done(null, body),
  );
  for (const mode of ["enforce", "advisory"] as const) {
    app.post(`/validate/${mode}`, (request, reply) => validate(request, reply, { deps, mode }));
  }
  app.post("/guard", async (request, reply) => answer(reply, await answerGuard(bodyOf(request), deps)));
}

async function validate(
  request: FastifyRequest,
  reply: FastifyReply,
  { deps, mode }: { readonly deps: AdmissionDeps; readonly mode: PathMode },
): Promise<FastifyReply> {
  deps.inFlight(1);
  try {
    const { timeout } = request.query as Query;
    return answer(reply, await decideReview(bodyOf(request), { pathMode: mode, timeout }, deps));
  } finally {
    deps.inFlight(-1);
  }
}

/** Without a uid there is no review to answer, only a request that is wrong. */
function answer(reply: FastifyReply, review: AnsweredReview | undefined): FastifyReply {
  if (review !== undefined) return reply.send(review);
  return reply.code(400).send({ error: "the body is no AdmissionReview admission.k8s.io/v1 with a uid" });
}

function bodyOf({ body }: FastifyRequest): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}
