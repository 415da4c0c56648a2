import { Agent } from "node:https";

import type { Answered } from "../../test/support/outcome.ts";
import { postJson } from "../../test/support/post-json.ts";

const SOCKETS = 1024;
/** Longer than the 10 s that a review is given: whoever does not answer by then has not answered. */
const MAX_MS = 15_000;

/** Sends reviews over kept connections. */
export interface ReviewClient {
  /** Undefined where nobody answered as a webhook does. */
  readonly ask: (body: string) => Promise<Answered>;
  /** Goes on with connections of its own age: the old ones end after what they carry. */
  readonly reconnect: () => void;
}

interface Review {
  readonly response?: { readonly allowed: boolean; readonly status?: { readonly message?: string } };
}

/** A client for one gate. Whose certificate it shows makes no difference here. */
export function createClient(url: string): ReviewClient {
  let agent = newAgent();
  return {
    ask: (body) => postJson({ url, agent, body, longestMs: MAX_MS }).then(answerOf, () => undefined),
    reconnect: () => {
      const old = agent;
      agent = newAgent();
      setTimeout(() => old.destroy(), MAX_MS).unref();
    },
  };
}

function newAgent(): Agent {
  return new Agent({ keepAlive: true, maxSockets: SOCKETS, rejectUnauthorized: false });
}

function answerOf({ text }: { readonly text: string }): Answered {
  const { response } = JSON.parse(text) as Review;
  return response && { allowed: response.allowed, message: response.status?.message ?? "" };
}
