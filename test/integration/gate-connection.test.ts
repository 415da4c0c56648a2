import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

import { describe, expect, it, onTestFinished } from "vitest";

import { requestGate } from "../../src/outbound/index.ts";

/** Takes connections and says nothing, as a network that drops packets. */
async function silentPort(): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on("error", () => undefined)));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

describe("a request to a gate that no connection leads to", () => {
  it("ends with ETIMEDOUT long before its deadline", async () => {
    const url = new URL(`https://127.0.0.1:${await silentPort()}/v1/presync`);
    const signal = AbortSignal.timeout(60_000);
    const question = { url, method: "POST", token: "t", ca: undefined, signal, connectMs: 200 } as const;
    await expect(requestGate(question)).rejects.toMatchObject({
      code: "ETIMEDOUT",
      message: "no connection within 0.2 s",
    });
  });
});
