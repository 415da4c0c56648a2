import type { IncomingMessage, ServerResponse } from "node:http";

/** One request that the test registry took. */
export interface LoggedRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /**
   * 1 + the highest round that was over when this request came in: how many answers the client waited
   * for, one after the other, before it sent this.
   */
  readonly round: number;
  /** Tells one connection of the client from another. */
  readonly clientPort: number;
}

/** Keeps what came in. */
export interface RequestLog {
  readonly requests: readonly LoggedRequest[];
  readonly clear: () => void;
  readonly add: (request: IncomingMessage, response: ServerResponse) => void;
}

/** An empty log. */
export function createRequestLog(): RequestLog {
  const requests: LoggedRequest[] = [];
  let over = 0;
  return {
    requests,
    clear() {
      requests.length = 0;
      over = 0;
    },
    add(request, response) {
      const round = over + 1;
      const clientPort = request.socket.remotePort ?? 0;
      const { method = "", url: path = "", headers } = request;
      requests.push({ method, path, headers, round, clientPort });
      response.on("finish", () => {
        over = Math.max(over, round);
      });
    },
  };
}
