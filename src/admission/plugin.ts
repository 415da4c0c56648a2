import type { Readable } from "node:stream";

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { MODES } from "../core/index.ts";
import { onlyFrom, withCaller } from "./callers.ts";
import { createConcurrencyLimit } from "./concurrency-limit.ts";
import { untilDue } from "./deadline.ts";
import { decideReview } from "./decide-review.ts";
import { createIntake, readSmallBody, type BufferedBody } from "./intake.ts";
import type { AdmissionDeps } from "./ports.ts";
import type { AnsweredReview } from "./response.ts";

const MIB = 1024 * 1024;

/** How much is taken on at once. */
export interface AdmissionLimits {
  /** Most reviews whose images are being checked; each namespace has a share of them. */
  readonly reviews: number;
  /** Most bytes of reviews that are being read, in addition to the first 64 KiB of each. */
  readonly bytes: number;
}

/**
 * One namespace gets three eighths of the reviews: what an API server has under way with its own defaults (600). A sixteenth of
 * the memory that the chart gives.
 */
const LIMITS: AdmissionLimits = { reviews: 1600, bytes: 64 * MIB };

interface Query {
  readonly timeout?: unknown;
}

/**
 * The endpoints that the API server calls: `/validate/enforce`, `/validate/advisory` and `/guard`, which may be followed by
 * the default mode that the webhook configuration was written for. Other endpoints of the
 * app get their JSON as bytes, as many as their `bodyLimit` says.
 */
export function registerAdmission(app: FastifyInstance, deps: AdmissionDeps, limits = LIMITS): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", (request: FastifyRequest, payload: Readable) =>
    readSmallBody(payload, request.routeOptions.bodyLimit ?? 0, declaredLength(request)),
  );
  const [intake, limit] = [createIntake(limits.bytes), createConcurrencyLimit(limits.reviews)];
  const answer = (reply: FastifyReply, review: AnsweredReview | undefined): FastifyReply =>
    review === undefined ? unanswerable(reply) : reply.send(withCaller(review, deps.callers));
  app.register((scope, _, done) => {
    onlyFrom(deps.callers, scope);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("application/json", (request: FastifyRequest, payload: Readable) =>
      intake(payload, declaredLength(request)),
    );
    for (const pathMode of ["enforce", "advisory"] as const) {
      scope.post(`/validate/${pathMode}`, (request, reply) => {
        const { timeout } = request.query as Query;
        const deciding = decideReview(bodyOf(request), { pathMode, timeout, limit }, deps);
        deps.inFlight(1);
        return deciding.then((review) => answer(reply, review)).finally(() => deps.inFlight(-1));
      });
    }
    for (const configuredDefault of [undefined, ...MODES]) {
      const path = configuredDefault === undefined ? "/guard" : `/guard/${configuredDefault}`;
      scope.post(path, async (request, reply) => {
        const { bytes, arrivedMs, unread } = bodyOf(request);
        const { timeout } = request.query as Query;
        const review = await untilDue({ arrivedMs, timeout }, (signal) =>
          deps.guard(bytes, { configuredDefault, signal, unread }),
        );
        return answer(reply, review);
      });
    }
    done();
  });
}

/** The length of the body as its sender promises it; the HTTP parser holds it to that. */
export function declaredLength({ headers }: FastifyRequest): number | undefined {
  const length = headers["content-length"];
  return length === undefined ? undefined : Number(length);
}

/** Without a uid there is no review to answer, only a request that is wrong. */
function unanswerable(reply: FastifyReply): FastifyReply {
  return reply.code(400).send({ error: "the body is not an AdmissionReview admission.k8s.io/v1 with a uid" });
}

/** The body, which the request lets go of: it must not wait in memory for its answer. */
function bodyOf(request: FastifyRequest): BufferedBody {
  const body = request.body as BufferedBody | undefined;
  request.body = undefined;
  return body ?? { bytes: new Uint8Array(), arrivedMs: performance.now() };
}
