import type { IncomingMessage, ServerResponse } from "node:http";

import { isPing } from "./oci-routes.ts";

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

/** What came in since the start, or since it was cleared. */
export interface Logged {
  /** All but those for `/v2/` itself. */
  readonly requests: readonly LoggedRequest[];
  /** Those for `/v2/` itself, which a client sends once to learn whether credentials are wanted. */
  readonly pings: readonly LoggedRequest[];
}

/** Keeps what came in. */
export interface RequestLog extends Logged {
  readonly clear: () => void;
  readonly add: (request: IncomingMessage, response: ServerResponse) => void;
}

/** An empty log. */
export function createRequestLog(): RequestLog {
  const requests: LoggedRequest[] = [];
  const pings: LoggedRequest[] = [];
  let over = 0;
  return {
    requests,
    pings,
    clear() {
      requests.length = 0;
      pings.length = 0;
      over = 0;
    },
    add(request, response) {
      const round = over + 1;
      const clientPort = request.socket.remotePort ?? 0;
      const { method = "", url: path = "", headers } = request;
      const logged = { method, path, headers, round, clientPort };
      if (isPing(request)) return void pings.push(logged);
      requests.push(logged);
      response.on("finish", () => {
        over = Math.max(over, round);
      });
    },
  };
}
