import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { createArgoCd } from "../../src/argocd/index.ts";
import type { Digest } from "../../src/core/index.ts";
import { createOutbound, proxyFromEnvironment } from "../../src/outbound/index.ts";
import type { RegistryClient } from "../../src/registry/index.ts";
import { PROGRAM } from "../support/bundled.ts";
import { type ForwardProxy, startForwardProxy } from "../support/forward-proxy.ts";
import { closeAfterEach, openClient, openRegistry, REPO, soon } from "../support/oci-client.ts";
import type { OciRegistry } from "../support/oci-registry.ts";
import { aPod } from "../support/review.ts";
import { mcFolder } from "../support/run-mc.ts";
import { writeServeSettings } from "../support/serve-settings.ts";

closeAfterEach();

/** Nobody but the proxy knows the name. */
const UNKNOWN_NAME = "registry.example";

describe("a registry behind a forward proxy", () => {
  let folder: string;
  let proxy: ForwardProxy;
  let registry: OciRegistry;
  let host: string;
  let digest: Digest;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "mc-proxy-"));
    proxy = await startForwardProxy();
    registry = await openRegistry({ tls: true, names: [UNKNOWN_NAME] });
    host = `${UNKNOWN_NAME}:${registry.host.split(":")[1]}`;
    digest = registry.pushImage(REPO, { tag: "v1" });
    writeFileSync(join(folder, "ca.pem"), registry.ca!);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });

  interface Way {
    readonly env?: object;
    readonly ca?: boolean;
    readonly limits?: object;
  }

  function clientOf({ env, ca = true, limits }: Way = {}): RegistryClient {
    const hosts = ca ? { [host]: { caFile: join(folder, "ca.pem") } } : {};
    const proxyFor = proxyFromEnvironment({ HTTPS_PROXY: proxy.url, ...env });
    return openClient({ hosts, limits: { retries: 0, ...limits } }, { proxyFor });
  }

  function resolve(way?: Way, registryName = host): Promise<unknown> {
    const ref = { registry: registryName, repository: REPO, tag: "v1" };
    return clientOf(way)
      .resolve(ref, {}, soon())
      .catch(({ code, message }: { code: string; message: string }) => `${code}: ${message}`);
  }

  it("is asked through it alone, with its own certificate checked end to end", async () => {
    expect(await resolve()).toBe(digest);
    expect(proxy.requests).toEqual([`CONNECT ${host}`]);
  });

  it("over plain HTTP: each request names the whole URL", async () => {
    const plain = await openRegistry();
    const name = `${UNKNOWN_NAME}:${plain.host.split(":")[1]}`;
    const pushed = plain.pushImage(REPO, { tag: "v1" });
    const proxyFor = proxyFromEnvironment({ HTTP_PROXY: proxy.url });
    const asked = openClient({ hosts: { [name]: { plainHttpUnsafe: true } } }, { proxyFor });
    expect(await asked.resolve({ registry: name, repository: REPO, tag: "v1" }, {}, soon())).toBe(pushed);
    expect(proxy.requests).toEqual([`GET http://${name}/v2/${REPO}/manifests/v1`]);
  });

  it("gets the credentials of the variable, which are sent to the proxy alone", async () => {
    const url = new URL(proxy.url);
    const env = { HTTPS_PROXY: `http://ana:secret@${url.host}` };
    expect(await resolve({ env })).toBe(digest);
    expect(proxy.credentials).toEqual([`Basic ${Buffer.from("ana:secret").toString("base64")}`]);
    expect(JSON.stringify(registry.requests)).not.toContain("proxy-authorization");
  });

  it("with a certificate that nobody vouches for: not asked, and the proxy is not blamed", async () => {
    const said = await resolve({ ca: false });
    expect(said).toMatch(/^registry\/unavailable: registry\.example:\d+ cannot be reached \(/);
    expect(said).not.toContain("proxy");
  });

  it("in NO_PROXY: the proxy is not asked", async () => {
    const said = await resolve({ env: { NO_PROXY: ".example" } });
    expect(said).toMatch(/^registry\/unavailable: .* cannot be reached \((?:ENOTFOUND|EAI_AGAIN)\)/);
    expect(proxy.requests).toEqual([]);
  });

  it.each([
    [403, "answered HTTP 403"],
    [407, "answered HTTP 407"],
    [502, "answered HTTP 502"],
  ])("the proxy answers %d: the fault names it, not the registry", async (status, what) => {
    proxy.fail(status);
    expect(await resolve()).toBe(
      `registry/unavailable: ${host} cannot be reached: the forward proxy ${proxy.host} ${what}`,
    );
  });

  it("over plain HTTP, the proxy wants credentials: the fault names the proxy", async () => {
    proxy.fail(407);
    const name = `${UNKNOWN_NAME}:80`;
    const proxyFor = proxyFromEnvironment({ HTTP_PROXY: proxy.url });
    const asked = openClient({ hosts: { [name]: { plainHttpUnsafe: true } } }, { proxyFor });
    const outcome = asked.resolve({ registry: name, repository: REPO, tag: "v1" }, {}, soon());
    await expect(outcome).rejects.toMatchObject({
      code: "registry/unavailable",
      message: expect.stringContaining(`the forward proxy ${proxy.host} answered HTTP 407`),
    });
  });

  it("the proxy is down: the fault names it, without its credentials", async () => {
    const env = { HTTPS_PROXY: "http://ana:secret@127.0.0.1:9" };
    expect(await resolve({ env })).toBe(
      `registry/unavailable: ${host} cannot be reached: the forward proxy 127.0.0.1:9 cannot be reached (ECONNREFUSED)`,
    );
  });

  it("over plain HTTP, the proxy is down: the fault names it", async () => {
    const name = `${UNKNOWN_NAME}:80`;
    const proxyFor = proxyFromEnvironment({ HTTP_PROXY: "http://127.0.0.1:9" });
    const asked = openClient(
      { hosts: { [name]: { plainHttpUnsafe: true } }, limits: { retries: 0 } },
      { proxyFor },
    );
    const outcome = asked.resolve({ registry: name, repository: REPO, tag: "v1" }, {}, soon());
    await expect(outcome).rejects.toThrow("the forward proxy 127.0.0.1:9 cannot be reached (ECONNREFUSED)");
  });

  it("the proxy says nothing: the request ends in its own time", async () => {
    proxy.fail("silent");
    expect(await resolve({ limits: { requestMilliseconds: 200 } })).toMatch(/^registry\/unavailable: /);
  });

  it.each(["169.254.169.254", "[fe80::1]", "0.0.0.0", "2852039166"])(
    "%s as a host: refused, and the proxy is not asked for it",
    async (address) => {
      expect(await resolve({}, address)).toMatch(
        /^registry\/forbidden: .*which is not allowed for a registry/,
      );
      expect(proxy.requests).toEqual([]);
    },
  );

  it("this machine's own addresses are never asked for through it", async () => {
    expect(await resolve({}, registry.host)).toMatch(/^registry\/forbidden: .* a loopback address/);
    expect(proxy.requests).toEqual([]);
  });

  it("what is sent without end in answer to one request is cut off, as without a proxy", async () => {
    proxy.fail("endless");
    const name = `${UNKNOWN_NAME}:80`;
    const limits = { retries: 0, manifestBytes: 64 * 1024, blobBytes: 1024 };
    const proxyFor = proxyFromEnvironment({ HTTP_PROXY: proxy.url });
    const asked = openClient({ hosts: { [name]: { plainHttpUnsafe: true } }, limits }, { proxyFor });
    const outcome = asked.resolve({ registry: name, repository: REPO, tag: "v1" }, {}, soon());
    await expect(outcome).rejects.toMatchObject({ code: "limits/exceeded" });
  });

  it("GitHub and Slack are asked through it, too, and their failures name it", async () => {
    const outbound = createOutbound(proxyFromEnvironment({ HTTPS_PROXY: proxy.url }));
    proxy.fail(407);
    const call = { method: "GET", url: "https://api.github.com/x", headers: {}, doing: "read" } as const;
    await expect(outbound.send(call)).rejects.toThrow(
      `could not read: the forward proxy ${proxy.host} answered HTTP 407`,
    );
    expect(proxy.requests).toEqual(["CONNECT api.github.com:443"]);
    await outbound.close();
  });

  it("an Argo CD outside of the cluster: every question of a group over one connection", async () => {
    const argoCd = createServer((_, response) => response.end('{"items":[]}')).listen(0, "127.0.0.1");
    await once(argoCd, "listening");
    const url = `http://argocd.example:${(argoCd.address() as AddressInfo).port}`;
    const proxyFor = proxyFromEnvironment({ HTTP_PROXY: proxy.url });
    const client = createArgoCd({ parts: [["metadata"]], url, token: () => "t", proxyFor });
    const name = { namespace: "argocd", name: "shop" };
    const asked = await client.connected(async ({ cached, manifests }) => [
      await cached(name, soon()),
      await manifests(name, { revisions: ["main"], isMulti: false }, soon()),
    ]);
    expect(asked).toEqual([undefined, []]);
    expect(proxy.requests).toEqual([
      `GET ${url}/api/v1/applications?name=shop&appNamespace=argocd`,
      `GET ${url}/api/v1/applications/shop/manifests?appNamespace=argocd&revision=main`,
    ]);
    proxy.fail(407);
    await expect(client.application(name, soon())).rejects.toMatchObject({
      code: "target/unavailable",
      message: expect.stringContaining(`the forward proxy ${proxy.host} answered HTTP 407`),
    });
    await client.close();
    argoCd.closeAllConnections();
    argoCd.close();
  });

  it("the command line takes the proxy from its environment", async () => {
    const work = mcFolder();
    vi.stubEnv("HTTPS_PROXY", proxy.url);
    work.write("registries.yaml", JSON.stringify({ hosts: { [host]: { caFile: join(folder, "ca.pem") } } }));
    work.write("pod.yaml", JSON.stringify(aPod(`${host}/${REPO}:v1`)));
    expect(await work.mc(["pin", "-f", "pod.yaml", "--registries", "registries.yaml"])).toMatchObject({
      code: 0,
    });
    expect(work.read("pod.yaml")).toContain(`${host}/${REPO}:v1@${digest}`);
    expect(proxy.requests).toEqual([`CONNECT ${host}`]);
    vi.stubEnv("HTTPS_PROXY", "socks5://proxy.example");
    expect(await work.mc(["pin", "-f", "pod.yaml", "--registries", "registries.yaml"])).toMatchObject({
      code: 12,
      stderr: "HTTPS_PROXY names a proxy with socks5://; only http:// and https:// are supported\n",
    });
    work.remove();
  });

  it("the server's TUF client takes it, too", async () => {
    proxy.fail(502);
    writeFileSync(join(folder, "policy.yaml"), "rules: []\n");
    const { file } = await writeServeSettings(folder, {
      files: { policy: join(folder, "policy.yaml") },
      tuf: { cacheDirectory: join(folder, "tuf") },
    });
    const gate = spawn(process.execPath, [PROGRAM, "serve", "--settings", file], {
      env: { ...process.env, HTTPS_PROXY: proxy.url },
    });
    try {
      await vi.waitFor(
        () => expect(proxy.requests).toContain("CONNECT tuf-repo-cdn.sigstore.dev:443"),
        30_000,
      );
    } finally {
      const gone = once(gate, "exit");
      gate.kill("SIGKILL");
      await gone;
    }
  });
});
