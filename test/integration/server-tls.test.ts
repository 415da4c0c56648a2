import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { Agent, get as httpsGet } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";

import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { sayNewCertificates } from "../../src/serve/certificate.ts";
import {
  buildServer,
  certificateDirectory,
  type CertificateSource,
  endOfCertificate,
} from "../../src/server/index.ts";
import { createTestCertificate, type TestCertificate } from "../support/oci-certificate.ts";

/** What a request over a kept connection was answered with, and whether the connection may be used again. */
interface Got {
  readonly text: string;
  readonly connection: string | undefined;
  readonly localPort: number | undefined;
}

describe("the HTTPS server", () => {
  let folder: string;
  let first: TestCertificate;
  let problems: string[];
  let source: CertificateSource;
  let server: FastifyInstance;
  let port: number;
  let round = 0;
  let release: () => void;
  let agent: Agent;
  let draining: boolean;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "mc-tls-"));
    first = await createTestCertificate();
    round = 0;
    mount(first);
    problems = [];
    source = certificateDirectory({ directory: folder, onProblem: (message) => problems.push(message) });
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    draining = false;
    const register = (app: FastifyInstance): void => {
      app.get("/", () => "here");
      app.get("/slow", async () => {
        await held;
        return "late";
      });
    };
    server = buildServer(source, register, { isDraining: () => draining });
    await server.listen({ host: "127.0.0.1", port: 0 });
    ({ port } = server.server.address() as AddressInfo);
    agent = new Agent({ keepAlive: true, ca: first.ca });
  });
  afterEach(async () => {
    release();
    agent.destroy();
    source.close();
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Puts a pair in place as the kubelet does: a folder of its own, to which a symbolic link is swapped. */
  function mount({ cert, key }: Pick<TestCertificate, "cert" | "key">): void {
    round += 1;
    const data = `..data-${round}`;
    mkdirSync(join(folder, data));
    writeFileSync(join(folder, data, "tls.crt"), cert);
    writeFileSync(join(folder, data, "tls.key"), key);
    symlinkSync(data, join(folder, "..data-next"));
    renameSync(join(folder, "..data-next"), join(folder, "..data"));
    if (round > 1) return;
    symlinkSync("..data/tls.crt", join(folder, "tls.crt"));
    symlinkSync("..data/tls.key", join(folder, "tls.key"));
  }

  /** A request over HTTP/1.1 and kept connections, as the API server makes it. */
  function get(path: string): Promise<Got> {
    return new Promise((resolve, reject) => {
      const sent = httpsGet({ host: "127.0.0.1", port, path, agent }, (answer) => {
        const { localPort } = answer.socket;
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => (text += chunk));
        answer.on("end", () => resolve({ text, connection: answer.headers.connection, localPort }));
      });
      sent.on("error", reject);
    });
  }

  /** Connections that lie idle at the client, once it has put back the last one. */
  async function idle(): Promise<number> {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return Object.values(agent.freeSockets).flat().length;
  }

  /** A new connection, and the certificate that it got. */
  function open(): Promise<{ readonly socket: TLSSocket; readonly serial: string }> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: "127.0.0.1", port, rejectUnauthorized: false }, () =>
        resolve({ socket, serial: socket.getPeerCertificate().serialNumber }),
      );
      socket.on("error", reject);
    });
  }

  async function serial(): Promise<string> {
    const opened = await open();
    opened.socket.destroy();
    return opened.serial;
  }

  it("shows a new certificate to new connections, and keeps the old ones", async () => {
    const logged: unknown[] = [];
    sayNewCertificates(source, { info: (...line: readonly unknown[]) => void logged.push(line) });
    const kept = await get("/");
    const before = await serial();
    const next = await createTestCertificate();
    mount(next);
    await expect.poll(serial, { timeout: 5000 }).not.toBe(before);
    expect(logged).toEqual([[{ until: endOfCertificate(next) }, "new certificate taken up"]]);
    expect(await get("/")).toEqual(kept);
    expect(problems).toEqual([]);
  });

  it("keeps the old certificate while the new pair does not fit together, and says so", async () => {
    const before = await serial();
    const [one, other] = [await createTestCertificate(), await createTestCertificate()];
    expect(source.isRefused?.()).toBe(false);
    mount({ cert: one.cert, key: other.key });
    await expect.poll(() => problems, { timeout: 5000 }).toHaveLength(1);
    expect([problems[0], await serial()]).toEqual([expect.stringContaining("does not match"), before]);
    expect(source.isRefused?.()).toBe(true);
    mount(other);
    await expect.poll(serial, { timeout: 5000 }).not.toBe(before);
    expect(source.isRefused?.()).toBe(false);
  });

  it("keeps idle connections longer than the API server does, so that none ends under a review", async () => {
    await get("/");
    const { keepAliveTimeout, requestTimeout } = server.server;
    expect(keepAliveTimeout).toBeGreaterThan(90_000);
    expect(requestTimeout).toBe(10_000);
    expect(await idle()).toBe(1);
  });

  it("while it drains answers as before, and each answer ends its connection", async () => {
    const [before] = [await get("/"), await idle()];
    draining = true;
    const during = await get("/");
    expect([before.connection, during.connection]).toEqual(["keep-alive", "close"]);
    expect(during).toMatchObject({ text: "here", localPort: before.localPort });
    expect(await idle()).toBe(0);
    expect((await get("/")).localPort).not.toBe(before.localPort);
  });

  it("answers what is under way when it closes, ends idle connections, and takes nothing new", async () => {
    const slow = get("/slow");
    await expect.poll(() => get("/")).toMatchObject({ text: "here" });
    expect(await idle()).toBe(1);
    const closing = server.close();
    await expect.poll(idle).toBe(0);
    release();
    expect(await slow).toMatchObject({ text: "late", connection: "close" });
    await closing;
    await expect(open()).rejects.toMatchObject({ code: "ECONNREFUSED" });
  });
});
