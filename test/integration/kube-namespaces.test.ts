import { describe, expect, it } from "vitest";

import { MODE_LABEL } from "../../src/core/index.ts";
import { type WatchedNamespaceModes, watchNamespaceModes } from "../../src/kube/index.ts";
import { FAST_TIMING, soon, useKubeFixture } from "../support/kube-fixture.ts";

const NAMESPACES = "/api/v1/namespaces";
const fixture = useKubeFixture();

function label(name: string, mode?: string): void {
  const labels = mode === undefined ? { some: "label" } : { [MODE_LABEL]: mode };
  fixture().server.store.put(NAMESPACES, { metadata: { name, labels } });
}

function start(): WatchedNamespaceModes {
  const { client, onTrouble, stopLater } = fixture();
  return stopLater(watchNamespaceModes({ client, onTrouble, timing: FAST_TIMING }));
}

describe("namespace modes", () => {
  it.each([
    ["enforce", { known: true, mode: "enforce" }],
    ["advisory", { known: true, mode: "advisory" }],
    ["off", { known: true, mode: "off" }],
    ["Off", { known: true, mode: "enforce" }],
    ["", { known: true, mode: "enforce" }],
    ["disabled", { known: true, mode: "enforce" }],
    [undefined, { known: true }],
  ])("of the label %j are %j", async (value, expected) => {
    label("shop", value);
    const { modeOf, synced } = start();
    expect(modeOf("shop")).toEqual({ known: false });
    await soon(() => expect(synced()).toBe(true));
    expect(modeOf("shop")).toEqual(expected);
    expect(modeOf("elsewhere")).toEqual({ known: false });
  });

  it("know which namespaces are being deleted", async () => {
    const { store } = fixture().server;
    store.put(NAMESPACES, { metadata: { name: "shop" } });
    const { isTerminating, synced } = start();
    expect(isTerminating("shop")).toBe(false);
    await soon(() => expect(synced()).toBe(true));
    expect(isTerminating("shop")).toBe(false);
    store.put(NAMESPACES, { metadata: { name: "shop", deletionTimestamp: "2026-11-24T12:00:00Z" } });
    await soon(() => expect(isTerminating("shop")).toBe(true));
    expect(isTerminating("elsewhere")).toBe(false);
  });

  it("follow the label, and forget a namespace that is gone", async () => {
    label("shop", "off");
    const { modeOf } = start();
    await soon(() => expect(modeOf("shop")).toEqual({ known: true, mode: "off" }));
    label("shop", "enforce");
    await soon(() => expect(modeOf("shop")).toEqual({ known: true, mode: "enforce" }));
    label("shop");
    await soon(() => expect(modeOf("shop")).toEqual({ known: true }));
    fixture().server.store.remove(NAMESPACES, "shop");
    await soon(() => expect(modeOf("shop")).toEqual({ known: false }));
    label("new", "advisory");
    await soon(() => expect(modeOf("new")).toEqual({ known: true, mode: "advisory" }));
  });

  it("have a strictest one, to which those without a label count with the default", async () => {
    label("shop", "advisory");
    label("play", "off");
    const { modeOf, strictest } = start();
    expect(strictest("off")).toBe("enforce"); // nothing is known yet
    await soon(() => expect(modeOf("shop").known).toBe(true));
    expect([strictest("off"), strictest("enforce")]).toEqual(["advisory", "enforce"]);
    label("bank", "enforce");
    await soon(() => expect(strictest("off")).toBe("enforce"));
  });

  it("forget what vanished while nobody watched", async () => {
    label("shop", "off");
    label("other", "off");
    const { modeOf } = start();
    const { server } = fixture();
    await soon(() => expect(server.requests.at(-1)?.verb).toBe("watch"));
    server.pause();
    server.store.remove(NAMESPACES, "shop");
    server.store.compact();
    server.resume();
    await soon(() => expect(modeOf("shop")).toEqual({ known: false }));
    expect(modeOf("other")).toEqual({ known: true, mode: "off" });
  });

  it("come page by page, as metadata only, and not by halves", async () => {
    for (let each = 0; each < 1203; each++) label(`n${each}`, "off");
    const { server, troubles } = fixture();
    server.onRequest = ({ query }) => (query.has("continue") ? { kind: "status", status: 500 } : undefined);
    const { modeOf, synced } = start();
    await soon(() => expect(troubles.length).toBeGreaterThan(1));
    expect([synced(), modeOf("n3")]).toEqual([false, { known: false }]);
    server.onRequest = () => undefined;
    await soon(() => expect(modeOf("n1202")).toEqual({ known: true, mode: "off" }));
    expect(server.requests.filter(({ accept }) => !accept.includes("as=PartialObjectMetadata"))).toEqual([]);
  });

  it("that cannot be read are unknown, and said", async () => {
    const { server, troubles } = fixture();
    server.store.put(NAMESPACES, { metadata: { name: "odd", labels: { [MODE_LABEL]: 7 } } });
    label("shop", "off");
    const { modeOf } = start();
    await soon(() => expect(modeOf("shop").known).toBe(true));
    expect(modeOf("odd")).toEqual({ known: false });
    expect(troubles.map(({ message }) => message)).toEqual([
      "cannot read the object odd: the API server's answer is not a Namespace",
    ]);
  });
});
