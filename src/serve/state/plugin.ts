import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";

import { createConcurrencyLimit } from "../../admission/index.ts";
import { asFault, bearerToken, printable, readJson } from "../../core/index.ts";
import type { TokenUser } from "../../kube/index.ts";
import { DriftCounts, type GateState, STATE_TEXTS, type StateText } from "./gate-state.ts";

/** Anyone in the cluster can ask, and each question costs the API server two. */
const MAX_AT_ONCE = 16;
const MAX_DRIFT_BODY = 4 * 1024;

/** What the answers are made of. */
export interface StateDeps {
  /** The user of a token; undefined where the token is not for the gate. Rejects where that cannot be asked. */
  readonly reviewToken: (token: string) => Promise<TokenUser | undefined>;
  /** Whether someone has this right to `states.mc-gate.dev` in the gate's namespace. Rejects where that cannot be asked. */
  readonly may: (who: TokenUser, verb: "get" | "update") => Promise<boolean>;
  readonly state: () => GateState;
  /** The text in force; undefined where none is. */
  readonly text: (name: StateText) => string | undefined;
  /** Takes what a comparison with files came to. */
  readonly drift: (counts: DriftCounts) => void;
}

/**
 * `GET /v1/state`: what this replica decides by. `GET /v1/state/NAME`: one text in force. `PUT /v1/state/drift`: what a
 * comparison with files came to. For callers with a token and a right; without both they get no answer.
 */
export function registerState(app: FastifyInstance, deps: StateDeps): void {
  const limited = createConcurrencyLimit(MAX_AT_ONCE);
  const guarded =
    (verb: "get" | "update", answer: (request: FastifyRequest, reply: FastifyReply) => FastifyReply) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      reply.header("cache-control", "no-store");
      const refusal = await limited(request.ip, () => refusalOf(request, verb, deps));
      if (refusal === undefined) return reply.code(503).send({ error: "too many questions at once" });
      return refusal === ALLOWED ? answer(request, reply) : reply.code(refusal.status).send(refusal.body);
    };
  app.get(
    "/v1/state",
    guarded("get", (_, reply) => reply.send(deps.state())),
  );
  app.get<{ Params: { name: string } }>(
    "/v1/state/:name",
    guarded("get", (request, reply) => {
      const { name } = request.params as { readonly name: string };
      const text = STATE_TEXTS.includes(name as StateText) ? deps.text(name as StateText) : undefined;
      if (text === undefined) return reply.code(404).send({ error: "there is no such text in force" });
      return reply.type("application/yaml; charset=utf-8").send(text);
    }),
  );
  app.put(
    "/v1/state/drift",
    { bodyLimit: MAX_DRIFT_BODY },
    guarded("update", (request, reply) => {
      const counts = DriftCounts.safeParse(jsonIn(request));
      if (!counts.success) return reply.code(400).send({ error: "the body is not a count of differences" });
      deps.drift(counts.data);
      return reply.code(204).send();
    }),
  );
}

/** The server leaves bodies as bytes; undefined where there is no JSON. */
function jsonIn({ body }: FastifyRequest): unknown {
  return body instanceof Uint8Array ? readJson(Buffer.from(body).toString("utf8")) : undefined;
}

const ALLOWED = "allowed";

interface Refusal {
  readonly status: 401 | 403 | 503;
  readonly body: { readonly error: string };
}

/** Never rejects: where the caller cannot be checked, there is no answer. */
async function refusalOf(
  { headers }: FastifyRequest,
  verb: "get" | "update",
  { reviewToken, may }: StateDeps,
): Promise<Refusal | typeof ALLOWED> {
  const token = bearerToken(headers.authorization);
  try {
    const user = token === "" ? undefined : await reviewToken(token);
    if (user === undefined) return refuse(401, "the token is not one that this cluster issued for the gate");
    if (await may(user, verb)) return ALLOWED;
    return refuse(403, `${printable(user.username, 120)} may not ${verb} states.mc-gate.dev`);
  } catch (error) {
    return refuse(503, `the API server could not be asked about the caller: ${asFault(error).message}`);
  }
}

function refuse(status: Refusal["status"], error: string): Refusal {
  return { status, body: { error } };
}
