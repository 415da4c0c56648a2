import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { connect, type TLSSocket } from "node:tls";

import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { registerAdmission } from "../../src/admission/index.ts";
import type { Gate } from "../../src/gate/index.ts";
import { buildServer } from "../../src/server/index.ts";
import { NOTHING_BESIDES } from "../support/admission-deps.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";
import { aPod, aReview } from "../support/review.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const MAX = 6;
const ROOM = 2 * MIB;

let app: FastifyInstance;
let ca: string;
let port: number;
let evicted: number;
let shed: string[];
let release: () => void;
const sockets: TLSSocket[] = [];

beforeEach(async () => {
  const { cert, key, ...issued } = await createTestCertificate();
  ({ ca } = issued);
  [evicted, shed] = [0, []];
  const held = new Promise<void>((resolve) => (release = resolve));
  const certificate = { current: () => ({ cert, key }), onChange: () => undefined, close: () => undefined };
  const register = (server: FastifyInstance): void => {
    const deps = { ...NOTHING_BESIDES, shed: (why: string) => void shed.push(why) };
    registerAdmission(server, { ...deps, gate: slowGate(held) }, { reviews: 100, bytes: ROOM });
    server.post("/small", { bodyLimit: 1 * KIB }, ({ body }) => ({ read: (body as Buffer).length }));
  };
  app = buildServer(certificate, register, { maxConnections: MAX, onEvicted: () => (evicted += 1) });
  await app.listen({ host: "127.0.0.1", port: 0 });
  ({ port } = app.server.address() as AddressInfo);
});
afterEach(async () => {
  release();
  for (const socket of sockets.splice(0)) socket.destroy();
  await app.close();
});

/** Admits everything, once it may. */
function slowGate(held: Promise<void>): Gate {
  return {
    admit: async ({ mode }) => {
      await held;
      return { decision: "allow", mode: mode(), objections: [], waived: [], judged: [] };
    },
  };
}

/** A connection, and what came over it. */
interface Client {
  readonly socket: TLSSocket;
  readonly text: () => string;
  readonly isOpen: () => boolean;
}

async function client(): Promise<Client> {
  const socket = connect({ host: "127.0.0.1", port, ca });
  sockets.push(socket);
  let text = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
  socket.on("error", () => undefined);
  await once(socket, "secureConnect");
  return { socket, text: () => text, isOpen: () => !socket.readableEnded && !socket.destroyed };
}

function head(path: string, length: number | "chunked"): string {
  const size = length === "chunked" ? "transfer-encoding: chunked" : `content-length: ${length}`;
  return `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${size}\r\n\r\n`;
}

function review(uid: string, kib = 0): string {
  const metadata = { annotations: { long: "x".repeat(kib * KIB) } };
  return JSON.stringify(aReview({ uid, object: { ...(aPod("a/b") as object), metadata } }));
}

/** Sends a review of this size, but for its last byte. */
async function stalled(uid: string, kib: number): Promise<Client> {
  const one = await client();
  const body = review(uid, kib);
  one.socket.write(head("/validate/enforce", Buffer.byteLength(body)));
  await new Promise((resolve) => one.socket.write(body.slice(0, -1), resolve));
  return one;
}

async function whole(uid: string, kib: number): Promise<Client> {
  const one = await client();
  const body = review(uid, kib);
  one.socket.write(`${head("/validate/enforce", Buffer.byteLength(body))}${body}`);
  return one;
}

describe("more connections than the server holds", () => {
  it("end those that have waited longest without a whole request, and none that is being answered", async () => {
    const asked = await whole("u-asked", 0);
    const half = await stalled("u-half", 1);
    const idle = [await client(), await client(), await client(), await client()];
    await expect.poll(() => [half, ...idle].filter((each) => each.isOpen()).length).toBe(5);
    const late = [await client(), await client()];
    await expect.poll(() => [half.isOpen(), idle[0]!.isOpen()]).toEqual([false, false]);
    expect([asked, ...idle.slice(1), ...late].map((each) => each.isOpen())).toEqual(
      Array.from({ length: 6 }, () => true),
    );
    expect(evicted).toBe(2);
    release();
    await expect.poll(asked.text).toContain('"uid":"u-asked","allowed":true');
  });

  it("count one whose answer is out as waiting again, also where the answer came before the whole request", async () => {
    release();
    const answered = await whole("u-1", 0);
    await expect.poll(answered.text).toContain("u-1");
    const refused = await client();
    refused.socket.write(head("/nowhere", 4));
    await expect.poll(refused.text).toContain("404");
    refused.socket.write("{ } ");
    const others = await Promise.all(Array.from({ length: MAX }, client));
    await expect.poll(() => [answered.isOpen(), refused.isOpen()]).toEqual([false, false]);
    expect(others.filter((each) => each.isOpen())).toHaveLength(MAX);
  });

  it("are counted without those that have ended", async () => {
    for (let round = 0; round < 3 * MAX; round += 1) {
      const { socket } = await client();
      socket.destroy();
      await once(socket, "close");
    }
    const rest: Client[] = [];
    for (let at = 0; at <= MAX; at += 1) rest.push(await client());
    await expect.poll(() => rest.map((each) => each.isOpen())).toEqual(rest.map((_, at) => at > 0));
    expect(evicted).toBe(1);
  });
});

describe("a body that nobody asked for", () => {
  it.each<[string, string, number | "chunked", number]>([
    ["of a route that does not exist", "/nowhere", MIB, 404],
    ["of a route that does not exist, of no stated length", "/nowhere", "chunked", 404],
    ["of a method that the route does not have", "/livez", MIB, 404],
    ["larger than its route takes", "/small", MIB, 413],
    ["larger than any route answers", "/validate/enforce", 33 * MIB, 413],
  ])("%s is answered without it", async (_, path, length, status) => {
    const one = await client();
    one.socket.write(head(path, length));
    if (path === "/validate/enforce") one.socket.write(Buffer.alloc(33 * MIB, " "));
    await expect.poll(one.text).toContain(`HTTP/1.1 ${status}`);
    await expect.poll(one.isOpen).toBe(false);
  });

  it("of a small route is read whole, however small its parts", async () => {
    const one = await client();
    one.socket.write(head("/small", "chunked"));
    for (let at = 0; at < 300; at += 1) one.socket.write("1\r\nx\r\n");
    one.socket.write("0\r\n\r\n");
    await expect.poll(one.text).toContain('{"read":300}');
  });

  it("of a small route without a stated length ends where the route's bound is", async () => {
    const one = await client();
    one.socket.write(head("/small", "chunked"));
    one.socket.write(`${(2 * KIB).toString(16)}\r\n${"x".repeat(2 * KIB)}\r\n`);
    await expect.poll(one.text).toContain("HTTP/1.1 413");
  });
});

describe("large reviews that stall", () => {
  it("give way to a whole one, longest first, and are answered by their heads in the end", async () => {
    release();
    const slow = [await stalled("u-1", 700), await stalled("u-2", 700), await stalled("u-3", 700)];
    const fast = await whole("u-whole", 700);
    await expect.poll(fast.text).toContain('"uid":"u-whole","allowed":true');
    for (const { socket } of slow) socket.write("}");
    await expect.poll(slow[0]!.text).toContain('"uid":"u-1","allowed":false');
    expect(slow[0]!.text()).toContain("[limits/overloaded]");
    await expect.poll(slow[2]!.text).toContain('"uid":"u-3","allowed":true');
    expect(shed).toEqual(["bytes"]);
  });
});

describe("a request that does not arrive", () => {
  it("has ten seconds for handshake, headers and body together", () => {
    const { requestTimeout, headersTimeout } = app.server;
    expect([requestTimeout, headersTimeout]).toEqual([10_000, 10_000]);
  });
});
