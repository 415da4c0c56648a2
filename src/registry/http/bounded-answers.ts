import type { Socket } from "node:net";

import { Fault } from "../../core/index.ts";

/**
 * Ends a connection, with Fault `limits/exceeded`, whose server sends more than `most` bytes in answer to one request,
 * whatever they are: headers, a body and how it is cut into chunks, informational answers before it. The client's own
 * limits count what an answer holds, and a server can send without end what is not part of one. For connections that
 * carry one request at a time.
 */
export function boundAnswers(socket: Socket, most: number, host: string): void {
  let sent = socket.bytesWritten;
  let seen = socket.bytesRead;
  let since = seen;
  socket.prependListener("readable", () => {
    if (socket.bytesWritten !== sent) {
      sent = socket.bytesWritten; // another request: what comes now is its answer
      since = seen;
    }
    seen = socket.bytesRead;
    if (seen - since > most)
      socket.destroy(
        new Fault("limits/exceeded", `${host} sent more than ${most} bytes in answer to one request`),
      );
  });
}
