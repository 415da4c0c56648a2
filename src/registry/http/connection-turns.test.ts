import { describe, expect, it } from "vitest";

import type { OwnWork, RegistryWork } from "../../core/index.ts";
import { takeTurns } from "./connection-turns.ts";
import type { HttpAnswer } from "./http.ts";

const NEVER = new AbortController().signal;

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

interface Asking {
  readonly host?: string;
  readonly signal?: AbortSignal;
  readonly ownWork?: OwnWork;
  readonly registryWork?: RegistryWork;
}

/** An exchange with four places at a host, of which one share alone has two; its requests end when they are told to. */
function heldExchange() {
  const begun: string[] = [];
  const failed: unknown[] = [];
  const ends = new Map<string, PromiseWithResolvers<HttpAnswer>>();
  const exchange = takeTurns(({ url }) => {
    const held = Promise.withResolvers<HttpAnswer>();
    begun.push(url.pathname);
    ends.set(url.pathname, held);
    return held.promise;
  }, 4);
  const ask = async (
    share: string,
    path: string,
    { host = "a.test", signal = NEVER, ...told }: Asking = {},
  ): Promise<void> => {
    const url = new URL(`https://${host}${path}`);
    const request = { method: "GET", url, headers: {}, limit: 1, signal, share, ...told } as const;
    exchange(request).catch((error: unknown) => failed.push(error));
    await settled();
  };
  const end = async (path: string, error?: Error): Promise<void> => {
    const held = ends.get(path);
    const body = Buffer.alloc(0);
    const answer = { status: 200, headers: {}, body, digest: undefined, url: new URL("https://a.test") };
    if (error === undefined) held?.resolve(answer);
    else held?.reject(error);
    await settled();
  };
  return { begun, failed, ask, end };
}

describe("requests to one host", () => {
  it("leave connections to other shares, however many of one share hang", async () => {
    const { begun, ask } = heldExchange();
    for (const nth of [1, 2, 3, 4, 5]) await ask("flood", `/flood${nth}`);
    await ask("shop", "/shop1");
    await ask("docs", "/docs1");
    expect(begun).toEqual(["/flood1", "/flood2", "/shop1", "/docs1"]);
  });

  it("have their turns by share, one request each, where all connections are taken", async () => {
    const { begun, ask, end } = heldExchange();
    for (const share of ["a", "b", "c", "d"]) await ask(share, `/${share}1`);
    for (const nth of [1, 2, 3]) await ask("flood", `/flood${nth}`);
    await ask("shop", "/shop1");
    await end("/a1");
    await end("/b1");
    expect(begun.slice(4)).toEqual(["/flood1", "/shop1"]);
    for (const path of ["/c1", "/d1", "/shop1"]) await end(path);
    expect(begun.slice(6)).toEqual(["/flood2"]);
  });

  it("do not wait for those to another host", async () => {
    const { begun, ask } = heldExchange();
    for (const nth of [1, 2, 3]) await ask("flood", `/flood${nth}`);
    await ask("flood", "/other", { host: "b.test" });
    expect(begun).toEqual(["/flood1", "/flood2", "/other"]);
  });

  it("give their place to the next one when they fail", async () => {
    const { begun, failed, ask, end } = heldExchange();
    for (const nth of [1, 2, 3]) await ask("a", `/${nth}`);
    await end("/1", new Error("reset"));
    expect([begun.at(-1), failed]).toEqual(["/3", [new Error("reset")]]);
  });

  it("whose time ends while they wait are told so, and keep nobody else waiting", async () => {
    const { begun, failed, ask, end } = heldExchange();
    const late = new AbortController();
    for (const share of ["a", "b", "c", "d"]) await ask(share, `/${share}`);
    await ask("e", "/late", { signal: late.signal });
    await ask("f", "/too-late", { signal: AbortSignal.abort() });
    late.abort();
    await settled();
    await ask("g", "/next");
    await end("/a");
    expect(begun).toEqual(["/a", "/b", "/c", "/d", "/next"]);
    expect(failed).toMatchObject([{ code: "deadline/exceeded" }, { code: "deadline/exceeded" }]);
  });

  it("find all places free again after they have ended", async () => {
    const { begun, ask, end } = heldExchange();
    for (const path of ["/1", "/2", "/3"]) await ask("a", path);
    for (const path of ["/1", "/2", "/3"]) await end(path);
    for (const path of ["/4", "/5", "/6"]) await ask("a", path);
    expect(begun).toEqual(["/1", "/2", "/3", "/4", "/5"]);
  });

  it("say that they wait for the gate until their turn comes, and which setting raises the bound", async () => {
    const { begun, ask, end } = heldExchange();
    const waits: string[] = [];
    const ownWork: OwnWork = async (what, work) => {
      waits.push(what);
      return await work().finally(() => waits.push("over"));
    };
    for (const nth of [1, 2, 3]) await ask("a", `/${nth}`, { ownWork });
    const what = "one of 4 connections to a.test (registries.limits.connectionsPerHost)";
    expect([waits, begun]).toEqual([[what], ["/1", "/2"]]);
    await end("/1");
    expect([waits, begun.at(-1)]).toEqual([[what, "over"], "/3"]);
  });

  it("are the registry's work from when they have a connection to their end, and not before", async () => {
    const { ask, end } = heldExchange();
    let asked = 0;
    const registryWork: RegistryWork = async (request) => {
      asked += 1;
      return await request().finally(() => (asked -= 1));
    };
    for (const nth of [1, 2, 3]) await ask("a", `/${nth}`, { registryWork });
    expect(asked).toBe(2);
    await end("/1");
    expect(asked).toBe(2);
    await end("/2");
    await end("/3", new Error("reset"));
    expect(asked).toBe(0);
  });
});
