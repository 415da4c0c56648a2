import { once } from "node:events";
import { connect, type AddressInfo, type Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

import type { FastifyInstance } from "fastify";
import { expect, it } from "vitest";

import { largeReview, slowGate } from "../support/slow-gate.ts";

const MIB = 1024 * 1024;

const TAIL = Buffer.alloc(MIB, "x");

/** Sends a review of 1 MiB, of which the client keeps nothing, and does not wait for the answer. */
async function send(app: FastifyInstance, uid: string): Promise<Socket> {
  if (!app.server.listening) await listening(app);
  const [head, tail] = JSON.stringify(largeReview(uid, 0)).split('"long":"') as [string, string];
  const length = Buffer.byteLength(head) + Buffer.byteLength(tail) + '"long":"'.length + TAIL.byteLength;
  const { port } = app.server.address() as AddressInfo;
  const socket = connect({ port, host: "127.0.0.1" });
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const type = "content-type: application/json";
  socket.write(
    `POST /validate/enforce?timeout=30s HTTP/1.1\r\nhost: x\r\n${type}\r\ncontent-length: ${length}\r\n\r\n`,
  );
  socket.write(`${head}"long":"`);
  socket.write(TAIL);
  socket.write(tail);
  return socket;
}

const starts = new WeakMap<FastifyInstance, Promise<unknown>>();
function listening(app: FastifyInstance): Promise<unknown> {
  const known = starts.get(app) ?? app.listen({ port: 0, host: "127.0.0.1" });
  starts.set(app, known);
  return known;
}

/** Bytes in use once everything that nobody holds is gone. */
async function memory(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  for (let round = 0; round < 3; round += 1) {
    collect();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

it("large reviews do not stay in memory while their images are looked at", { timeout: 60_000 }, async () => {
  const gate = await slowGate({ reviews: 1000, bytes: 64 * MIB });
  const before = await memory();
  const sockets = await Promise.all(Array.from({ length: 200 }, (_, at) => send(gate.app, `u-${at}`)));
  await expect.poll(gate.asked, { timeout: 30_000 }).toBe(200);
  expect((await memory()) - before).toBeLessThan(60 * MIB); // of 200 MiB that were sent
  gate.release();
  for (const socket of sockets) socket.destroy();
});
