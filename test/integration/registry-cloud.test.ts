import { createServer, type RequestListener } from "node:http";

import { afterEach, describe, expect, it, vi } from "vitest";

import { Fault } from "../../src/core/index.ts";
import { createCloudKeys } from "../../src/registry/cloud/keys.ts";
import type { Exchange, HttpRequest } from "../../src/registry/http/http.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
const SIGNAL = new AbortController().signal;
const BUSY: Exchange = async () => await Promise.reject(new Fault("registry/rate-limited", "busy"));
const NO_EXCHANGE: Exchange = async () => await Promise.reject(new Error("not used here"));

vi.mock("@azure/identity", () => ({
  DefaultAzureCredential: class {
    async getToken(scope: string): Promise<{ token: string }> {
      return { token: `entra token for ${scope}` };
    }
  },
}));

const running: (() => void)[] = [];
afterEach(() => {
  vi.unstubAllEnvs();
  for (const stop of running.splice(0)) stop();
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  running.push(
    () => server.closeAllConnections(),
    () => void server.close(),
  );
  const address = server.address();
  return address === null || typeof address === "string" ? "" : `http://127.0.0.1:${address.port}`;
}

function answer(body: object): RequestListener {
  return (_request, response) => {
    response.writeHead(200, { "content-type": "application/x-amz-json-1.1" }).end(JSON.stringify(body));
  };
}

function stubAws(endpoint: string): void {
  vi.stubEnv("AWS_ENDPOINT_URL_ECR", endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE");
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", "aws secret");
}

describe("Amazon ECR", () => {
  const data = { authorizationToken: Buffer.from("AWS:ecr password").toString("base64") };

  it("gives user and password of the account, kept until ten minutes before they end", async () => {
    let asked = 0;
    const endpoint = await serve((request, response) => {
      asked += 1;
      const expiresAt = NOW.getTime() / 1000 + 3600;
      answer({ authorizationData: [{ ...data, expiresAt }] })(request, response);
    });
    stubAws(endpoint);
    let now = NOW;
    const keys = createCloudKeys(["ecr"], () => now);
    const auth = { kind: "password", registry: ECR, username: "AWS", password: "ecr password" };
    expect(await keys(ECR, NO_EXCHANGE, SIGNAL)).toEqual([auth]);
    expect(await keys(ECR, NO_EXCHANGE, SIGNAL)).toEqual([auth]);
    expect(asked).toBe(1);
    now = new Date(NOW.getTime() + 51 * 60_000);
    await keys(ECR, NO_EXCHANGE, SIGNAL);
    expect(asked).toBe(2);
  });

  it.each([
    ["refuses", (): RequestListener => (_request, response) => void response.writeHead(403).end("{}")],
    ["answers without a token", (): RequestListener => answer({ authorizationData: [] })],
  ])("that %s is registry/forbidden, without the cloud's words", async (_name, listener) => {
    stubAws(await serve(listener()));
    const keys = createCloudKeys(["ecr"], () => NOW);
    const error = await keys(ECR, NO_EXCHANGE, SIGNAL).then(
      () => undefined,
      (fault: unknown) => fault,
    );
    expect(error).toMatchObject({ code: "registry/forbidden" });
    expect(String(error)).not.toContain("aws secret");
  });
});

describe("Google Artifact Registry", () => {
  it("gives the metadata server's access token as password", async () => {
    const endpoint = await serve((_request, response) => {
      response.writeHead(200, { "metadata-flavor": "Google", "content-type": "application/json" });
      response.end(JSON.stringify({ access_token: "google token", expires_in: 3600, token_type: "Bearer" }));
    });
    vi.stubEnv("GCE_METADATA_HOST", endpoint.replace("http://", ""));
    vi.stubEnv("METADATA_SERVER_DETECTION", "assume-present");
    const keys = createCloudKeys(["gar"], () => NOW);
    const registry = "europe-west1-docker.pkg.dev";
    expect(await keys(registry, NO_EXCHANGE, SIGNAL)).toEqual([
      { kind: "password", registry, username: "oauth2accesstoken", password: "google token" },
    ]);
  });
});

describe("Azure Container Registry", () => {
  const registry = "myteam.azurecr.io";

  it("exchanges the Entra token for the registry's own, at that registry", async () => {
    const sent: HttpRequest[] = [];
    const exchange: Exchange = async (request) => {
      sent.push(request);
      return {
        digest: undefined,
        status: 200,
        headers: {},
        body: Buffer.from('{"refresh_token":"acr token"}'),
        url: request.url,
      };
    };
    const keys = createCloudKeys(["acr"], () => NOW);
    expect(await keys(registry, exchange, SIGNAL)).toEqual([
      { kind: "identity-token", registry, identityToken: "acr token" },
    ]);
    expect(sent.map(({ method, url }) => `${method} ${url.href}`)).toEqual([
      "POST https://myteam.azurecr.io/oauth2/exchange",
    ]);
    expect(Object.fromEntries(new URLSearchParams(String(sent[0]?.body)))).toEqual({
      grant_type: "access_token",
      service: registry,
      access_token: "entra token for https://containerregistry.azure.net/.default",
    });
  });

  it.each([
    [401, "{}"],
    [200, "{}"],
    [200, "<html>secret"],
  ])("that answers %i %s is registry/forbidden", async (status, body) => {
    const exchange: Exchange = async ({ url }) => ({
      status,
      headers: {},
      body: Buffer.from(body),
      digest: undefined,
      url,
    });
    const keys = createCloudKeys(["acr"], () => NOW);
    await expect(keys(registry, exchange, SIGNAL)).rejects.toMatchObject({
      code: "registry/forbidden",
      message: expect.not.stringContaining("secret"),
    });
  });
});

it("a cloud that may answer later is a fault that says so", async () => {
  const keys = createCloudKeys(["acr"], () => NOW);
  await expect(keys("myteam.azurecr.io", NO_EXCHANGE, AbortSignal.abort())).rejects.toMatchObject({
    code: "deadline/exceeded",
  });
  const later = createCloudKeys(["acr"], () => NOW)("myteam.azurecr.io", BUSY, SIGNAL);
  await expect(later).rejects.toMatchObject({ code: "registry/rate-limited" });
});

it("a cloud that is not switched on is not asked", async () => {
  expect(await createCloudKeys(["gar"], () => NOW)(ECR, NO_EXCHANGE, SIGNAL)).toEqual([]);
  expect(await createCloudKeys([], () => NOW)(ECR, NO_EXCHANGE, SIGNAL)).toEqual([]);
});
