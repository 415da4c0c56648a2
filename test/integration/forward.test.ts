import { once } from "node:events";
import type { Server as HttpServer } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { createForwarder } from "../../src/cli/forward/forwarder.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly authorization: string | undefined;
  readonly body: string;
}

let gate: Server;
let forwarder: HttpServer;
let folder: McFolder;
let asked: Asked[];
let answer: { status: number; text: string };
let held: Promise<void>;

function portOf(server: Server | HttpServer): number {
  return (server.address() as AddressInfo).port;
}

async function listening<T extends Server | HttpServer>(server: T): Promise<T> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

beforeEach(async () => {
  const { ca, cert, key } = await createTestCertificate();
  asked = [];
  answer = { status: 200, text: "allowed: 1 image(s) checked\n" };
  held = Promise.resolve();
  folder = mcFolder();
  folder.write("token", "the-token\n");
  gate = await listening(
    createServer({ cert, key }, (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
      incoming.on("end", () => {
        const { method, url, headers } = incoming;
        asked.push({
          method,
          url,
          authorization: headers.authorization,
          body: Buffer.concat(chunks).toString(),
        });
        void held.then(() =>
          outgoing.writeHead(answer.status, { "content-type": "text/x" }).end(answer.text),
        );
      });
    }),
  );
  await start(ca);
});
afterEach(async () => {
  await stop();
  folder.remove();
  gate.closeAllConnections();
  gate.close();
});

async function start(ca: string | undefined): Promise<void> {
  const url = new URL(`https://127.0.0.1:${portOf(gate)}`);
  const tokenFile = join(folder.path, "token");
  forwarder = await listening(createForwarder({ gate: url, tokenFile, ca, timeoutMs: 30_000 }));
}

async function stop(): Promise<void> {
  forwarder.closeAllConnections();
  forwarder.close();
  await once(forwarder, "close");
}

async function ask(path: string, init: RequestInit = {}): Promise<readonly [number, string]> {
  const response = await fetch(`http://127.0.0.1:${portOf(forwarder)}${path}`, init);
  return [response.status, await response.text()];
}

const QUESTION = { method: "POST", body: '{"namespace":"shop","metadata":{"image":"a"}}' };

describe("mc forward", () => {
  it.each([
    [200, "allowed: 1 image(s) checked\n"],
    [403, "refused: app is refused\n"],
    [409, "pending: a waiver is written\n"],
    [401, "the token is not one that this cluster issued for the gate\n"],
  ])("gives the gate's answer as it is: %i", async (status, text) => {
    answer = { status, text };
    expect(await ask("/v1/verdict", QUESTION)).toEqual([status, text]);
  });

  it("asks with its own token, and what it was asked", async () => {
    const authorization = "Bearer theirs";
    await ask("/v1/verdict?style=json", { ...QUESTION, headers: { authorization } });
    await ask("/v1/verdict?namespace=shop&image=a");
    expect(asked).toEqual([
      {
        method: "POST",
        url: "/v1/verdict?style=json",
        authorization: "Bearer the-token",
        body: QUESTION.body,
      },
      {
        method: "GET",
        url: "/v1/verdict?namespace=shop&image=a",
        authorization: "Bearer the-token",
        body: "",
      },
    ]);
  });

  it("reads its token again for each question", async () => {
    folder.write("token", "the-next");
    await ask("/v1/verdict", QUESTION);
    expect(asked.map((each) => each.authorization)).toEqual(["Bearer the-next"]);
  });

  it("is pending, with a line that says why, while the gate is away", async () => {
    gate.closeAllConnections();
    gate.close();
    await once(gate, "close");
    expect(await ask("/v1/verdict", QUESTION)).toEqual([
      409,
      expect.stringMatching(/^pending: the gate could not be reached: .*\n$/),
    ]);
  });

  it("is pending where the gate's certificate is of another authority", async () => {
    await stop();
    await start((await createTestCertificate()).ca);
    expect((await ask("/v1/verdict", QUESTION))[0]).toBe(409);
    expect(asked).toEqual([]);
  });

  it("is pending where there is no token, and where the answer is too large", async () => {
    answer = { status: 200, text: "x".repeat(4 * 1024 * 1024 + 1) };
    expect(await ask("/v1/verdict", QUESTION)).toEqual([409, expect.stringContaining("too large")]);
    await stop();
    folder.remove();
    await start(undefined);
    expect((await ask("/v1/verdict", QUESTION))[0]).toBe(409);
  });

  it("refuses other paths, and bodies of more than 64 KiB", async () => {
    expect((await ask("/v1/presync", QUESTION))[0]).toBe(404);
    expect((await ask("//elsewhere.example/v1/verdict", QUESTION))[0]).toBe(404);
    expect((await ask("/v1/verdict", { method: "POST", body: "x".repeat(64 * 1024 + 1) }))[0]).toBe(413);
    expect(asked).toEqual([]);
    expect(await ask("/livez")).toEqual([200, "ok\n"]);
  });

  it("forwards 32 questions at once, and is pending for the next", async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    held = promise;
    const all = Array.from({ length: 33 }, () => ask("/v1/verdict", QUESTION));
    const first = await Promise.race(all);
    expect(first).toEqual([409, expect.stringContaining("32 requests")]);
    resolve();
    const codes = (await Promise.all(all)).map(([code]) => code);
    expect(codes.filter((code) => code === 200)).toHaveLength(32);
  });

  it.each([
    ["an address without TLS", ["--gate", "http://gate.example"]],
    ["a port that is none", ["--port", "70000"]],
    ["an authority that is not there", ["--ca-file", "none.pem"]],
  ])("exits 12 for %s", async (_, args) => {
    expect(await folder.mc(["forward", ...args])).toMatchObject({ code: 12 });
  });
});
