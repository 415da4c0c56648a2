import { describe, expect, it } from "vitest";

import { type DockerAuth, Fault } from "../../src/core/index.ts";
import {
  BUNDLE,
  closeAfterEach,
  unreadCodeOf,
  EVERYTHING,
  LOCAL,
  openClient,
  openPair,
  openRegistry,
  REPO,
  soon,
} from "../support/oci-client.ts";

const USERS = { robot: "secret" };

closeAfterEach();

function password(registry: string): DockerAuth {
  return { kind: "password", registry, username: "robot", password: "secret" };
}

describe("H46 credentials to another host", () => {
  it("stay with the registry that they are for, whatever a source of pull secrets hands over", async () => {
    const { registry, client, image, subject } = await openPair({
      registry: { auth: { kind: "basic", users: USERS } },
      deps: {
        credentials: async (host) => [password("ghcr.io"), password(`${host}0`), password(host.slice(0, -1))],
      },
    });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/forbidden",
    );
    expect(registry.requests.every(({ headers }) => headers["authorization"] === undefined)).toBe(true);
  });

  it.each(["basic", "token"] as const)("do not follow a redirect to another host (%s)", async (kind) => {
    const thief = await openRegistry();
    const { registry, client, image, subject } = await openPair({
      registry: { auth: { kind, users: USERS } },
      deps: { credentials: async (host) => [password(host)] },
      settings: { hosts: { [thief.host]: LOCAL } },
    });
    registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
    registry.fault("/blobs/", { kind: "redirect", to: `${thief.url}/blob` });
    await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()));
    expect(thief.requests).toHaveLength(1);
    expect(thief.requests[0]?.headers["authorization"]).toBeUndefined();
  });

  it("are not sent to a host that is redirected to, even where that host asks for them", async () => {
    const thief = await openRegistry({ auth: { kind: "basic", users: USERS } });
    const { registry, client, image, subject } = await openPair({
      deps: { credentials: async (host) => [password(host), password(thief.host)] },
      settings: { hosts: { [thief.host]: LOCAL } },
    });
    registry.fault("/referrers/", { kind: "redirect", to: `${thief.url}/v2/${REPO}/referrers/${subject}` });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/forbidden",
    );
    for (const { headers } of [...thief.requests, ...registry.requests])
      expect(headers["authorization"]).toBeUndefined();
  });

  it("are not sent on where a token service redirects a request that holds them", async () => {
    const thief = await openRegistry();
    const { registry, client, image, subject } = await openPair({
      registry: { auth: { kind: "token", identityTokens: ["it"] } },
      deps: {
        credentials: async (host) => [{ kind: "identity-token", registry: host, identityToken: "it" }],
      },
      settings: { hosts: { [thief.host]: LOCAL } },
    });
    registry.fault("/token", { kind: "redirect", to: `${thief.url}/token`, status: 307 });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/invalid",
    );
    expect(thief.requests).toEqual([]);
  });

  it("are not sent to a token service on another host", async () => {
    const thief = await openRegistry();
    const realm = thief.url.replace("127.0.0.1", "localhost");
    const { client, image, subject } = await openPair({
      registry: { auth: { kind: "token", users: USERS, realm: `${realm}/token` } },
      deps: { credentials: async (host) => [password(host)] },
      settings: { hosts: { [thief.host]: LOCAL, [thief.host.replace("127.0.0.1", "localhost")]: LOCAL } },
    });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/forbidden",
    );
    expect(thief.requests).toEqual([]);
  });

  it("are not sent to the next page of a list on another host", async () => {
    const thief = await openRegistry();
    const { registry, client, image, subject } = await openPair({
      settings: { hosts: { [thief.host]: LOCAL } },
    });
    const link = `<${thief.url}/v2/${REPO}/referrers/${subject}>; rel="next"`;
    registry.fault("/referrers/", { kind: "headers", headers: { link } });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/invalid",
    );
    expect(thief.requests).toEqual([]);
  });

  it("ask for pull and nothing else, for this repository and no other, whatever the challenge says", async () => {
    const { registry, client } = await openPair({
      registry: { auth: { kind: "token", users: USERS } },
      deps: { credentials: async (host) => [password(host)] },
    });
    const challenge = `Bearer realm="${registry.url}/token",scope="repository:other/secret:pull,push,delete"`;
    registry.fault(
      { path: "/v2/", times: 1 },
      { kind: "status", status: 401, headers: { "www-authenticate": challenge } },
    );
    await client.resolve({ registry: registry.host, repository: REPO, tag: "v1" }, {}, soon());
    const scopes = registry.requests
      .filter(({ path }) => path.startsWith("/token"))
      .map(({ path }) => new URL(path, registry.url).searchParams.get("scope"));
    expect(new Set(scopes)).toEqual(new Set([`repository:${REPO}:pull`]));
  });

  it("are in no message of a fault, nor in what caused it", async () => {
    const secrets = ["secret", Buffer.from("robot:secret").toString("base64"), "token-1", "hunter2"];
    const { registry, image, subject } = await openPair({
      registry: { auth: { kind: "token", users: USERS } },
    });
    const limits = { retries: 0, requestMilliseconds: 300 };
    for (const kind of ["hang-up", "stall", "truncated", "gzip-bomb"] as const) {
      for (const path of ["/token", "/v2/"]) {
        const client = openClient(
          { hosts: { [registry.host]: LOCAL }, limits },
          { credentials: async (host) => [password(host)] },
        );
        registry.clearFaults();
        registry.fault(path, { kind });
        const text = await client
          .attachments(image(subject), {}, EVERYTHING, soon())
          .then(() => "no fault", everythingIn);
        expect(text).not.toBe("no fault");
        for (const secret of secrets) expect(text).not.toContain(secret);
      }
    }
    registry.clearFaults();
    registry.fault("/token", { kind: "bytes", bytes: 'hunter2"' });
    const client = openClient({ hosts: { [registry.host]: LOCAL } });
    const text = await client.attachments(image(subject), {}, EVERYTHING, soon()).catch(everythingIn);
    expect(text).toContain("without a token");
    expect(text).not.toContain("hunter2");
  });
});

function everythingIn(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = error instanceof Fault ? error.code : "";
  return `${code} ${error.name} ${error.message} ${JSON.stringify(error)} ${everythingIn(error.cause ?? "")}`;
}
