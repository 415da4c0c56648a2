import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { DockerAuth, PullAccess } from "../../src/core/index.ts";
import { ADVICE } from "../../src/registry/advice.ts";
import type { RegistryDeps } from "../../src/registry/index.ts";
import {
  BUNDLE,
  closeAfterEach,
  codeOf,
  EVERYTHING,
  LOCAL,
  openPair,
  openRegistry,
  REPO,
  soon,
  texts,
} from "../support/oci-client.ts";

const USERS = { robot: "secret" };
const TOKENS = { kind: "token", users: USERS } as const;

closeAfterEach();

function password(registry: string, username = "robot", secret = "secret"): DockerAuth {
  return { kind: "password", registry, username, password: secret };
}

/** Gives the same credentials whoever asks, for whichever registry is asked about. */
function keys(make: (registry: string) => DockerAuth[]): RegistryDeps {
  return { credentials: async (registry) => make(registry) };
}

/** Credentials that do not help: for another host, or by their wrong passwords. */
const WITHOUT: readonly (readonly [string, readonly (DockerAuth | string)[], string])[] = [
  ["none", [], "there are no credentials for it"],
  ["one for another host", [password("ghcr.io")], "there are no credentials for it"],
  ["a wrong one", ["old"], "it refused the credentials of the gate"],
  ["two wrong ones", ["old", "older"], "it refused the credentials of the gate"],
];

describe("signing in", () => {
  it.each([
    ["basic", { kind: "basic", users: USERS }, keys((host) => [password(host)])],
    ["a token by password", TOKENS, keys((host) => [password(host)])],
    ["a token for nobody", { kind: "token", anonymous: true }, {}],
    [
      "a token by identity token",
      { kind: "token", identityTokens: ["it"] },
      keys((registry) => [{ kind: "identity-token", registry, identityToken: "it" }]),
    ],
    [
      "the second of two credentials",
      TOKENS,
      keys((host) => [password(host, "robot", "old secret"), password(host)]),
    ],
    [
      "nobody's token after a wrong password",
      { ...TOKENS, anonymous: true },
      keys((host) => [password(host, "x")]),
    ],
  ] as const)("by %s", async (_name, auth, deps) => {
    const { client, image, subject } = await openPair({ registry: { auth }, deps });
    const { searched } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(searched).toHaveLength(4);
  });

  it.each([
    ["basic", { kind: "basic", users: USERS }],
    ["token", TOKENS],
  ] as const)("fails with registry/forbidden where no credential is good: %s", async (_name, auth) => {
    const deps = keys((host) => [password(host, "robot", "wrong")]);
    const { client, image, subject } = await openPair({ registry: { auth }, deps });
    expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/forbidden",
    );
  });

  it.each(WITHOUT)("%s: the fault says whether there were any", async (_, given, what) => {
    const deps = keys((host) =>
      given.map((each) => (typeof each === "string" ? password(host, "robot", each) : each)),
    );
    const { client, image, subject } = await openPair({ registry: { auth: TOKENS }, deps });
    await expect(client.attachments(image(subject), {}, EVERYTHING, soon())).rejects.toMatchObject({
      code: "registry/forbidden",
      message: expect.stringContaining(`answered HTTP 401, and ${what}`),
      advice: what.startsWith("there are no") ? ADVICE.noCredentials : ADVICE.refusedCredentials,
    });
  });

  it("names where the credentials come from that were refused, each once, the first four of them", async () => {
    const from = ["a", "b", "a", "c", "d", "e"].map((name) => `Secret shop/${name}`);
    const deps = keys((host) => from.map((each, at) => ({ ...password(host, "x", `${at}`), from: each })));
    const { client, image, subject } = await openPair({ registry: { auth: TOKENS }, deps });
    await expect(client.attachments(image(subject), {}, EVERYTHING, soon())).rejects.toMatchObject({
      message: expect.stringContaining(
        "it refused the credentials of Secret shop/a, Secret shop/b, Secret shop/c, Secret shop/d and 1 more",
      ),
    });
  });

  it("asks for the pull secrets of the workload, and only when the registry wants some", async () => {
    const asked: [string, PullAccess][] = [];
    const deps: RegistryDeps = {
      async credentials(host, access) {
        asked.push([host, access]);
        return [password(host)];
      },
    };
    const access = { namespace: "shop", serviceAccount: "web", pullSecrets: ["regcred"] };
    const open = await openPair({ deps });
    await open.client.attachments(open.image(open.subject), access, EVERYTHING, soon());
    expect(asked).toEqual([]);
    const closed = await openPair({ deps, registry: { auth: TOKENS } });
    await closed.client.attachments(closed.image(closed.subject), access, EVERYTHING, soon());
    expect(asked).toEqual([[closed.registry.host, access]]);
  });

  it("reads the gate's own docker config file", async () => {
    const registry = await openRegistry({ auth: TOKENS });
    const file = join(tmpdir(), `mc-gate-docker-config-${process.pid}.json`);
    const auth = Buffer.from("robot:secret").toString("base64");
    await writeFile(file, JSON.stringify({ auths: { [registry.host]: { auth } } }));
    const settings = { dockerConfigFile: file, hosts: { [registry.host]: LOCAL } };
    const { client } = await openPair({ settings });
    const digest = registry.pushImage("team/app", { tag: "v1" });
    expect(
      await client.resolve({ registry: registry.host, repository: "team/app", tag: "v1" }, {}, soon()),
    ).toBe(digest);
  });

  it.each([
    ["none where it is missing", undefined, "registry/forbidden"],
    ["a fault where it is no such file", "nonsense", "registry/forbidden"],
  ])("the docker config file: %s", async (_name, text, code) => {
    const file = join(tmpdir(), `mc-gate-docker-config-${process.pid}-${String(text)}.json`);
    if (text !== undefined) await writeFile(file, text);
    const { client, image, subject } = await openPair({
      registry: { auth: TOKENS },
      settings: { dockerConfigFile: file },
    });
    expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(code);
  });
});

describe("a path that nobody may read", () => {
  const SCHEMES = [
    ["basic", { kind: "basic", users: USERS }],
    ["a token", TOKENS],
  ] as const;
  const cases = SCHEMES.flatMap(([name, auth]) => [401, 403].map((status) => ({ name, auth, status })));

  it.each(cases)(
    "by $name, HTTP $status: the others are read with the credential that they took",
    async (given) => {
      const { auth, status } = given;
      const { registry, client, image, subject } = await openPair({
        registry: { auth },
        deps: keys((host) => [password(host)]),
      });
      registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "bundle" });
      registry.fault(/\.(sig|att)$/, { kind: "status", status });
      const { found, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
      expect(texts(found)).toEqual([["bundle", "bundle"]]);
      expect(gaps.map(({ code, message }) => `${code} ${message.slice(0, 17)}`).toSorted()).toEqual([
        "registry/forbidden the .att tag was ",
        "registry/forbidden the .sig tag was ",
      ]);
    },
  );
});

describe("tokens", () => {
  it("are kept until shortly before they end, for each repository", async () => {
    let now = Date.parse("2026-11-24T12:00:00Z");
    const auth = { kind: "token", anonymous: true, expiresIn: 100, now: () => now } as const;
    const { registry, client, image, subject } = await openPair({
      registry: { auth },
      deps: { now: () => new Date(now) },
    });
    const tokensAsked = (): number =>
      registry.requests.filter(({ path }) => path.startsWith("/token")).length;
    await client.attachments(image(subject), {}, EVERYTHING, soon());
    await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(tokensAsked()).toBe(1);
    now += 96_000;
    await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(tokensAsked()).toBe(2);
    const other = registry.pushImage("other/app");
    await client.attachments({ ...image(other), repository: "other/app" }, {}, EVERYTHING, soon());
    expect(tokensAsked()).toBe(3);
  });

  it("are not shared between credentials", async () => {
    const deps: RegistryDeps = {
      async credentials(host, { namespace }) {
        return namespace === "good" ? [password(host)] : [];
      },
    };
    const { client, image, subject } = await openPair({ deps, registry: { auth: TOKENS } });
    await client.attachments(image(subject), { namespace: "good" }, EVERYTHING, soon());
    const other = client.attachments(image(subject), { namespace: "bad" }, EVERYTHING, soon());
    expect(await codeOf(other)).toBe("registry/forbidden");
  });

  it.each([
    ["accepted", TOKENS, [{ ofWorkload: true }], true],
    [
      "refused, where nobody's do",
      { ...TOKENS, anonymous: true },
      [{ ofWorkload: true, secret: "old" }],
      true,
    ],
    ["not asked for", undefined, [{ ofWorkload: true }], false],
    ["the gate's own", TOKENS, [{ ofWorkload: false }], false],
    ["not reached", TOKENS, [{ ofWorkload: false }, { ofWorkload: true }], false],
  ] as const)("of a workload are noted where they were used: %s", async (_, auth, given, expected) => {
    const deps = keys((host) =>
      given.map(({ ofWorkload, ...more }) => ({
        ...password(host, "robot", "secret" in more ? more.secret : "secret"),
        ...(ofWorkload && { isOfWorkload: true as const }),
      })),
    );
    const { client, image, subject } = await openPair({ deps, registry: { ...(auth && { auth }) } });
    const { usedPullSecrets, ...attachments } = await client.attachments(
      image(subject),
      {},
      EVERYTHING,
      soon(),
    );
    expect(usedPullSecrets?.()).toBe(expected);
    expect(attachments.wantedCredentials?.()).toBe(auth !== undefined);
  });

  it.each([401, 403])(
    "are wanted by a place that HTTP %i withholds, without a word on how",
    async (status) => {
      const { registry, client, image, subject } = await openPair();
      registry.fault(/\.att$/, { kind: "status", status });
      const { gaps, wantedCredentials } = await client.attachments(image(subject), {}, EVERYTHING, soon());
      expect([gaps.map(({ code }) => code), wantedCredentials?.()]).toEqual([["registry/forbidden"], true]);
    },
  );

  it("are not wanted by a host that a registry without any sends on to", async () => {
    const { registry, client, image, subject } = await openPair();
    const storage = await openRegistry();
    storage.fault("/", { kind: "status", status: 403 });
    registry.fault(/\.att$/, { kind: "redirect", to: `${storage.url}/signed` });
    const { gaps, wantedCredentials } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([gaps.map(({ code }) => code), wantedCredentials?.()]).toEqual([["registry/forbidden"], false]);
  });

  it("are wanted by a registry that has asked for them elsewhere, also while something was read without", async () => {
    const { registry, client, image, subject } = await openPair();
    const { wantedCredentials } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(wantedCredentials?.()).toBe(false);
    const headers = { "www-authenticate": 'Basic realm="x"' };
    registry.fault("closed/app", { kind: "status", status: 401, headers });
    const closed = registry.pushImage("closed/app");
    const asked = client.attachments({ ...image(closed), repository: "closed/app" }, {}, EVERYTHING, soon());
    expect(await codeOf(asked)).toBe("registry/forbidden");
    const again = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([wantedCredentials?.(), again.wantedCredentials?.()]).toEqual([true, true]);
  });

  it("with a stale password, at a registry that asks for one elsewhere: what anyone may read is read", async () => {
    const { registry, client, image, subject } = await openPair({
      registry: { auth: { kind: "basic", users: USERS, anonymous: true } },
      deps: keys((host) => [password(host, "robot", "old")]),
    });
    const headers = { "www-authenticate": 'Basic realm="x"' };
    registry.fault("closed/app", { kind: "status", status: 401, headers });
    const closed = registry.pushImage("closed/app");
    const asked = client.attachments({ ...image(closed), repository: "closed/app" }, {}, EVERYTHING, soon());
    expect(await codeOf(asked)).toBe("registry/forbidden");
    const { searched, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([searched.length, gaps]).toEqual([4, []]);
  });

  it("whose service fails, at a registry that asks for them elsewhere: it is asked once, and the rest is read", async () => {
    const { registry, client, image, subject } = await openPair({ settings: { limits: { retries: 0 } } });
    const headers = { "www-authenticate": `Bearer realm="${registry.url}/token",service="x"` };
    registry.fault("closed/app", { kind: "status", status: 401, headers });
    registry.fault("/token", { kind: "status", status: 503 });
    const closed = registry.pushImage("closed/app");
    const asked = client.attachments({ ...image(closed), repository: "closed/app" }, {}, EVERYTHING, soon());
    expect(await codeOf(asked)).toBe("registry/unavailable");
    registry.clearRequests();
    const { searched, gaps } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect([searched.length, gaps]).toEqual([4, []]);
    expect(registry.requests.filter(({ path }) => path.startsWith("/token"))).toHaveLength(1);
  });

  it("that the registry has given up are fetched anew", async () => {
    let registryNow = 0;
    const auth = { kind: "token", anonymous: true, now: () => registryNow } as const;
    const { registry, client, image, subject } = await openPair({ registry: { auth } });
    await client.attachments(image(subject), {}, EVERYTHING, soon());
    registryNow = 10_000_000;
    registry.clearRequests();
    await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(registry.requests.filter(({ path }) => path.startsWith("/token"))).toHaveLength(1);
  });

  it.each([
    [503, "registry/unavailable"],
    [429, "registry/rate-limited"],
    [302, "registry/invalid"],
    [404, "registry/invalid"],
  ])("a token service that answers %i is a fault: %s", async (status, code) => {
    const { registry, client, image, subject } = await openPair({
      registry: { auth: { kind: "token", anonymous: true } },
      settings: { limits: { retries: 0 } },
    });
    registry.fault("/token", { kind: "status", status });
    expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(code);
  });

  it.each(["", "{}", "[]", '{"token":7}', '{"token":"line\\nbreak"}', `{"token":"${"x".repeat(40_000)}"}`])(
    "an answer without a usable token is a fault that does not repeat it: %j",
    async (bytes) => {
      const { registry, client, image, subject } = await openPair({
        registry: { auth: { kind: "token", anonymous: true } },
      });
      registry.fault("/token", { kind: "bytes", bytes });
      expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
        "registry/invalid",
      );
    },
  );

  it("whose service fails before the first request are not waited for a second time", async () => {
    let now = Date.now();
    const { registry, client, image, subject } = await openPair({
      registry: { auth: { kind: "token", anonymous: true } },
      settings: { limits: { retries: 0 } },
      deps: { now: () => new Date(now) },
    });
    await client.attachments(image(subject), {}, EVERYTHING, soon());
    now += 3_600_000;
    registry.fault("/token", { kind: "status", status: 503 });
    const before = registry.requests.filter(({ path }) => path.startsWith("/token")).length;
    const failing = client.resolve({ registry: registry.host, repository: "team/app" }, {}, soon());
    expect(await codeOf(failing)).toBe("registry/unavailable");
    expect(registry.requests.filter(({ path }) => path.startsWith("/token")).length - before).toBe(1);
  });

  it("go on when the registry has moved its token service", async () => {
    let now = Date.now();
    const { registry, client, image, subject } = await openPair({
      registry: { auth: { kind: "token", anonymous: true } },
      deps: { now: () => new Date(now) },
    });
    const old = `Bearer realm="${registry.url}/token/old",service="s"`;
    registry.fault(
      { path: "/v2/", times: 4 },
      { kind: "status", status: 401, headers: { "www-authenticate": old } },
    );
    registry.fault({ path: "/token/old", times: 1 }, { kind: "bytes", bytes: '{"token":"useless"}' });
    registry.fault("/token/old", { kind: "status", status: 404 });
    const first = client.resolve({ registry: registry.host, repository: "team/app" }, {}, soon());
    expect(await codeOf(first)).toBe("registry/forbidden");
    now += 120_000;
    registry.clearFaults();
    registry.fault("/token/old", { kind: "status", status: 404 });
    const { searched } = await client.attachments(image(subject), {}, EVERYTHING, soon());
    expect(searched).toHaveLength(4);
  });
});

describe("a way to sign in that is not known", () => {
  it("is skipped for one that is", async () => {
    const { registry, client } = await openPair({ deps: keys((host) => [password(host)]) });
    const headers = { "www-authenticate": 'Negotiate, Basic realm="x"' };
    registry.fault({ path: "/v2/", times: 1 }, { kind: "status", status: 401, headers });
    await client.resolve({ registry: registry.host, repository: "team/app", tag: "v1" }, {}, soon());
    expect(registry.requests.at(-1)?.headers["authorization"]).toMatch(/^Basic /);
  });

  it.each([undefined, "", "Negotiate", 'Digest realm="x"', "Bearer", 'Bearer realm="not a url"'])(
    "is registry/forbidden: %j",
    async (challenge) => {
      const { registry, client, image, subject } = await openPair();
      const headers = challenge === undefined ? {} : { "www-authenticate": challenge };
      registry.fault("/v2/", { kind: "status", status: 401, headers });
      expect(await codeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
        "registry/forbidden",
      );
    },
  );
});
