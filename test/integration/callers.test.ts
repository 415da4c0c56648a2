import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";

import type { FastifyInstance } from "fastify";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";

import {
  buildServer,
  checkClientCertificate,
  clientAuthorities,
  type ClientAuthorities,
} from "../../src/server/index.ts";
import {
  type CertificateWords,
  type ClientAuthority,
  type ClientCertificate,
  createClientAuthority,
} from "../support/client-certificates.ts";
import { createTestCertificate, type TestCertificate } from "../support/oci-certificate.ts";

const ALLOWED = ["front-proxy-client", "api.gate.example"];
const HOUR_MS = 3_600_000;

let serving: TestCertificate;
let authority: ClientAuthority;
let stranger: ClientAuthority;
let folder: string;
let file: string;
let problems: string[];
let authorities: ClientAuthorities;
let server: FastifyInstance;
let port: number;
let clock: Date;
const agents: Agent[] = [];

beforeAll(async () => {
  serving = await createTestCertificate();
  authority = await createClientAuthority();
  stranger = await createClientAuthority();
});

/** A server that answers with what it thinks of its caller. */
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "mc-callers-"));
  file = join(folder, "ca.crt");
  writeFileSync(file, authority.pem);
  problems = [];
  clock = new Date();
  authorities = clientAuthorities({ file, onProblem: (message) => problems.push(message) });
  const { cert, key } = serving;
  const certificate = { current: () => ({ cert, key }), onChange: () => undefined, close: () => undefined };
  const refusalOf = checkClientCertificate({ authorities, allowedNames: ALLOWED, now: () => clock });
  server = buildServer(certificate, (app) => app.get("/", ({ raw }) => refusalOf(raw.socket) ?? "verified"), {
    clientAuthorities: authorities,
  });
  await server.listen({ host: "127.0.0.1", port: 0 });
  ({ port } = server.server.address() as AddressInfo);
});
afterEach(async () => {
  for (const agent of agents.splice(0)) agent.destroy();
  authorities.close();
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A client that keeps its connection. */
function client(certificate?: ClientCertificate): { readonly ask: () => Promise<string> } {
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: serving.ca, ...certificate });
  agents.push(agent);
  const ask = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const sent = request({ host: "127.0.0.1", port, agent }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
        answer.on("end", () => resolve(text));
      });
      sent.on("error", reject).end();
    });
  return { ask };
}

describe("a caller with a client certificate", () => {
  it.each<[string, CertificateWords, string]>([
    ["of an allowed common name", {}, "verified"],
    ["of an allowed DNS name", { subject: "CN=x", dnsNames: ["api.gate.example"] }, "verified"],
    ["with more in its subject", { subject: "O=system:masters, CN=front-proxy-client" }, "verified"],
    ["of another name", { subject: "CN=kubelet" }, "wrong-name"],
    ["of a name that begins alike", { subject: "CN=front-proxy-client-2" }, "wrong-name"],
    ["whose organisation is the name", { subject: "O=front-proxy-client, CN=x" }, "wrong-name"],
    ["of two common names", { subject: "CN=front-proxy-client, CN=x" }, "wrong-name"],
    ["of a wildcard that would match", { subject: "CN=x", dnsNames: ["*.gate.example"] }, "wrong-name"],
    ["of no name", { subject: "O=x" }, "wrong-name"],
    ["for servers only", { usage: "server" }, "untrusted-certificate"],
    ["that has expired", { notAfter: new Date(Date.now() - HOUR_MS) }, "untrusted-certificate"],
  ])("%s", async (_, words, expected) => {
    expect(await client(await authority.issue(words)).ask()).toBe(expected);
  });

  it("of another authority of the same name is not trusted", async () => {
    expect(await client(await stranger.issue()).ask()).toBe("untrusted-certificate");
  });

  it("that expires while the connection is kept is refused from then on", async () => {
    const { ask } = client(await authority.issue());
    expect(await ask()).toBe("verified");
    clock = new Date(Date.now() + 48 * HOUR_MS);
    expect(await ask()).toBe("expired-certificate");
  });
});

describe("the names of a kept connection's certificate", () => {
  it.each<[string, CertificateWords, string]>([
    ["allowed", {}, "verified"],
    ["other", { subject: "CN=kubelet" }, "wrong-name"],
  ])("that are %s are read once, also where authorities change", async (_, words, expected) => {
    const { ask } = client(await authority.issue(words));
    const fresh = await stranger.issue();
    const read = vi.spyOn(X509Certificate.prototype, "toLegacyObject");
    expect(await ask()).toBe(expected);
    const once = read.mock.calls.length;
    writeFileSync(file, `${stranger.pem}${authority.pem}`);
    await expect.poll(() => client(fresh).ask(), { timeout: 5000 }).toBe("verified");
    read.mockClear();
    expect([await ask(), await ask(), once > 0, read.mock.calls.length]).toEqual([
      expected,
      expected,
      true,
      0,
    ]);
    read.mockRestore();
  });
});

describe("a caller without a certificate", () => {
  it("is told so, and the connection is served all the same", async () => {
    expect(await client().ask()).toBe("no-certificate");
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("is not verified by a resumed session of %s", async (version) => {
    const first = await open(version);
    const session = await sessionOf(first);
    const second = await open(version, session);
    expect([second.isSessionReused(), await over(second)]).toEqual([true, "no-certificate"]);
  });
});

describe("authorities that change while connections are kept", () => {
  it("no longer count a certificate of the one that is gone, and count that of the new one", async () => {
    const [old, fresh] = [client(await authority.issue()), await stranger.issue()];
    expect(await old.ask()).toBe("verified");
    writeFileSync(file, stranger.pem);
    await expect.poll(old.ask, { timeout: 5000 }).toBe("untrusted-certificate");
    expect(await client(fresh).ask()).toBe("verified");
  });

  it("go on counting one that stays among them", async () => {
    const [old, fresh] = [client(await authority.issue()), await stranger.issue()];
    expect(await old.ask()).toBe("verified");
    writeFileSync(file, `${stranger.pem}${authority.pem}`);
    await expect.poll(() => client(fresh).ask(), { timeout: 5000 }).toBe("verified");
    expect(await old.ask()).toBe("verified");
  });

  it.each<[string, () => Promise<string> | string, RegExp]>([
    ["empty", () => "", /expected certificates in PEM/],
    ["cut off", () => authority.pem.slice(0, -40), /expected certificates in PEM/],
    ["a certificate with its key", async () => Object.values(await authority.issue()).join("\n"), /in PEM/],
    ["no authority's", async () => (await authority.issue()).cert, /not an authority's/],
  ])("stay what they were where the new text is %s", async (_, text, problem) => {
    writeFileSync(file, await text());
    await expect.poll(() => problems.join("\n"), { timeout: 5000 }).toMatch(problem);
    expect(await client(await authority.issue()).ask()).toBe("verified");
  });
});

async function open(version: "TLSv1.2" | "TLSv1.3", session?: Buffer): Promise<TLSSocket> {
  const versions = { minVersion: version, maxVersion: version } as const;
  const socket = connect({
    host: "127.0.0.1",
    port,
    ca: serving.ca,
    ...versions,
    ...(session && { session }),
  });
  await new Promise((resolve, reject) => socket.once("secureConnect", resolve).once("error", reject));
  return socket;
}

async function sessionOf(socket: TLSSocket): Promise<Buffer> {
  const ticket = new Promise<Buffer>((resolve) => socket.once("session", resolve));
  const known = socket.getProtocol() === "TLSv1.2" ? socket.getSession() : undefined;
  await over(socket);
  return known ?? (await ticket);
}

/** One request over an open connection, which ends with it. */
function over(socket: TLSSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
    socket.on("end", () => resolve(text.slice(text.indexOf("\r\n\r\n") + 4)));
    socket.on("error", reject);
    socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  });
}
