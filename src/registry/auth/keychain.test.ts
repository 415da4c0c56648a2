import { describe, expect, it } from "vitest";

import { type DockerAuth, Fault, type OwnWork, type UnreadCredentials } from "../../core/index.ts";
import type { Exchange } from "../http/http.ts";
import { createKeychain, type CredentialSources } from "./keychain.ts";

const SIGNAL = new AbortController().signal;
const EXCHANGE: Exchange = () => Promise.reject(new Error("nothing is asked here"));

function auth(registry: string, username: string, pathPrefix?: string): DockerAuth {
  return {
    kind: "password",
    registry,
    username,
    password: "p",
    ...(pathPrefix !== undefined && { pathPrefix }),
  };
}

async function users(
  sources: CredentialSources,
  registry = "ghcr.io",
  signal = SIGNAL,
  onUnread: (unread: UnreadCredentials) => void = () => undefined,
): Promise<string[]> {
  const endpoint = { registry, origin: new URL(`https://${registry}`), prefix: "" };
  const found: string[] = [];
  const wish = { endpoint, repository: "team/app", access: {}, exchange: EXCHANGE, onUnread, signal };
  for await (const each of createKeychain(sources)(wish))
    found.push(each.kind === "password" ? each.username : each.kind);
  return found;
}

describe("a keychain", () => {
  it("gives the workload's first, then the gate's, then the cloud's", async () => {
    const sources = {
      cloud: async (registry: string) => [auth(registry, "cloud")],
      own: async () => [auth("ghcr.io", "own")],
      pullSecrets: async (registry: string) => [auth(registry, "secret")],
    };
    expect(await users(sources)).toEqual(["secret", "own", "cloud"]);
  });

  it.each([
    ["another host", auth("gitlab.com", "x")],
    ["a host above", auth("io", "x")],
    ["a host below", auth("x.ghcr.io", "x")],
    ["a host that ends alike", auth("notghcr.io", "x")],
    ["another port", auth("ghcr.io:443", "x")],
    ["another path", auth("ghcr.io", "x", "other")],
    ["a path that begins alike", auth("ghcr.io", "x", "tea")],
    ["a longer path", auth("ghcr.io", "x", "team/app/sub")],
  ])("never gives what is meant for %s", async (_name, wrong) => {
    expect(await users({ pullSecrets: async () => [wrong] })).toEqual([]);
  });

  it.each(["team", "team/app"])("gives what is meant for the path %s", async (path) => {
    expect(await users({ pullSecrets: async () => [auth("ghcr.io", "x", path)] })).toEqual(["x"]);
  });

  it.each([
    [16, 16, []],
    [17, 16, ["limits/exceeded"]],
  ])("of %i credentials gives %i, and says that there are more", async (count, given, codes) => {
    const all = Array.from({ length: count }, (_, at) => auth("ghcr.io", `u${at}`));
    const said: string[] = [];
    const found = await users(
      { own: async () => all },
      "ghcr.io",
      SIGNAL,
      ({ code }) => void said.push(code),
    );
    expect([found.length, said]).toEqual([given, codes]);
  });

  it("says what was not read where its turn comes, and not before", async () => {
    const unread = { kind: "unread", code: "registry/forbidden", message: "Secret a/b" } as const;
    const steps: string[] = [];
    const endpoint = { registry: "ghcr.io", origin: new URL("https://ghcr.io"), prefix: "" };
    const common = { exchange: EXCHANGE, signal: SIGNAL, endpoint, repository: "team/app", access: {} };
    const listed = [auth("ghcr.io", "first"), unread, auth("ghcr.io", "second")];
    const keychain = createKeychain({ pullSecrets: async () => listed });
    for await (const each of keychain({ ...common, onUnread: ({ message }) => void steps.push(message) }))
      steps.push(each.kind === "password" ? each.username : each.kind);
    expect(steps).toEqual(["first", "Secret a/b", "second"]);
  });

  it("reads pull secrets as the gate's own work, and asks the cloud in the registry's time", async () => {
    const said: string[] = [];
    let isOwn = false;
    const ownWork: OwnWork = async (what, work) => {
      isOwn = true;
      said.push(what);
      return await work().finally(() => (isOwn = false));
    };
    const read: [string, boolean][] = [];
    const from = (name: string) => (): Promise<readonly DockerAuth[]> => {
      read.push([name, isOwn]);
      return Promise.resolve([auth("ghcr.io", name)]);
    };
    const keychain = createKeychain({ pullSecrets: from("secret"), cloud: from("cloud") });
    const endpoint = { registry: "ghcr.io", origin: new URL("https://ghcr.io"), prefix: "" };
    const common = { exchange: EXCHANGE, onUnread: () => undefined, signal: SIGNAL };
    const wish = { ...common, endpoint, repository: "a", access: {}, ownWork };
    for await (const _ of keychain(wish));
    expect([said, read]).toEqual([
      ["pull secrets from the API server"],
      [
        ["secret", true],
        ["cloud", false],
      ],
    ]);
  });

  it("has the cloud ask by the exchange of whoever wants credentials", async () => {
    const given: unknown[] = [];
    await users({ cloud: async (...asked) => (given.push(asked), []) });
    expect(given).toEqual([["ghcr.io", EXCHANGE, SIGNAL]]);
  });

  it("more than 16 credentials: the first 16", async () => {
    const many = Array.from({ length: 40 }, (_, n) => auth("ghcr.io", `u${n}`));
    expect(await users({ pullSecrets: async () => many })).toHaveLength(16);
  });

  it("a source that fails: its fault", async () => {
    const failing = {
      pullSecrets: async () => await Promise.reject(new Fault("internal/unexpected", "no API server")),
    };
    await expect(users(failing)).rejects.toThrow("no API server");
  });

  it.each([
    ["ends while it waits", () => AbortSignal.timeout(20)],
    ["has ended already", () => AbortSignal.abort()],
  ])("waits for a silent source no longer than its time, which %s", async (_, signal) => {
    const silent = { pullSecrets: () => new Promise<never>(() => undefined) };
    await expect(users(silent, "ghcr.io", signal())).rejects.toMatchObject({ code: "deadline/exceeded" });
  });
});
