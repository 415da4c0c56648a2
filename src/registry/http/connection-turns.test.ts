import { describe, expect, it } from "vitest";

import { takeTurns } from "./connection-turns.ts";
import type { HttpAnswer } from "./http.ts";

const NEVER = new AbortController().signal;

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** An exchange with two places at a host, whose requests end when they are told to. */
function heldExchange() {
  const begun: string[] = [];
  const failed: unknown[] = [];
  const ends = new Map<string, PromiseWithResolvers<HttpAnswer>>();
  const exchange = takeTurns(({ url }) => {
    const held = Promise.withResolvers<HttpAnswer>();
    begun.push(url.pathname);
    ends.set(url.pathname, held);
    return held.promise;
  }, 2);
  const ask = async (share: string, path: string, more: { host?: string; signal?: AbortSignal } = {}) => {
    const { host = "a.test", signal = NEVER } = more;
    const url = new URL(`https://${host}${path}`);
    exchange({ method: "GET", url, headers: {}, limit: 1, signal, share }).catch((error: unknown) =>
      failed.push(error),
    );
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
  it("run as many at once as there are connections, and have their turns by share", async () => {
    const { begun, ask, end } = heldExchange();
    for (const nth of [1, 2, 3, 4, 5]) await ask("flood", `/flood${nth}`);
    await ask("shop", "/shop1");
    expect(begun).toEqual(["/flood1", "/flood2"]);
    await end("/flood1");
    await end("/flood2");
    expect(begun.slice(2)).toEqual(["/flood3", "/shop1"]);
    await end("/shop1");
    expect(begun.at(-1)).toBe("/flood4");
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
    await ask("a", "/1");
    await ask("a", "/2");
    await ask("b", "/late", { signal: late.signal });
    await ask("c", "/too-late", { signal: AbortSignal.abort() });
    late.abort();
    await settled();
    await ask("d", "/3");
    await end("/1");
    expect(begun).toEqual(["/1", "/2", "/3"]);
    expect(failed).toMatchObject([{ code: "deadline/exceeded" }, { code: "deadline/exceeded" }]);
  });

  it("find all places free again after they have ended", async () => {
    const { begun, ask, end } = heldExchange();
    for (const path of ["/1", "/2", "/3"]) await ask("a", path);
    for (const path of ["/1", "/2", "/3"]) await end(path);
    for (const path of ["/4", "/5", "/6"]) await ask("a", path);
    expect(begun).toEqual(["/1", "/2", "/3", "/4", "/5"]);
  });
});
