import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Holds a server to so many connections. Past it the one goes that has waited longest for a whole request: nothing that
 * is being answered, and anyone who only opens connections makes their own oldest ones end. `onEvicted` is called for
 * each.
 */
export function limitConnections(server: Server, max: number, onEvicted: () => void = () => undefined): void {
  const open = new Map<string, Socket>();
  /** Keys of connections without a whole request, longest first. */
  const waiting = new Set<string>();

  function evictOne(): void {
    const [key] = waiting;
    if (key === undefined) return;
    waiting.delete(key);
    open.get(key)?.destroy();
    open.delete(key);
    onEvicted();
  }

  server.on("connection", (socket: Socket) => {
    const key = keyOf(socket);
    open.set(key, socket);
    waiting.add(key);
    socket.once("close", () => {
      if (open.get(key) !== socket) return;
      open.delete(key);
      waiting.delete(key);
    });
    if (open.size > max) evictOne();
  });
  server.on("request", (request: IncomingMessage, response: ServerResponse) => {
    const key = keyOf(request.socket);
    request.once("end", () => {
      if (!response.closed) waiting.delete(key); // an answer may come before the end of what it answers
    });
    response.once("close", () => {
      if (open.has(key)) waiting.add(key);
    });
  });
}

const keys = new WeakMap<Socket, string>();

/** A connection over TLS has two sockets, which have this in common. */
function keyOf(socket: Socket): string {
  const known = keys.get(socket);
  if (known !== undefined) return known;
  const key = `${socket.remoteAddress} ${socket.remotePort}`;
  keys.set(socket, key);
  return key;
}
