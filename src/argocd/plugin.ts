import type { Readable } from "node:stream";

import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

import {
  type AnsweredReview,
  createConcurrencyLimit,
  createIntake,
  declaredLength,
  onlyFrom,
  readHead,
  type BufferedBody,
  withCaller,
} from "../admission/index.ts";
import { bearerToken, Fault } from "../core/index.ts";
import { strictestOfAll } from "./fault-mode.ts";
import { answerPresync, type PresyncAnswer } from "./hook/answer-presync.ts";
import { answerOperation, type OperationContext, told } from "./operation/operation-review.ts";
import type { SyncDecision, SyncDeps } from "./ports.ts";
import { type Report, reportOnFault } from "./report.ts";
import { type Answered, answerVerdict, notKnown } from "./rollout/answer-verdict.ts";
import { readQuestion } from "./rollout/verdict-question.ts";

/** Questions that are being answered at once, of each kind: anyone in the cluster can send one, so that each address has a share. */
const MAX_AT_ONCE = 128;
const SMALL_BODY = 64 * 1024;
/** Bytes of Applications that are being read, in addition to the first 64 KiB of each. */
const LARGE_BODIES = 32 * 1024 * 1024;

/**
 * The endpoints that ask about a sync or a rollout: `/v1/presync`, `/validate/operation` and `/v1/verdict`. Bodies are read
 * as bytes: the server's parser for JSON must leave them so.
 */
export function registerSync(app: FastifyInstance, deps: SyncDeps): void {
  addPresync(app, deps);
  addOperation(app, deps);
  addVerdict(app, deps);
}

function addPresync(app: FastifyInstance, { presync, targets, answered }: SyncDeps): void {
  const limited = createConcurrencyLimit(MAX_AT_ONCE);
  app.post("/v1/presync", { bodyLimit: SMALL_BODY }, async (request, reply) => {
    const started = performance.now();
    const token = bearerToken(request.headers.authorization);
    const { status, report } =
      (await limited(request.ip, () => answerPresync(token, presync, targets))) ?? busy(presync);
    answered("presync", decisionOf(report), secondsSince(started));
    return reply.code(status).header("cache-control", "no-store").send(report);
  });
}

function addOperation(app: FastifyInstance, { operation, targets, answered }: SyncDeps): void {
  app.register((scope, _, done) => {
    onlyFrom(operation.callers, scope);
    const intake = createIntake(LARGE_BODIES);
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("application/json", (request: FastifyRequest, payload: Readable) =>
      intake(payload, declaredLength(request)),
    );
    scope.post("/validate/operation", async (request, reply) => {
      const started = performance.now();
      const { timeout } = request.query as { readonly timeout?: unknown };
      const onReport = (report: Report): void =>
        answered("operation", decisionOf(report), secondsSince(started));
      const context = { deps: operation, targets, timeout, onReport };
      const review = await answerBody(request, context);
      if (review !== undefined) return reply.send(withCaller(review, operation.callers));
      return reply
        .code(400)
        .send({ error: "the body is not an AdmissionReview admission.k8s.io/v1 with a uid" });
    });
    done();
  });
}

/** A review that was too large to keep beyond its head is refused, since its sync was not checked. */
async function answerBody(
  request: FastifyRequest,
  context: OperationContext,
): Promise<AnsweredReview | undefined> {
  const body = request.body as BufferedBody | undefined;
  request.body = undefined;
  if (body === undefined) return undefined;
  if (body.unread === undefined) return answerOperation(body.bytes, context);
  const head = readHead(body.bytes);
  if (head === undefined) return undefined;
  const report = reportOnFault(body.unread, strictestOfAll(context.deps));
  return told(head.uid, report, context);
}

/** The status is what a caller reads that was given nothing else: a refusal is not a 200 for it. */
const Style = z.object({ style: z.enum(["status", "json"]).default("status") });

function addVerdict(app: FastifyInstance, { verdict: deps, answered: tell }: SyncDeps): void {
  const limited = createConcurrencyLimit(MAX_AT_ONCE);
  app.route({
    method: ["GET", "POST"],
    url: "/v1/verdict",
    bodyLimit: SMALL_BODY,
    handler: async (request, reply) => {
      const started = performance.now();
      const style = Style.safeParse(request.query).data?.style;
      const question = readQuestion(request.query, bodyOf(request));
      if (style === undefined) return reply.code(400).send({ error: "style is status or json" });
      if (typeof question === "string") return reply.code(400).send({ error: question });
      const token = bearerToken(request.headers.authorization);
      const answered = (await limited(request.ip, () => answerVerdict(token, question, deps))) ?? TOO_MANY;
      tell("verdict", decisionIn(answered), secondsSince(started));
      return style === "status" ? byStatus(reply, answered) : byBody(reply, answered);
    },
  });
}

function decisionOf({ decision, retry }: Report): SyncDecision {
  return decision === "unknown" && retry ? "pending" : decision;
}

function decisionIn(answered: Answered): SyncDecision {
  if (answered.status === 200) return answered.answer.verdict;
  return "setup";
}

function secondsSince(started: number): number {
  return (performance.now() - started) / 1000;
}

/** For those who read the body: a refusal is an answer like any other. */
function byBody(reply: FastifyReply, answered: Answered): FastifyReply {
  const body = answered.status === 200 ? answered.answer : { error: answered.error };
  return reply.code(answered.status).header("cache-control", "no-store").send(body);
}

/** Flagger throws the line of a 5xx away, and asks again at once. */
const STATUS = { allowed: 200, refused: 403, pending: 409 } as const;

/** For those who read the status alone, and show the body to people: one line. */
function byStatus(reply: FastifyReply, answered: Answered): FastifyReply {
  const ok = answered.status === 200;
  const line = ok ? `${answered.answer.verdict}: ${answered.answer.reason}` : answered.error;
  const code = ok ? STATUS[answered.answer.verdict] : answered.status;
  return reply
    .code(code)
    .header("cache-control", "no-store")
    .type("text/plain; charset=utf-8")
    .send(`${line}\n`);
}

function busy({ strictestMode }: SyncDeps["presync"]): PresyncAnswer {
  const fault = new Fault("target/unavailable", `the gate is answering ${MAX_AT_ONCE} hooks already`);
  const report = reportOnFault(fault, strictestMode());
  return { status: report.decision === "allowed" ? 200 : 503, report };
}

const TOO_MANY = notKnown(`the gate is answering ${MAX_AT_ONCE} questions already`);

function bodyOf({ body }: FastifyRequest): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}
