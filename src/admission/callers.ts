import type { Socket } from "node:net";

import type { FastifyInstance } from "fastify";

import type { CallerProof, CallerRefusal } from "../core/index.ts";
import type { AnsweredReview } from "./response.ts";

/** Who may send reviews. */
export interface Callers {
  /** Whether callers have to prove that they are the API server. */
  readonly proof: CallerProof;
  /** Why a connection's requests are turned away; undefined where they are answered. */
  readonly refusalOf: (socket: Socket) => CallerRefusal | undefined;
  /** Called once for each request that is turned away. */
  readonly onRefused: (reason: CallerRefusal) => void;
}

/** Anyone who reaches the port is believed, and every answer says so. */
export const UNVERIFIED_CALLERS: Callers = {
  proof: "unverified",
  refusalOf: () => undefined,
  onRefused: () => undefined,
};

const REASONS: Readonly<Record<CallerRefusal, string>> = {
  "no-certificate": "the caller presented no client certificate",
  "untrusted-certificate": "the caller's client certificate is not from a trusted authority",
  "expired-certificate": "the caller's client certificate is not valid at this time",
  "wrong-name": "the caller's client certificate has none of the allowed names",
};

/**
 * Answers callers that are not the API server with 401 on all routes of this scope, before anything of their request is
 * read or decided.
 */
export function onlyFrom({ refusalOf, onRefused }: Callers, scope: FastifyInstance): void {
  scope.addHook("onRequest", (request, reply, next) => {
    const refusal = refusalOf(request.raw.socket);
    if (refusal === undefined) return next();
    onRefused(refusal);
    reply.code(401).send({ error: `${REASONS[refusal]} [${refusal}]` });
  });
}

/** The answer with a note for the API server's audit log on whether its caller was verified. */
export function withCaller(review: AnsweredReview, { proof }: Callers): AnsweredReview {
  const { response } = review;
  const auditAnnotations = { ...response.auditAnnotations, caller: proof };
  return { ...review, response: { ...response, auditAnnotations } };
}
