import { type Agent, request } from "node:https";

/** One POST over HTTPS. */
export interface JsonPost {
  readonly url: string;
  readonly body: string;
  /** Connections that are kept; a fresh one where absent. */
  readonly agent?: Agent;
  /** PEM of the authority to trust; the agent's where absent. */
  readonly ca?: string;
  /** Gives up after this long, ms; never where absent. */
  readonly longestMs?: number;
}

/** The whole answer. */
export interface Reply {
  readonly status: number;
  readonly text: string;
}

/** Posts JSON. Rejects where nobody answers in time. */
export function postJson({ url, body, agent, ca, longestMs }: JsonPost): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const options = {
    method: "POST",
    headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body) },
    ...(agent !== undefined && { agent }),
    ...(ca !== undefined && { ca }),
    ...(longestMs !== undefined && { signal: AbortSignal.timeout(longestMs) }),
  };
  const outgoing = request(url, options, (incoming) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("error", reject);
    incoming.on("end", () =>
      resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
    );
  });
  outgoing.on("error", reject);
  outgoing.end(body);
  return promise;
}
