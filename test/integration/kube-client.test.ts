import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { connect, KubeError, watchNamespaceModes } from "../../src/kube/index.ts";
import { FAST_TIMING, soon, useKubeFixture } from "../support/kube-fixture.ts";

const fixture = useKubeFixture();
const path = "/api/v1/namespaces/gate/configmaps/x";

describe("a call", () => {
  it("an answer that does not come: an error at the deadline", async () => {
    const { server, client } = fixture();
    server.onRequest = () => ({ kind: "silence" });
    await expect(client.call({ path, deadlineMs: 50 })).rejects.toThrow(/GET .*Timeout/);
  });

  it("a body that never ends: an error at the deadline", async () => {
    const { server, client } = fixture();
    server.onRequest = () => ({ kind: "trickle" });
    await expect(client.call({ path, deadlineMs: 100 })).rejects.toThrow(/GET .*Timeout/);
  });

  it("refuses an answer that is no JSON, and repeats nothing of it", async () => {
    const { server, client } = fixture();
    server.onRequest = () => ({ kind: "text", text: "s3cret" });
    const error = await client.call({ path }).catch((each: unknown) => each);
    expect(String(error)).toBe(`KubeError: GET ${path}: the answer is not JSON`);
  });

  it.each([
    [200, 33 * 1024 * 1024],
    [500, 65 * 1024],
  ])("reads no more of an answer with status %i than it may", async (status, length) => {
    const { server, client } = fixture();
    server.onRequest = () => ({ kind: "status", status, body: JSON.stringify("x".repeat(length)) });
    await expect(client.call({ path })).rejects.toThrow(/the answer is larger than \d+ bytes/);
  });

  it.each([
    [`{"data":"s3cret"}`, `KubeError: GET ${path}: HTTP 500`],
    ["s3cret", `KubeError: GET ${path}: HTTP 500`],
    [`{"reason":"Odd","message":"two\\nlines"}`, `KubeError: GET ${path}: HTTP 500 Odd: two?lines`],
  ])("repeats nothing of the refusal %j but a Status's reason and message", async (body, expected) => {
    const { server, client } = fixture();
    server.onRequest = () => ({ kind: "status", status: 500, body });
    expect(String(await client.call({ path }).catch((each: unknown) => each))).toBe(expected);
  });

  it("goes nowhere once the client is closed", async () => {
    const { server, client } = fixture();
    await client.call({ path: "/api/v1/namespaces" });
    await client.close();
    await expect(client.call({ path })).rejects.toBeInstanceOf(KubeError);
    expect(server.requests).toHaveLength(1);
  });
});

interface KubeconfigFile {
  users: unknown[];
  readonly clusters: readonly { readonly cluster: Record<string, unknown> }[];
}

describe("a kubeconfig", () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kube-client-"));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function configured(change: (config: KubeconfigFile) => void): Promise<string> {
    const config = JSON.parse(await readFile(fixture().server.kubeconfig, "utf8")) as KubeconfigFile;
    change(config);
    const file = join(folder, "config");
    await writeFile(file, JSON.stringify(config));
    return file;
  }

  it("gives the namespace of its context", () => {
    expect(fixture().client.namespace).toBe("gate");
  });

  it.each(["", "{", "- list", "clusters: 7"])("%j is refused", async (text) => {
    const file = join(folder, "bad");
    await writeFile(file, text);
    expect(() => connect({ kubeconfig: file })).toThrow(KubeError);
  });

  it("that is not there is refused, and so is none outside of a cluster", () => {
    expect(() => connect({ kubeconfig: join(folder, "nowhere") })).toThrow(/cannot read the kubeconfig/);
    expect(() => connect()).toThrow("this is not a pod in a cluster, and no kubeconfig is given");
  });

  it("may name a file for its token", async () => {
    const { server } = fixture();
    const tokenFile = join(folder, "token");
    await writeFile(tokenFile, "first");
    const file = await configured((config) => {
      config.users = [
        { name: "fake", user: { "auth-provider": { name: "tokenFile", config: { tokenFile } } } },
      ];
    });
    const client = connect({ kubeconfig: file });
    await client.call({ path: "/api/v1/namespaces" });
    expect(server.requests[0]?.authorization).toBe("Bearer first");
    await client.close();
  });

  it("whose credential cannot be had does not end who follows something; they go on when it can", async () => {
    const { server, troubles, onTrouble, stopLater } = fixture();
    const tokenFile = join(folder, "late-token");
    const file = await configured((config) => {
      config.users = [
        { name: "fake", user: { "auth-provider": { name: "tokenFile", config: { tokenFile } } } },
      ];
    });
    const client = connect({ kubeconfig: file });
    const { synced } = stopLater(watchNamespaceModes({ client, onTrouble, timing: FAST_TIMING }));
    await soon(() => expect(troubles.length).toBeGreaterThan(2));
    expect(server.requests).toEqual([]);
    await writeFile(tokenFile, "late");
    await soon(() => expect(synced()).toBe(true));
    expect(server.requests[0]?.authorization).toBe("Bearer late");
    await client.close();
  });

  it("that would send its token over plain HTTP unasked is refused", async () => {
    const { server } = fixture();
    const file = await configured((config) => {
      delete config.clusters[0]?.cluster["insecure-skip-tls-verify"];
    });
    const client = connect({ kubeconfig: file });
    await expect(client.call({ path })).rejects.toThrow(/HTTP protocol is not allowed/);
    expect(server.requests).toEqual([]);
    await client.close();
  });

  it("with a SOCKS proxy is refused with the reason", async () => {
    const file = await configured((config) => {
      for (const { cluster } of config.clusters) cluster["proxy-url"] = "socks5://127.0.0.1:1";
    });
    const client = connect({ kubeconfig: file });
    await expect(client.call({ path })).rejects.toThrow(/SOCKS proxy/);
    await client.close();
  });
});
