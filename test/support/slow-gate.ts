import fastify, { type FastifyInstance } from "fastify";

import { type AdmissionDeps, registerAdmission } from "../../src/admission/index.ts";
import type { Verdict } from "../../src/core/index.ts";
import type { GateRequest } from "../../src/gate/index.ts";
import { NOTHING_BESIDES } from "./admission-deps.ts";
import type { AdmissionAnswer } from "./post-review.ts";
import { aPod, aReview } from "./review.ts";

/** The admission endpoints with a gate behind them that decides nothing until it is released. */
export interface SlowGate {
  readonly app: FastifyInstance;
  readonly post: (path: string, review: unknown) => Promise<AdmissionAnswer>;
  /** Allows what waits, and everything after it. */
  readonly release: () => void;
  /** Why reviews were shed, in order. */
  readonly shed: readonly string[];
  readonly decided: readonly Verdict[];
  /** How many reviews have reached the gate. */
  readonly asked: () => number;
}

/** Starts one that takes on so many reviews, and bytes of them, at once. */
export async function slowGate(limits: {
  readonly reviews: number;
  readonly bytes: number;
}): Promise<SlowGate> {
  const app = fastify();
  const release = Promise.withResolvers<void>();
  const shed: string[] = [];
  const decided: Verdict[] = [];
  let asked = 0;
  const admit = async ({ mode }: GateRequest): Promise<Verdict> => {
    asked += 1;
    await release.promise;
    return { decision: "allow", mode: mode(), objections: [], waived: [], judged: [] };
  };
  const deps: AdmissionDeps = {
    ...NOTHING_BESIDES,
    gate: { admit },
    modeOf: (namespace) => (namespace === "strict" ? "enforce" : undefined),
    observe: ({ verdict }) => decided.push(verdict),
    shed: (why) => shed.push(why),
  };
  registerAdmission(app, deps, limits);
  await app.ready();
  const post = async (path: string, review: unknown): Promise<AdmissionAnswer> => {
    const headers = { "content-type": "application/json" };
    const answer = await app.inject({
      method: "POST",
      url: path,
      headers,
      payload: JSON.stringify(review),
    });
    return answer.json<{ response: AdmissionAnswer }>().response;
  };
  return { app, post, release: release.resolve, shed, decided, asked: () => asked };
}

/** A review of a pod with an annotation of so many KiB. */
export function largeReview(uid: string, kib: number, more: object = {}): unknown {
  const object = { ...(aPod("x") as object), metadata: { annotations: { long: "x".repeat(kib * 1024) } } };
  return aReview({ uid, object, ...more });
}
