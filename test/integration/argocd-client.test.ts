import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type ArgoCdClient, createArgoCd } from "../../src/argocd/index.ts";
import { type PartPath, readJsonParts } from "../../src/core/index.ts";
import { type FakeArgoCd, startFakeArgoCd } from "../support/fake-argo-cd.ts";
import { createTestCertificate } from "../support/oci-certificate.ts";
import { anApplication, deployment, SHA } from "../support/presync-world.ts";

const NAME = { namespace: "argocd", name: "web" };
const PARTS = ["apiVersion", "kind", "metadata", "spec", "operation", "status"].map((key) => [key]);
const AT = { revisions: [SHA], isMulti: false };
const { signal } = new AbortController();
let argo: FakeArgoCd;
let client: ArgoCdClient;

beforeEach(async () => {
  argo = await startFakeArgoCd();
  argo.applications.set("argocd/web", anApplication());
  argo.render = () => [deployment("registry.example/app")];
  client = createArgoCd({ url: `${argo.url}/`, token: () => "argo-token", parts: PARTS });
});
afterEach(async () => {
  await client.close();
  await argo.close();
});

function noJson(): Promise<unknown> {
  return Promise.resolve(undefined);
}

describe("an answer of Argo CD's of more than 256 KiB", () => {
  it("is read in another thread, the parts that are asked for", async () => {
    const read: [number, readonly PartPath[]][] = [];
    await client.close();
    client = createArgoCd({
      url: argo.url,
      token: () => "argo-token",
      parts: PARTS,
      readElsewhere: (text, parts) => {
        read.push([text.length, parts]);
        return Promise.resolve(readJsonParts(text, parts));
      },
    });
    const long = { LONG: "x".repeat(300 * 1024) };
    argo.applications.set("argocd/web", { ...anApplication(), ...long });
    argo.render = () => [long];
    const answers = await client.connected(async (replica) => [
      await replica.cached(NAME, signal),
      await replica.manifests(NAME, AT, signal),
    ]);
    expect([await client.application(NAME, signal), ...answers]).toEqual([
      anApplication(),
      anApplication(),
      [JSON.stringify(long)],
    ]);
    expect(read.map(([, parts]) => parts[0])).toEqual([
      ["items", "*", "apiVersion"],
      ["manifests"],
      ["apiVersion"],
    ]);
    expect(Math.min(...read.map(([length]) => length))).toBeGreaterThan(300 * 1024);
  });

  it("is a fault where the other thread finds no JSON", async () => {
    await client.close();
    client = createArgoCd({ url: argo.url, token: () => "argo-token", parts: PARTS, readElsewhere: noJson });
    argo.onRequest = () => ({ status: 200, body: "x".repeat(300 * 1024) });
    await expect(client.application(NAME, signal)).rejects.toMatchObject({
      message: "Argo CD's answer is not JSON",
    });
  });
});

describe("questions to one replica of Argo CD", () => {
  it("read the Application and what it renders to over one connection", async () => {
    const answers = await client.connected(async (replica) => [
      await replica.cached(NAME, signal),
      await replica.manifests(NAME, AT, signal),
      await replica.cached(NAME, signal),
    ]);
    const manifests = [JSON.stringify(deployment("registry.example/app"))];
    expect(answers).toEqual([anApplication(), manifests, anApplication()]);
    expect(argo.connections()).toBe(1);
  });

  it("reject where the connection is lost between them, as the next may reach another replica", async () => {
    const asked = client.connected(async (replica) => {
      await replica.cached(NAME, signal);
      argo.disconnect();
      return replica.manifests(NAME, AT, signal);
    });
    await expect(asked).rejects.toMatchObject({ code: "target/unavailable" });
  });

  it("reject where Argo CD ends the connection after each answer", async () => {
    argo.onRequest = () => ({ status: 200, body: '{"items":[],"manifests":[]}', close: true });
    const asked = client.connected(async (replica) => {
      await replica.cached(NAME, signal);
      return replica.manifests(NAME, AT, signal);
    });
    await expect(asked).rejects.toMatchObject({
      code: "target/unavailable",
      message: "the connection to Argo CD was lost between two requests",
    });
  });

  it("give nothing of an Application that the replica does not know", async () => {
    const found = client.connected((replica) => replica.cached({ ...NAME, name: "other" }, signal));
    expect(await found).toBeUndefined();
  });

  it.each(['{"items":[{},{}]}', '{"items":1}', "[]"])("reject what is no list of one: %s", async (body) => {
    argo.onRequest = () => ({ status: 200, body });
    const found = client.connected((replica) => replica.cached(NAME, signal));
    await expect(found).rejects.toMatchObject({ code: "target/unavailable" });
  });
});

describe("the authority of Argo CD's certificate", () => {
  it("is read for each connection, so that a new one needs no restart", async () => {
    const [right, wrong] = await Promise.all([createTestCertificate(), createTestCertificate()]);
    const server = createServer({ key: right.key, cert: right.cert }, (_, response) =>
      response.writeHead(200, { connection: "close" }).end('{"items":[]}'),
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    let authority = (): string => wrong.ca;
    const secured = createArgoCd({ url, token: () => "argo-token", parts: PARTS, ca: () => authority() });
    const askBoth = () =>
      Promise.allSettled([
        secured.application(NAME, signal),
        secured.connected((replica) => replica.cached(NAME, signal)),
      ]);
    const settled = async () => (await askBoth()).map(({ status }) => status);
    expect(await settled()).toEqual(["rejected", "rejected"]);
    authority = () => right.ca;
    expect(await settled()).toEqual(["fulfilled", "fulfilled"]);
    authority = () => {
      throw new Error("no such file");
    };
    const unread = { reason: { code: "target/unavailable" } };
    expect(await askBoth()).toMatchObject([unread, unread]);
    await secured.close();
    server.closeAllConnections();
    server.close();
  });
});
