import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";

import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { buildServer, certificateDirectory, type CertificateSource } from "../../src/server/index.ts";
import { createTestCertificate, type TestCertificate } from "../support/oci-certificate.ts";

/** A request over HTTP/2, as the API server makes it. */
function get(session: ClientHttp2Session, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":path": path });
    let text = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => (text += chunk));
    stream.on("end", () => resolve(text));
    stream.on("error", reject);
  });
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
    server = buildServer(source, (app) => {
      app.get("/", () => "here");
      app.get("/slow", async () => {
        await held;
        return "late";
      });
    });
    await server.listen({ host: "127.0.0.1", port: 0 });
    ({ port } = server.server.address() as AddressInfo);
  });
  afterEach(async () => {
    release();
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
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: first.ca });
    expect(await get(session, "/")).toBe("here");
    const before = await serial();
    mount(await createTestCertificate());
    await expect.poll(serial, { timeout: 5000 }).not.toBe(before);
    expect(await get(session, "/")).toBe("here");
    session.close();
    expect(problems).toEqual([]);
  });

  it("keeps the old certificate while the new pair does not fit together, and says so", async () => {
    const before = await serial();
    const [one, other] = [await createTestCertificate(), await createTestCertificate()];
    mount({ cert: one.cert, key: other.key });
    await expect.poll(() => problems, { timeout: 5000 }).toHaveLength(1);
    expect([problems[0], await serial()]).toEqual([expect.stringContaining("does not belong"), before]);
    mount(other);
    await expect.poll(serial, { timeout: 5000 }).not.toBe(before);
  });

  it("answers what is under way when it closes, and takes nothing new", async () => {
    const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: first.ca });
    const slow = get(session, "/slow");
    await expect.poll(() => get(session, "/")).toBe("here");
    const closing = server.close();
    release();
    expect(await slow).toBe("late");
    await closing;
    await expect(open()).rejects.toMatchObject({ code: "ECONNREFUSED" });
    expect(session.closed || session.destroyed).toBe(true);
  });
});
