import { setTimeout as sleep } from "node:timers/promises";

import { beforeEach, describe, expect, it } from "vitest";

import { watchDocuments, type WatchedDocuments } from "../../src/kube/index.ts";
import { FAST_TIMING, soon, useKubeFixture } from "../support/kube-fixture.ts";

const MAPS = "/api/v1/namespaces/gate/configmaps";
const POLICY = { configMap: "mc-gate-policy", key: "policy.yaml" };

const fixture = useKubeFixture();
let texts: (string | undefined)[];

beforeEach(() => {
  texts = [];
});

function put(text: string): void {
  fixture().server.store.put(MAPS, {
    metadata: { name: POLICY.configMap, namespace: "gate" },
    data: { [POLICY.key]: text },
  });
}

function start(overrides: Partial<Parameters<typeof watchDocuments>[0]> = {}): WatchedDocuments {
  const { client, onTrouble, stopLater } = fixture();
  const documents = watchDocuments({
    client,
    namespace: "gate",
    documents: [POLICY],
    onText: (_, text) => texts.push(text),
    onTrouble,
    timing: FAST_TIMING,
    ...overrides,
  });
  return stopLater(documents);
}

async function shows(...expected: (string | undefined)[]): Promise<void> {
  await soon(() => expect(texts).toEqual(expected));
}

async function watching(times = 1): Promise<void> {
  await soon(() => expect(count("watch")).toBeGreaterThanOrEqual(times));
}

function count(verb: string): number {
  return fixture().server.requests.filter((request) => request.verb === verb).length;
}

describe("documents in ConfigMaps", () => {
  it("are told at the start, and after an edit without being listed again", async () => {
    put("one");
    start();
    await shows("one");
    await watching();
    const lists = count("list");
    put("two");
    await shows("one", "two");
    expect(count("list")).toBe(lists);
    expect(fixture().troubles).toEqual([]);
  });

  it("are followed by name alone, with the token of the kubeconfig", async () => {
    put("one");
    fixture().server.store.put(MAPS, {
      metadata: { name: "other", namespace: "gate" },
      data: { [POLICY.key]: "not ours" },
    });
    start();
    await watching();
    fixture().server.store.put(MAPS, {
      metadata: { name: "other", namespace: "gate" },
      data: { [POLICY.key]: "still not" },
    });
    await sleep(30);
    expect(texts).toEqual(["one"]);
    expect(new Set(fixture().server.requests.map(({ name }) => name))).toEqual(new Set([POLICY.configMap]));
    expect(new Set(fixture().server.requests.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer the-token"]),
    );
  });

  it("that are not there are told as absent, also later", async () => {
    const { synced } = start();
    expect(synced()).toBe(false);
    await shows(undefined);
    expect(synced()).toBe(true);
    await watching();
    put("one");
    await shows(undefined, "one");
    fixture().server.store.remove(MAPS, POLICY.configMap);
    await shows(undefined, "one", undefined);
    put("two");
    await shows(undefined, "one", undefined, "two");
    fixture().server.store.put(MAPS, { metadata: { name: POLICY.configMap, namespace: "gate" } });
    await shows(undefined, "one", undefined, "two", undefined);
  });

  it("are not told again when something else about them changes", async () => {
    put("one");
    start();
    await watching();
    fixture().server.store.put(MAPS, {
      metadata: { name: POLICY.configMap, namespace: "gate", labels: { some: "label" } },
      data: { [POLICY.key]: "one" },
    });
    put("two");
    await shows("one", "two");
    expect(count("list")).toBe(1);
  });

  it("are not synced, and not said to be absent, as long as the list fails", async () => {
    put("one");
    fixture().server.onRequest = ({ verb }) =>
      verb === "list" ? { kind: "status", status: 403 } : undefined;
    const { synced, ageMs } = start();
    await soon(() => expect(fixture().troubles.length).toBeGreaterThan(2));
    expect([synced(), ageMs(), texts]).toEqual([false, Infinity, []]);
    expect(fixture().troubles[0]).toMatchObject({ status: 403 });
    expect(fixture().troubles[0]?.message).toBe(`GET ${MAPS}: HTTP 403 Forbidden: fake Forbidden`);
    fixture().server.onRequest = () => undefined;
    await shows("one");
    expect(synced()).toBe(true);
    expect(ageMs()).toBeLessThan(Infinity);
  });

  it("are seen after the history was forgotten", async () => {
    put("one");
    start();
    await watching();
    fixture().server.onRequest = ({ verb }) =>
      verb === "watch" ? { kind: "status", status: 500 } : undefined;
    fixture().server.dropConnections();
    put("two");
    fixture().server.store.compact();
    await watching(2);
    fixture().server.onRequest = () => undefined;
    await shows("one", "two");
    expect(count("list")).toBeGreaterThan(1);
  });

  it.each([
    ["410 as an event", `{"type":"ERROR","object":{"kind":"Status","code":410}}\n`],
    ["another error as an event", `{"type":"ERROR","object":{"kind":"Status","code":500}}\n`],
    ["a line that is no JSON", "<html>502 Bad Gateway</html>\n"],
    ["a line that is no event", `{"hello":"world"}\n`],
    ["an object without a name", `{"type":"MODIFIED","object":{"metadata":{}}}\n`],
  ])("are followed on after %s", async (_, text) => {
    put("one");
    start();
    await watching();
    await sleep(20);
    fixture().server.interject(text);
    put("two");
    await shows("one", "two");
    put("three");
    await shows("one", "two", "three");
    expect(count("watch")).toBeGreaterThan(1);
  });

  it.each(["MODIFIED", "DELETED"])(
    "are not those of the same name in another namespace, which an event says are %s",
    async (type) => {
      put("one");
      start();
      await watching();
      await sleep(20);
      const metadata = { name: POLICY.configMap, namespace: "shop", resourceVersion: "1" };
      const object = { metadata, data: { [POLICY.key]: "evil" } };
      fixture().server.interject(`${JSON.stringify({ type: "ADDED", object })}\n`);
      fixture().server.interject(`${JSON.stringify({ type, object })}\n`);
      put("two");
      await shows("one", "two");
      expect(fixture().troubles).toEqual([]);
    },
  );

  it("that cannot be read count as absent, and are said by their kind", async () => {
    put("one");
    start();
    await shows("one");
    const metadata = { name: POLICY.configMap, namespace: "gate" };
    fixture().server.store.put(MAPS, { metadata, data: { [POLICY.key]: 7 } });
    await shows("one", undefined);
    expect(fixture().troubles.map(({ message }) => message)).toEqual([
      "cannot read the object gate/mc-gate-policy: the API server's answer is not a ConfigMap",
    ]);
  });

  it("are watched anew at a line that does not end", async () => {
    put("one");
    start();
    await watching();
    await sleep(20);
    fixture().server.interject("x".repeat(9 * 1024 * 1024));
    await watching(2);
    expect(fixture().troubles.at(-1)?.message).toBe("a line of the watch is too long");
  });

  it("are followed on after connections were lost, and the server was away", async () => {
    put("one");
    start();
    await watching();
    fixture().server.pause();
    put("two");
    await sleep(60);
    expect(fixture().troubles.length).toBeGreaterThan(0);
    fixture().server.resume();
    await shows("one", "two");
    put("three");
    await shows("one", "two", "three");
  });

  it("go on where the watch was after a lost connection, without a new list or old news", async () => {
    put("one");
    start();
    await watching();
    put("two");
    put("three");
    await shows("one", "two", "three");
    fixture().server.dropConnections();
    put("four");
    await shows("one", "two", "three", "four");
    expect(count("list")).toBe(1);
  });

  it("go on from a bookmark", async () => {
    const { server } = fixture();
    put("one");
    start();
    await watching();
    await sleep(20);
    server.interject(`{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"177"}}}\n`);
    await sleep(20);
    server.dropConnections();
    await watching(2);
    expect(server.requests.at(-1)?.query.get("resourceVersion")).toBe("177");
    expect(server.requests.at(-1)?.query.get("allowWatchBookmarks")).toBe("true");
  });

  it("are watched anew when the watch says nothing, and stay fresh by that", async () => {
    put("one");
    const startedMs = performance.now();
    const { ageMs } = start({ timing: { ...FAST_TIMING, silenceMs: 1000, goodLifeMs: 500 } });
    await watching(3);
    const freshMs = performance.now() - ageMs();
    expect(freshMs - startedMs).toBeGreaterThan(1000); // later than the list, after a watch that was silent
    expect([count("list"), fixture().troubles]).toEqual([1, []]);
  });

  it("are listed anew from time to time, whatever the watch says", async () => {
    put("one");
    start({ timing: { ...FAST_TIMING, relistMs: 500 } });
    await soon(() => expect(count("list")).toBeGreaterThanOrEqual(2));
    expect(texts).toEqual(["one"]);
  });

  it("grow old when the server only refuses", async () => {
    put("one");
    const { ageMs, synced } = start();
    await watching();
    fixture().server.onRequest = () => ({ kind: "status", status: 500 });
    fixture().server.dropConnections();
    await sleep(200);
    expect(ageMs()).toBeGreaterThan(150);
    expect(synced()).toBe(true);
  });

  it("survive a handler that throws, and one that throws about that", async () => {
    put("one");
    start({
      onText(_, text) {
        texts.push(text);
        throw new Error("from a handler");
      },
      onTrouble(error) {
        fixture().troubles.push(error);
        throw new Error("from the handler of that");
      },
    });
    await shows("one");
    await watching();
    put("two");
    await shows("one", "two");
    expect(fixture().troubles.map(({ message }) => message)).toContainEqual(
      expect.stringContaining("from a handler"),
    );
  });

  it("are asked for with pauses that grow", async () => {
    const times: number[] = [];
    fixture().server.onRequest = () => {
      times.push(performance.now());
      return { kind: "status", status: 503 };
    };
    start({ timing: { firstPauseMs: 40, longestPauseMs: 160 } });
    await expect.poll(() => times.length).toBeGreaterThanOrEqual(4);
    // 40, 80, 160, 160 …, each between its half and its whole.
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(19);
    expect(times[3]! - times[2]!).toBeGreaterThanOrEqual(79);
  });

  it("say nothing any more once they are stopped", async () => {
    put("one");
    const { stop } = start();
    await watching();
    stop();
    put("two");
    await sleep(50);
    const before = fixture().server.requests.length;
    await sleep(100);
    expect([texts, fixture().troubles, fixture().server.requests.length]).toEqual([["one"], [], before]);
  });

  it("share connections: many calls open few", async () => {
    put("one");
    start();
    await watching();
    for (let call = 0; call < 30; call++)
      await fixture().client.call({ path: `${MAPS}/${POLICY.configMap}` });
    expect(fixture().server.connections()).toBeLessThanOrEqual(3);
  });
});
