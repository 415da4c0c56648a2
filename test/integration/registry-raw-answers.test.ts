import { createServer, type Socket } from "node:net";

import { describe, expect, it, onTestFinished } from "vitest";

import { closeAfterEach, LOCAL, openClient, soon } from "../support/oci-client.ts";

closeAfterEach();

interface Failure {
  readonly code?: string;
  readonly message: string;
}

/** What reading a tag ends with where the server answers each request by these bytes, and how often it was asked. */
async function failureOf(
  answer: (socket: Socket) => void,
  limits: object = {},
): Promise<Failure & { readonly connections: number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    socket.on("error", () => undefined).once("data", () => answer(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  const host = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const client = openClient({ hosts: { [host]: LOCAL }, limits: { retryWaitMilliseconds: 0, ...limits } });
  const ref = { registry: host, repository: "team/app", tag: "v1" };
  const failure = await client.resolve(ref, {}, soon()).then(
    () => ({ message: "no failure" }),
    (error: Error & { code?: string }) => ({ code: error.code ?? "none", message: error.message }),
  );
  return { ...failure, message: failure.message.replaceAll(host, "HOST"), connections };
}

function saying(text: string): (socket: Socket) => void {
  return (socket) => void socket.end(text, "latin1");
}

const EMPTY = "content-length: 0\r\n\r\n";
const NO_HTTP = "HOST does not speak HTTP/1.1";

describe("an answer that is no HTTP/1.1 is registry/invalid, and is not asked for again", () => {
  it.each([
    ["HTML in the place of a status line", "<html><body>404</body></html>\r\n\r\n", NO_HTTP],
    ["a preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", NO_HTTP],
    ["an alert of TLS", "\u0015\u0003\u0001\u0000\u0002\u0002\u0046", NO_HTTP],
    ["SSH", "SSH-2.0-OpenSSH_9.6\r\n", NO_HTTP],
    ["another version", `HTTP/3.0 200 OK\r\n${EMPTY}`, NO_HTTP],
    ["a status of five digits", `HTTP/1.1 99999 OK\r\n${EMPTY}`, NO_HTTP],
    ["a negative length", "HTTP/1.1 200 OK\r\ncontent-length: -5\r\n\r\nhello", NO_HTTP],
    ["NUL in a header's name", `HTTP/1.1 200 OK\r\nx\u0000y: 1\r\n${EMPTY}`, NO_HTTP],
    ["a chunk of no length", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", NO_HTTP],
    [
      "100 Continue",
      `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 404 Not Found\r\n${EMPTY}`,
      "HOST answers 100 Continue to a request that did not ask for it",
    ],
    [
      "101 Switching Protocols",
      "HTTP/1.1 101 Switching Protocols\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n",
      "HOST switches to another protocol without being asked",
    ],
  ])("%s", async (_, text, message) => {
    expect(await failureOf(saying(text))).toEqual({ code: "registry/invalid", message, connections: 1 });
  });
});

describe("an answer that was cut off is registry/unavailable, and is asked for again", () => {
  it.each([
    ["nothing", "", "HOST cannot be reached (UND_ERR_SOCKET)"],
    ["half a header", "HTTP/1.1 200 OK\r\ncontent-le", "HOST cannot be reached (UND_ERR_SOCKET)"],
    [
      "half a body",
      "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\nhello",
      "HOST cannot be reached (UND_ERR_SOCKET)",
    ],
  ])("%s", async (_, text, message) => {
    const failure = await failureOf(saying(text));
    expect(failure).toMatchObject({ code: "registry/unavailable", message });
    expect(failure.connections).toBeGreaterThan(1);
  });
});

it("informational answers before the real one are passed over", async () => {
  const hint = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n";
  const failure = await failureOf(saying(`${hint}${hint}HTTP/1.1 404 Not Found\r\n${EMPTY}`));
  expect(failure.message).toBe("no failure");
});

/** Writes one text again and again, as fast as the client reads. */
function flooding(start: string, part: string): (socket: Socket) => void {
  const parts = Buffer.from(part.repeat(Math.ceil(65_536 / part.length)), "latin1");
  return (socket) => {
    const more = (): void => {
      while (!socket.destroyed && socket.write(parts));
    };
    socket.write(start, "latin1");
    socket.on("drain", more);
    more();
  };
}

describe("what a server sends in answer to one request is bounded, whatever it is", () => {
  const chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";
  it.each([
    ["a chunk's extensions without end", chunked, "1;a=b\r\nx\r\n"],
    ["one extension without end", `${chunked}1;a=`, "b"],
    ["informational answers without end", "", "HTTP/1.1 103 Early Hints\r\nx: y\r\n\r\n"],
  ])("%s", async (_, start, part) => {
    const limits = { manifestBytes: 256 * 1024, blobBytes: 256 * 1024, requestMilliseconds: 60_000 };
    const failure = await failureOf(flooding(start, part), limits);
    expect(failure.code).toBe("limits/exceeded");
    expect(failure.message).toMatch(/^HOST sent more than (?:262144|1048576) bytes|headers of HOST's answer/);
    expect(failure.connections).toBe(1);
  });

  it("and counted for each request by itself: many answers over one connection", async () => {
    const body = JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: "x/y" },
      layers: [],
      x: "y".repeat(90_000),
    });
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      socket.on("error", () => undefined);
      socket.on("data", () =>
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n\r\n${body}`),
      );
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const host = `127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
    const limits = { manifestBytes: 100_000, blobBytes: 1024 };
    const client = openClient({ hosts: { [host]: LOCAL }, limits });
    for (let at = 0; at < 12; at += 1) {
      const ref = { registry: host, repository: "team/app", tag: `v${at}` };
      expect(await client.resolve(ref, {}, soon())).toMatch(/^sha256:/);
    }
    expect(connections).toBeLessThanOrEqual(2); // so that one has carried more than an answer may have
  });
});
