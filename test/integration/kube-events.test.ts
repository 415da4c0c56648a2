import { describe, expect, it } from "vitest";

import { createEvents, type KubeEvent, type TellEvent } from "../../src/kube/index.ts";
import { soon, useKubeFixture } from "../support/kube-fixture.ts";

const EVENTS = "/apis/events.k8s.io/v1/namespaces/gate/events";
const BAD: KubeEvent = {
  regarding: { apiVersion: "v1", kind: "ConfigMap", namespace: "gate", name: "mc-gate-policy" },
  reason: "BadDocument",
  action: "KeepLastGood",
  type: "Warning",
  note: "line 3: unknown key",
};
const fixture = useKubeFixture();

function open(): TellEvent {
  const { client, onTrouble } = fixture();
  return createEvents({
    client,
    instance: "mc-gate-0",
    onTrouble,
    retryMs: 10,
    now: () => new Date("2026-11-24T10:00:00.5Z"),
  });
}

describe("events", () => {
  it("say what an Event of events.k8s.io/v1 has to say", async () => {
    const { store } = fixture().server;
    open()(BAD);
    await soon(() => expect(store.list(EVENTS)).toHaveLength(1));
    expect(store.list(EVENTS)[0]).toMatchObject({
      apiVersion: "events.k8s.io/v1",
      kind: "Event",
      eventTime: "2026-11-24T10:00:00.500000Z",
      reportingController: "mc-gate.dev/gate",
      reportingInstance: "mc-gate-0",
      ...BAD,
    });
  });

  it("are told once, and a thousand at once are ten at most", async () => {
    const { store } = fixture().server;
    const tell = open();
    for (let each = 0; each < 5; each++) tell(BAD);
    await soon(() => expect(store.list(EVENTS)).toHaveLength(1));
    for (let each = 0; each < 1000; each++) tell({ ...BAD, note: `line ${each}` });
    await soon(() => expect(store.list(EVENTS).length).toBeGreaterThanOrEqual(4));
    expect(store.list(EVENTS).length).toBeLessThanOrEqual(10);
  });

  it("have a note that is short and printable", async () => {
    const { store } = fixture().server;
    open()({ ...BAD, note: `a\u0000\n${"x".repeat(5000)}` });
    await soon(() => expect(store.list(EVENTS)).toHaveLength(1));
    const note = String(store.list(EVENTS)[0]?.["note"]);
    expect([note.length, note.slice(0, 4)]).toEqual([1000, "a??x"]);
  });

  it("that fail are reported, and nobody waits for them", async () => {
    const { server, troubles } = fixture();
    server.onRequest = () => ({ kind: "status", status: 403 });
    expect(open()(BAD)).toBeUndefined();
    await soon(() => expect(troubles).toHaveLength(1));
    expect(troubles[0]).toMatchObject({ status: 403 });
  });

  it.each([
    ["no answer", { kind: "drop" }],
    ["status 503", { kind: "status", status: 503 }],
    ["status 429", { kind: "status", status: 429 }],
  ] as const)("that come to %s are offered again, in their order, each once", async (_, answer) => {
    const { server, troubles } = fixture();
    server.onRequest = () => answer;
    const tell = open();
    tell(BAD);
    tell({ ...BAD, note: "line 4: unknown key" });
    await soon(() => expect(troubles).toHaveLength(2));
    server.onRequest = () => undefined;
    await soon(() => expect(server.store.list(EVENTS)).toHaveLength(2));
    expect(server.store.list(EVENTS).map((each) => each["eventTime"])).toEqual([
      "2026-11-24T10:00:00.500000Z",
      "2026-11-24T10:00:00.500000Z",
    ]);
  });

  it("that are refused are not offered again, also when others are", async () => {
    const { server, troubles } = fixture();
    const tell = open();
    server.onRequest = () => ({ kind: "status", status: 403 });
    tell(BAD);
    await soon(() => expect(troubles).toHaveLength(1));
    server.onRequest = () => ({ kind: "drop" });
    tell({ ...BAD, note: "line 4: unknown key" });
    await soon(() => expect(troubles).toHaveLength(2));
    server.onRequest = () => undefined;
    await soon(() => expect(server.store.list(EVENTS)).not.toHaveLength(0));
    expect(server.store.list(EVENTS).map((each) => each["note"])).toEqual(["line 4: unknown key"]);
  });

  it("do not end the process when a report throws", async () => {
    const { server, client } = fixture();
    server.onRequest = () => ({ kind: "drop" });
    let reports = 0;
    const onTrouble = (): never => {
      reports += 1;
      throw new Error("from the report");
    };
    createEvents({ client, instance: "x", onTrouble })(BAD);
    await soon(() => expect(reports).toBe(1));
  });
});
